import { CommanderError } from 'commander';
import { AgentTowerError, type ErrorCode } from '../../domain/errors.ts';
import { type CommandContext, printJson, printNote } from './context.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';
import { toPlainText } from './render/plain-text.ts';
import { hasProblems, renderProblemLines } from './render/problem-lines.ts';
import { UsageError } from './usage-error.ts';

/** Tells the user what went wrong, in the form they asked for, and gives the exit code for it. */
export async function reportFailure(context: CommandContext, error: unknown): Promise<ExitCode> {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
  // The help of a command group was shown in place of a command that was not named.
  if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
  const failure = describeFailure(error);
  if (wantsJson(context.world.argv)) {
    const { code, message, details } = failure;
    printJson(context, { error: { code, message, details: details ?? null } });
    return failure.exitCode;
  }
  for (const line of await renderFailure(error, failure, context.world.cwd)) {
    printNote(context, line);
  }
  return failure.exitCode;
}

/** The daemon's messages say what to do next; only mistakes in files need more room than a sentence. */
async function renderFailure(
  error: unknown,
  failure: Failure,
  cwd: string,
): Promise<readonly string[]> {
  const [first = '', ...more] = failure.message.split('\n').map(toPlainText);
  const headline = `error: ${first}`;
  if (!(error instanceof AgentTowerError) || !hasProblems(error.details)) {
    return [headline, ...more];
  }
  return [headline, ...(await renderProblemLines(error.details.problems, cwd))];
}

/** Whether the command line asks for JSON; read from argv, because what failed may be its parsing. */
export function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, at) =>
      /^(--json|-o=?json|--output=json)$/.test(word) ||
      ((word === '-o' || word === '--output') && argv[at + 1] === 'json'),
  );
}

interface Failure {
  readonly code: ErrorCode | 'usage' | 'failed';
  readonly message: string;
  readonly details?: unknown;
  readonly exitCode: ExitCode;
}

function describeFailure(error: unknown): Failure {
  if (error instanceof AgentTowerError) {
    const { code, message, details } = error as AgentTowerError;
    return { code, message, details, exitCode: exitCodeOf(code) };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof CommanderError || error instanceof UsageError) {
    return { code: 'usage', message: message.replace(/^error: /, ''), exitCode: EXIT.usage };
  }
  return { code: 'failed', message, exitCode: EXIT.failed };
}
