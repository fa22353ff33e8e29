import { type CommandContext, printJson } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { parseLayoutReference } from '../references.ts';
import { resolveWholeLayout } from '../resolve-reference.ts';

export interface ExportOptions {
  readonly container?: string;
  readonly json?: boolean;
}

/** Prints a layout as the manifest that declares it as it is. Environment values stand there in clear. */
export async function exportManifest(
  context: CommandContext,
  reference: string,
  options: ExportOptions,
): Promise<ExitCode> {
  parseLayoutReference(reference);
  const result = await withDaemon(context, async (client) => {
    const address = await resolveWholeLayout(client, reference, options.container);
    return await callDaemon(client, 'layout.export', address);
  });
  if (options.json === true) printJson(context, result);
  else context.world.stdout.write(result.manifest);
  return EXIT.done;
}
