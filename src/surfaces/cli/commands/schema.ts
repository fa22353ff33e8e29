import { KINDS, schemaOf } from '../../../manifest/schemas/kinds.ts';
import { type CommandContext, printJson } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { UsageError } from '../usage-error.ts';

/** Prints the JSON Schema of a kind, for editors and for checks elsewhere. */
export function schema(context: CommandContext, kindText: string): Promise<ExitCode> {
  const kind = KINDS.find((each) => each.toLowerCase() === kindText.toLowerCase());
  if (kind === undefined) {
    throw new UsageError(`there is no kind ${kindText}: choose one of ${KINDS.join(', ')}`);
  }
  printJson(context, schemaOf(kind));
  return Promise.resolve(EXIT.done);
}
