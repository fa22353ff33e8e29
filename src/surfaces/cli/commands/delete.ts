import { type CommandContext, printJson, printLines } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readManifests } from '../manifest-input.ts';
import { parseWholeLayout } from '../references.ts';
import { renderObjects } from '../render/object-lines.ts';
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
  const params =
    references.length > 0
      ? { layouts: references.map((text) => addressOf(text, options.container)) }
      : { files: await readManifests(context, paths) };
  const result = await withDaemon(context, (client) =>
    callDaemon(client, 'manifest.delete', params),
  );
  if (options.output === 'json') printJson(context, result);
  else printLines(context, renderObjects(result.objects, { paint: context.paint }));
  if (options.wait !== true) return EXIT.done;
  const targets = result.objects
    .filter(({ kind, action }) => kind === 'Layout' && action === 'deleted')
    .map(({ name, container }) => ({ name, container, generation: 0 }));
  const outcome = await waitForLayouts(context, targets, {
    goal: 'absent',
    timeoutMs: options.timeout,
    isSilent: true,
  });
  return reportOutcome(context, outcome, options.timeout);
}

function addressOf(
  text: string,
  container: string | undefined,
): { readonly name: string; readonly container?: string } {
  const name = parseWholeLayout(text);
  return container === undefined ? { name } : { name, container };
}
