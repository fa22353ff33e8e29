import { type CommandContext, printJson, printLines, printNote } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readManifests } from '../manifest-input.ts';
import { parseLayoutReference } from '../references.ts';
import { renderObjects } from '../render/object-lines.ts';
import { resolveWholeLayout } from '../resolve-reference.ts';
import { UsageError } from '../usage-error.ts';
import { reportOutcome } from '../waiting/outcome.ts';
import { waitForLayouts } from '../waiting/wait-for-layouts.ts';

export interface DeleteOptions {
  readonly filename?: readonly string[];
  readonly container?: string;
  readonly wait?: boolean;
  readonly timeout: number;
  readonly output: 'text' | 'json';
}

/** Withdraws declarations; their panes are killed by the loop. */
export async function remove(
  context: CommandContext,
  references: readonly string[],
  options: DeleteOptions,
): Promise<ExitCode> {
  const paths = options.filename ?? [];
  if ((references.length === 0) === (paths.length === 0)) {
    throw new UsageError('name what to delete: either -f PATH… or layout/NAME…');
  }
  references.forEach(parseLayoutReference);
  const files = paths.length === 0 ? [] : await readManifests(context, paths);
  const result = await withDaemon(context, async (client) => {
    const named = references.map((text) => resolveWholeLayout(client, text, options.container));
    const layouts = await Promise.all(named);
    return await callDaemon(
      client,
      'manifest.delete',
      layouts.length > 0 ? { layouts } : { files },
    );
  });
  if (result.objects.length === 0) printNote(context, 'these files declare nothing');
  if (options.output === 'json') printJson(context, result);
  else printLines(context, renderObjects(result.objects, { paint: context.paint }));
  if (options.wait !== true) return EXIT.done;
  const targets = result.objects
    // Without a container nothing but the declaration was there.
    .filter(
      (one) => one.kind === 'Layout' && one.action === 'deleted' && one.container !== undefined,
    )
    .map(({ name, container }) => ({ name, container, generation: 0 }));
  const outcome = await waitForLayouts(context, targets, {
    goal: 'absent',
    timeoutMs: options.timeout,
    isSilent: true,
  });
  return reportOutcome(context, outcome, options.timeout);
}
