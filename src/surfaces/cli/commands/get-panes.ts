import type { CommandContext } from '../context.ts';
import type { Listing } from '../print-rows.ts';
import { parseLayoutReference } from '../references.ts';
import { agentColumns, type PlacedPane, paneColumns, placePanes } from '../render/pane-table.ts';
import type { CliClient } from '../world.ts';
import { type Selection, selectLayouts } from './get-selection.ts';

/** Panes, or the agents on them, of the layouts selected; a name is a layout, a slot, or for agents an agent. */
export async function listPanes(
  context: CommandContext,
  client: CliClient,
  selection: Selection,
): Promise<Listing<PlacedPane>> {
  const { resource, name, isWide } = selection;
  const isAgents = resource === 'agents';
  const isAgentId = isAgents && name?.startsWith('agt_') === true;
  const reference = name === undefined || isAgentId ? undefined : parseLayoutReference(name);
  const container = reference?.container ?? selection.container;
  const layouts = await selectLayouts(client, { ...selection, name: reference?.name, container });
  const slot = reference?.slot;
  const rows = placePanes(layouts).filter(
    (pane) =>
      (slot === undefined || pane.slot === slot || pane.label === slot) &&
      (!isAgents || pane.agent_id !== null) &&
      (!isAgentId || pane.agent_id === name),
  );
  const look = { wide: isWide, now: context.world.now() };
  return {
    rows,
    columns: isAgents ? agentColumns(look) : paneColumns(look),
    nameOf: (pane) =>
      isAgents ? `agent/${pane.agent_id ?? ''}` : `layout/${pane.layout}/${pane.slot}`,
    isSingle: slot !== undefined || isAgentId,
    empty: `no ${resource}`,
  };
}
