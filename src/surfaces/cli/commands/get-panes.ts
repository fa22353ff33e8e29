import type { CommandContext } from '../context.ts';
import type { Listing } from '../print-rows.ts';
import { type PlacedPane, paneColumns, placePanes } from '../render/pane-table.ts';
import { resolveReference } from '../resolve-reference.ts';
import type { CliClient } from '../world.ts';
import { isNarrowed, type Selection, selectLayouts } from './get-selection.ts';
import { whyNothing } from './why-nothing.ts';

/** Panes of the layouts selected; a name is a layout or a slot. */
export async function listPanes(
  context: CommandContext,
  client: CliClient,
  selection: Selection,
): Promise<Listing<PlacedPane>> {
  const { name, isWide } = selection;
  const reference =
    name === undefined ? undefined : await resolveReference(client, name, selection.container);
  const container = reference?.container ?? selection.container;
  const layouts = await selectLayouts(client, { ...selection, name: reference?.name, container });
  const slot = reference?.slot;
  const rows = placePanes(layouts).filter(
    (pane) => slot === undefined || pane.slot === slot || pane.label === slot,
  );
  return {
    rows,
    columns: paneColumns({ panes: rows, wide: isWide, now: context.world.now() }),
    nameOf: (pane) => `layout/${pane.layout}/${pane.slot}`,
    isSingle: slot !== undefined,
    empty:
      rows.length > 0
        ? ''
        : await whyNothing(client, {
            what: 'panes',
            onHost: 'no panes',
            isNarrowed: isNarrowed(selection),
          }),
  };
}
