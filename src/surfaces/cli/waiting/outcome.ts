import { formatDuration } from '../../../lib/duration.ts';
import { type CommandContext, printNote } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { WaitOutcome } from './wait-for-layouts.ts';

const EXIT_BY_OUTCOME: Readonly<Record<WaitOutcome['kind'], ExitCode>> = {
  reached: EXIT.done,
  hopeless: EXIT.notReady,
  'timed out': EXIT.timedOut,
  interrupted: EXIT.interrupted,
};

/** Says how a wait ended, unless it simply succeeded, and gives the exit code for it. */
export function reportOutcome(
  context: CommandContext,
  outcome: WaitOutcome,
  timeoutMs: number,
): ExitCode {
  for (const line of renderOutcome(outcome, timeoutMs)) printNote(context, line);
  return EXIT_BY_OUTCOME[outcome.kind];
}

/** What is said about the end of a wait; nothing when it succeeded. */
function renderOutcome(outcome: WaitOutcome, timeoutMs: number): readonly string[] {
  const reasons = outcome.reasons.map((reason) => `  ${reason}`);
  switch (outcome.kind) {
    case 'reached':
      return [];
    case 'hopeless':
      return ['error: this does not get there by itself:', ...reasons, LOOK_CLOSER];
    case 'timed out':
      return [
        `error: not there after ${formatDuration(timeoutMs)} (agenttowerd goes on with it); still missing:`,
        ...reasons,
      ];
    case 'interrupted':
      return ['stopped waiting; agenttowerd goes on with it (agenttower get panes shows how far)'];
  }
}

const LOOK_CLOSER = 'look closer: agenttower describe layout/NAME';
