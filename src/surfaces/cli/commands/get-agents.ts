import type { AgentView } from '../../api/agent-protocol.ts';
import type { CommandContext } from '../context.ts';
import { callDaemon } from '../daemon-calls.ts';
import type { Listing } from '../print-rows.ts';
import { paneOf } from '../render/agent-rows.ts';
import { type AgentRow, agentColumns } from '../render/agent-table.ts';
import { placePanes } from '../render/pane-table.ts';
import { resolveReference } from '../resolve-reference.ts';
import type { CliClient } from '../world.ts';
import { type Selection, selectLayouts } from './get-selection.ts';

/** Agents of every origin; a name is an agent's id or label, a layout, or a slot of one. */
export async function listAgents(
  context: CommandContext,
  client: CliClient,
  selection: Selection,
): Promise<Listing<AgentRow>> {
  const { name, isWide } = selection;
  const { container: container_id } = selection;
  const known = await callDaemon(client, 'list_agents', { active_only: true, container_id });
  const named = known.agents.filter(({ agent_id: id, label }) => id === name || label === name);
  const rows =
    named.length > 0
      ? (await rowsOf(client, { ...selection, name: undefined }, named)).filter((row) =>
          named.some(({ agent_id: id }) => id === row.agent_id),
        )
      : await rowsOf(client, selection, known.agents);
  return {
    rows,
    columns: agentColumns({ wide: isWide, now: context.world.now() }),
    nameOf: (row) => `agent/${row.agent_id}`,
    isSingle: named.length === 1,
    empty: 'no agents',
  };
}

async function rowsOf(
  client: CliClient,
  selection: Selection,
  agents: readonly AgentView[],
): Promise<readonly AgentRow[]> {
  const byId = new Map(agents.map((agent) => [agent.agent_id, agent]));
  const managed = await managedRows(client, selection);
  const ours = managed.map((row): AgentRow => {
    const said = byId.get(row.agent_id);
    if (said === undefined) return row;
    // The registry has the last word on what may be said of an agent while it lives.
    const { label, role, capability } = said;
    return { ...row, label, role, capability, ...toState(said) };
  });
  const isOfLayouts = selection.name !== undefined || selection.labels.size > 0;
  if (isOfLayouts) return ours;
  const adopted = agents.filter((agent) => agent.origin === 'adopted');
  return [...ours, ...adopted.map(toAdoptedRow)];
}

async function managedRows(client: CliClient, selection: Selection): Promise<readonly AgentRow[]> {
  const { name } = selection;
  const reference =
    name === undefined ? undefined : await resolveReference(client, name, selection.container);
  const container = reference?.container ?? selection.container;
  const layouts = await selectLayouts(client, { ...selection, name: reference?.name, container });
  const slot = reference?.slot;
  return placePanes(layouts).flatMap((pane) => {
    const { agent_id: id } = pane;
    if (id === null) return [];
    if (slot !== undefined && pane.slot !== slot && pane.label !== slot) return [];
    const place = `${pane.layout}/${pane.slot}`;
    return [{ ...pane, ...NO_STATE, agent_id: id, origin: 'managed', place }];
  });
}

function toAdoptedRow(agent: AgentView): AgentRow {
  return {
    agent_id: agent.agent_id,
    origin: 'adopted',
    label: agent.label,
    role: agent.role,
    capability: agent.capability,
    status: agent.active ? 'Active' : 'Gone',
    ...toState(agent),
    container: agent.container_name,
    place: paneOf(agent),
    tmux_pane_id: agent.tmux_pane_id,
    pid: agent.pane_pid,
    log_path: null,
    started_at: agent.created_at,
  };
}

type State = Pick<AgentView, 'state' | 'state_source' | 'state_confidence' | 'state_since'>;

/** Of an agent that the registry does not list: its pane is being started, or has ended. */
const NO_STATE: State = {
  state: 'unknown',
  state_source: null,
  state_confidence: 'low',
  state_since: null,
};

function toState(agent: AgentView): State {
  const { state, state_source, state_confidence, state_since } = agent;
  return { state, state_source, state_confidence, state_since };
}
