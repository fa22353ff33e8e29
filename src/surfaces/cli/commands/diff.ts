import { type CommandContext, printJson, printLines } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readManifests } from '../manifest-input.ts';
import { renderDiff } from '../render/plan-text.ts';

export interface DiffOptions {
  readonly filename: readonly string[];
  readonly detailedExitcode?: boolean;
  readonly output: 'text' | 'json';
}

/** Prints, field by field, where the files differ from what the daemon has recorded. */
export async function diff(context: CommandContext, options: DiffOptions): Promise<ExitCode> {
  const files = await readManifests(context, options.filename);
  const { items } = await withDaemon(context, (client) =>
    callDaemon(client, 'manifest.diff', { files }),
  );
  if (options.output === 'json') printJson(context, { items });
  else printLines(context, renderDiff(items, context.paint));
  const differs = items.some(({ changes }) => changes.length > 0);
  return differs && options.detailedExitcode === true ? EXIT.changes : EXIT.done;
}
