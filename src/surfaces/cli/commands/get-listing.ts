import type { LayoutView } from '../../api/protocol.ts';
import type { CommandContext } from '../context.ts';
import type { Listing } from '../print-rows.ts';
import { layoutColumns } from '../render/layout-table.ts';
import { resolveReference } from '../resolve-reference.ts';
import type { CliClient } from '../world.ts';
import { isNarrowed, type Selection, selectLayouts } from './get-selection.ts';
import { whyNothing } from './why-nothing.ts';

/** Gives a listing, whatever its rows are, to someone who shows it. */
export type ShowListing = <T>(show: <Row>(listing: Listing<Row>) => T) => T;

/** Asks the daemon for the selected things. Only what a resource needs is loaded. */
export async function fetchListing(
  context: CommandContext,
  client: CliClient,
  selection: Selection,
): Promise<ShowListing> {
  switch (selection.resource) {
    case 'layouts': {
      const listing = await listLayouts(context, client, selection);
      return (show) => show(listing);
    }
    case 'agents': {
      const { listAgents } = await import('./get-agents.ts');
      const listing = await listAgents(context, client, selection);
      return (show) => show(listing);
    }
    case 'panes': {
      const { listPanes } = await import('./get-panes.ts');
      const listing = await listPanes(context, client, selection);
      return (show) => show(listing);
    }
    case 'sources': {
      const { listSources } = await import('./get-sources.ts');
      const listing = await listSources(context, client, selection);
      return (show) => show(listing);
    }
    case 'containers': {
      const { listContainers } = await import('./get-sources.ts');
      const listing = await listContainers(client, selection);
      return (show) => show(listing);
    }
    case 'events': {
      const { listEvents } = await import('./get-events.ts');
      const listing = await listEvents(context, client, selection);
      return (show) => show(listing);
    }
  }
}

async function listLayouts(
  context: CommandContext,
  client: CliClient,
  selection: Selection,
): Promise<Listing<LayoutView>> {
  const { name: text, container: beside } = selection;
  const { name, container = beside } =
    text === undefined ? {} : await resolveReference(client, text, beside);
  const rows = await selectLayouts(client, { ...selection, name, container });
  const onHost = 'no layouts; declare one: agenttower apply -f FILE';
  return {
    rows,
    columns: layoutColumns({ wide: selection.isWide, now: context.world.now() }),
    nameOf: (layout) => `layout/${layout.name}`,
    isSingle: name !== undefined,
    empty:
      rows.length > 0
        ? ''
        : await whyNothing(client, { what: 'layouts', onHost, isNarrowed: isNarrowed(selection) }),
  };
}
