import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../../lib/duration.ts';
import type { CommandContext } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';

/** A command's own code: its arguments as typed, then its options. */
export type Implementation<Args extends readonly unknown[]> = (
  context: CommandContext,
  ...args: Args
) => Promise<ExitCode>;

/** The command tree under construction, and what its commands ended with. */
export interface CommandLine {
  readonly program: Command;
  /**
   * An action that loads its implementation when it is chosen, so that no command pays for another. Commander
   * passes arguments, options and the command; the implementation takes all but the last.
   */
  readonly runs: <Args extends readonly unknown[]>(
    load: () => Promise<Implementation<Args>>,
  ) => (...args: readonly [...Args, Command]) => Promise<void>;
}

/** Gives a command an example that its help ends with. */
export function addExample(command: Command, ...lines: readonly string[]): Command {
  const shown = lines.map((line) => `  $ agenttower ${line}`).join('\n');
  return command.addHelpText('after', `\nExample:\n${shown}`);
}

export function filenameOption(): Option {
  return new Option('-f, --filename <path...>', 'manifest file, directory of them, or - for stdin');
}

export function textOrJsonOption(): Option {
  return new Option('-o, --output <format>', 'how to print it')
    .choices(['text', 'json'])
    .default('text');
}

export function timeoutOption(): Option {
  return new Option('--timeout <duration>', 'how long to wait at most, e.g. 90s or 2m')
    .argParser(parseDurationArgument)
    .default(120_000, '2m');
}

export function containerOption(): Option {
  return new Option('--container <name>', 'which container, where a name stands in several');
}

export function jsonOption(): Option {
  return new Option('--json', 'print one JSON object');
}

export function confirmPruneOption(): Option {
  return new Option(
    '--confirm-prune <count>',
    'allow a prune above the limit, by the number of panes it kills',
  ).argParser(parseCount);
}

export function parseDurationArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new InvalidArgumentError('Write a duration such as 90s, 2m or 1h30m.');
  return ms;
}

export function parseCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Write a whole number.');
  return Number(text);
}
