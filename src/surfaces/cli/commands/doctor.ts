import { type CommandContext, printJson, printLines } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type Paint, toneOf } from '../render/paint.ts';
import { padText, toPlainText } from '../render/plain-text.ts';
import { type Check, observeHealth } from './doctor-checks.ts';

/** Looks at everything AgentTower needs and says what to do about what is wrong. Exit code 1 if something failed. */
export async function doctor(
  context: CommandContext,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const checks = await observeHealth(context);
  const hasFailed = checks.some(({ result }) => result === 'fail');
  if (options.json === true) printJson(context, { ok: !hasFailed, checks });
  else printLines(context, renderChecks(checks, context.paint));
  return hasFailed ? EXIT.failed : EXIT.done;
}

/** One line per check, with the remedy below. */
export function renderChecks(checks: readonly Check[], paint: Paint): readonly string[] {
  const width = Math.max(...checks.map(({ name }) => name.length)) + 2;
  return checks.flatMap(({ name, result, message, remedy }) => {
    const word = paint(padText(result, 6), toneOf(result));
    const line = `${word}${padText(name, width)}${toPlainText(message)}`;
    return remedy === undefined ? [line] : [line, `${' '.repeat(6)}-> ${toPlainText(remedy)}`];
  });
}
