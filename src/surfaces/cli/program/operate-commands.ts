import { InvalidArgumentError } from 'commander';
import type { OperateOptions } from '../commands/operate.ts';
import type { CommandContext } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import {
  addExample,
  type CommandLine,
  containerOption,
  jsonOption,
  parseDurationArgument,
} from './command-line.ts';

/** stop, start, restart, suspend, resume: what a human wants now. */
export function addOperateCommands(line: CommandLine): void {
  const stop = addSlotCommand(line, 'stop', 'end panes and hold them: they stay down until started')
    .option('--for <duration>', 'end the hold by itself after this time', parseHoldTime)
    .option('--reason <text>', 'shown wherever the hold is shown');
  addExample(stop, 'stop layout/payments/m1 --for 24h --reason "rate limit"');

  const start = addSlotCommand(line, 'start', 'end the hold: the panes come back');
  addExample(start, 'start layout/payments/m1');

  const restart = addSlotCommand(line, 'restart', 'replace panes now, whatever their back-off');
  addExample(restart, 'restart layout/payments');

  const suspend = addLayoutCommand(
    line,
    'suspend',
    'leave a layout alone: looked at, not acted on',
  ).option('--reason <text>', 'shown wherever the suspension is shown');
  addExample(suspend, 'suspend layout/payments --reason "debugging by hand"');

  const resume = addLayoutCommand(line, 'resume', 'act on a suspended layout again');
  addExample(resume, 'resume layout/payments');
}

type Run = (
  context: CommandContext,
  references: readonly string[],
  options: OperateOptions,
) => Promise<ExitCode>;

function addSlotCommand(
  { program, runs }: CommandLine,
  verb: 'stop' | 'start' | 'restart',
  description: string,
): ReturnType<typeof program.command> {
  return program
    .command(verb)
    .description(description)
    .argument('<layout-or-slot...>', 'layout/NAME, or layout/NAME/SLOT for one of its slots')
    .addOption(containerOption())
    .addOption(jsonOption())
    .action(
      runs(async () => {
        const { operate } = await import('../commands/operate.ts');
        const run: Run = (context, references, options) =>
          operate(context, verb, { references, options });
        return run;
      }),
    );
}

function addLayoutCommand(
  { program, runs }: CommandLine,
  verb: 'suspend' | 'resume',
  description: string,
): ReturnType<typeof program.command> {
  return program
    .command(verb)
    .description(description)
    .argument('<layout...>', 'layouts, as NAME or layout/NAME')
    .addOption(containerOption())
    .addOption(jsonOption())
    .action(
      runs(async () => {
        const { setSuspension } = await import('../commands/operate.ts');
        const run: Run = (context, references, options) =>
          setSuspension(context, verb, { references, options });
        return run;
      }),
    );
}

const LONGEST_HOLD_MS = 365 * 86_400_000;

function parseHoldTime(text: string): number {
  const ms = parseDurationArgument(text);
  if (ms > 0 && ms <= LONGEST_HOLD_MS) return ms;
  throw new InvalidArgumentError(
    'A hold ends after at most 365d; without --for it lasts until start.',
  );
}
