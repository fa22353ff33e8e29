/** A command of tmux as data: its name, flags and arguments, unquoted. How it is written depends on the tmux. */
export type Command = readonly Word[];

/** Text, which arrives as it is, or commands for a command that takes some. */
export type Word = string | Block;

export interface Block {
  readonly commands: readonly Command[];
}

/** At least one: tmux before 3.0 takes an empty text for an error. */
export function block(...commands: readonly Command[]): Block {
  return { commands };
}

/** `-t TARGET`; nothing for the current one. */
export function targetWords(target: string | undefined): readonly string[] {
  return target === undefined ? [] : ['-t', target];
}

export interface Conditional {
  /** A format. */
  readonly condition: string;
  readonly target?: string | undefined;
}

/** Runs the first commands when the condition holds for the target, and the others when not. */
export function ifShell(
  { condition, target }: Conditional,
  yes: readonly Command[],
  no: readonly Command[] = [],
): Command {
  const otherwise = no.length === 0 ? [] : [block(...no)];
  return ['if-shell', '-F', ...targetWords(target), condition, block(...yes), ...otherwise];
}
