import { type CommandContext, printJson } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { parseWholeLayout } from '../references.ts';

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
  const name = parseWholeLayout(reference);
  const { container } = options;
  const result = await withDaemon(context, (client) =>
    callDaemon(client, 'layout.export', { name, container }),
  );
  if (options.json === true) printJson(context, result);
  else context.world.stdout.write(result.manifest);
  return EXIT.done;
}
