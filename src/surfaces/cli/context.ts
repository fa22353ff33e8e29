import type { Paint } from './render/paint.ts';
import type { CliWorld } from './world.ts';

/** What every command gets: the world, the colours that suit the terminal, and word of a Ctrl-C. */
export interface CommandContext {
  readonly world: CliWorld;
  readonly paint: Paint;
  /** Aborts on the first Ctrl-C. */
  readonly interrupted: AbortSignal;
}

/** Prints lines to standard output, each ended by a line break. */
export function printLines(context: CommandContext, lines: readonly string[]): void {
  if (lines.length > 0) context.world.stdout.write(`${lines.join('\n')}\n`);
}

/** Prints one value as JSON, indented for people and still one document for programs. */
export function printJson(context: CommandContext, value: unknown): void {
  context.world.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** A remark beside the result: standard error, so that pipes stay clean. */
export function printNote(context: CommandContext, line: string): void {
  context.world.stderr.write(`${line}\n`);
}

export interface TerminalSize {
  readonly columns: number | undefined;
  readonly rows: number | undefined;
}

/** Size of the terminal we print to; nothing is known of pipes, nor of terminals that say they have no columns. */
export function terminalSize({ world: { stdout } }: CommandContext): TerminalSize {
  if (stdout.isTTY !== true) return { columns: undefined, rows: undefined };
  // Some pseudo terminals report 0 x 0.
  return { columns: stdout.columns || undefined, rows: stdout.rows || undefined };
}
