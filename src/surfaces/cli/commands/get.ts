import type { CommandContext } from '../context.ts';
import { withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { OutputFormat } from '../print-rows.ts';
import { parseResource, parseSelector, type Resource } from '../references.ts';
import { UsageError } from '../usage-error.ts';
import type { CliClient } from '../world.ts';
import { fetchListing } from './get-listing.ts';
import type { Selection } from './get-selection.ts';

export interface GetOptions {
  readonly output?: Exclude<OutputFormat, 'table'>;
  readonly watch?: boolean;
  readonly container?: string;
  readonly selector?: string;
  readonly since?: number;
  readonly limit?: number;
}

/** Lists one kind of thing, once or for as long as one watches. */
export async function get(
  context: CommandContext,
  resourceText: string,
  nameText: string | undefined,
  options: GetOptions,
): Promise<ExitCode> {
  const { resource, name = nameText } = parseResource(resourceText);
  const format = options.output ?? 'table';
  if (options.watch === true && format !== 'table' && format !== 'wide') {
    throw new UsageError('-w shows a table: leave -o away, or use -o wide');
  }
  refuseIdle(resource, options);
  const selection: Selection = {
    resource,
    name: withoutKind(name, resource),
    container: options.container,
    labels: options.selector === undefined ? new Map() : parseSelector(options.selector),
    since: options.since,
    limit: options.limit,
    isWide: format === 'wide',
  };
  await withDaemon(context, (client) =>
    options.watch === true
      ? watch(context, client, selection)
      : print(context, client, selection, format),
  );
  return context.interrupted.aborted ? EXIT.interrupted : EXIT.done;
}

/** An option that was ignored would be taken for one that was heeded. */
function refuseIdle(resource: Resource, { selector, since, limit }: GetOptions): void {
  const hasLayout = resource === 'layouts' || resource === 'panes' || resource === 'agents';
  if (selector !== undefined && !hasLayout) {
    throw new UsageError(`-l selects by the labels of layouts, which ${resource} do not have`);
  }
  const idle = [
    ...(since === undefined ? [] : ['--since']),
    ...(limit === undefined ? [] : ['--limit']),
  ];
  if (resource === 'events' || idle.length === 0) return;
  const verb = idle.length === 1 ? 'is' : 'are';
  throw new UsageError(`${idle.join(' and ')} ${verb} for events only: agenttower get events`);
}

async function print(
  context: CommandContext,
  client: CliClient,
  selection: Selection,
  format: OutputFormat,
): Promise<void> {
  const { printListing } = await import('../print-rows.ts');
  const print = await fetchListing(context, client, selection);
  await print((listing) => printListing(context, listing, format));
}

async function watch(
  context: CommandContext,
  client: CliClient,
  selection: Selection,
): Promise<void> {
  if (selection.resource === 'events') {
    const { watchEvents } = await import('./get-events.ts');
    await watchEvents(context, client, selection);
    return;
  }
  const { watchListing } = await import('./get-watch.ts');
  await watchListing(context, () => fetchListing(context, client, selection));
}

/** `get layout layout/payments` means the same as `get layout payments`. */
function withoutKind(name: string | undefined, resource: Resource): string | undefined {
  const prefix = `${resource.slice(0, -1)}/`;
  return name?.startsWith(prefix) === true ? name.slice(prefix.length) : name;
}
