import { explainPath } from '../../../manifest/explain.ts';
import { type CommandContext, printLines } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { renderExplanation } from '../render/explanation.ts';
import { UsageError } from '../usage-error.ts';

/** Explains a kind or one of its fields, from the same schema that checks it. */
export function explain(context: CommandContext, path: string): Promise<ExitCode> {
  const found = explainPath(path);
  if (!found.ok) {
    const { message, hint } = found.error;
    throw new UsageError(hint === undefined ? message : `${message}; ${hint}`);
  }
  printLines(context, renderExplanation(found.value, context.paint));
  return Promise.resolve(EXIT.done);
}
