import type Database from 'better-sqlite3';
import type { AgentStore, AgentTransaction, RegisteredAgent } from '../../agents/ports.ts';
import type { Capability } from '../../domain/agents.ts';
import type { AgentId, ContainerId, Epoch, PaneId, TmuxPaneId } from '../../domain/ids.ts';
import type { Role } from '../../domain/spec.ts';
import { type EndPorts, openAgentEnds } from './agent-ends.ts';
import { type Columns, optional } from './columns.ts';

interface AgentRow {
  readonly agent_id: AgentId;
  readonly managed_pane_id: PaneId | null;
  readonly container: ContainerId;
  readonly label: string;
  readonly role: Role;
  readonly capability: Capability;
  readonly origin: 'managed' | 'adopted';
  readonly active: number;
  readonly socket: string;
  readonly epoch: Epoch | null;
  readonly tmux_pane_id: TmuxPaneId | null;
  readonly pid: number | null;
  readonly session: string | null;
  readonly window_index: number | null;
  readonly pane_index: number | null;
  readonly working_dir: string | null;
  readonly project_path: string;
  readonly parent_agent_id: AgentId | null;
  readonly created_at: number;
  readonly registered_at: number | null;
  readonly seen_at: number | null;
}

/** Where a managed agent's pane is stands with its incarnation. */
const AGENTS = `
  SELECT agents.agent_id, managed_pane_id, agents.container, agents.label, role, capability, origin, active, socket,
    coalesce(agents.epoch, managed_pane.epoch) AS epoch,
    coalesce(agents.tmux_pane_id, managed_pane.tmux_pane_id) AS tmux_pane_id,
    coalesce(agents.pid, managed_pane.pid) AS pid,
    coalesce(agents.session, managed_pane.session) AS session,
    window_index, coalesce(pane_index, position) AS pane_index,
    coalesce(working_dir, spec_json ->> '$.workingDir') AS working_dir,
    project_path, parent_agent_id, agents.created_at, registered_at, seen_at
  FROM agents LEFT JOIN managed_pane ON managed_pane.id = managed_pane_id`;

/** The table `agents` as the registry sees it: panes of all origins. */
export function openAgentRegistry(
  db: Database.Database,
  ports: EndPorts,
): {
  readonly reads: AgentStore['registry'];
  readonly writes: Pick<AgentTransaction, 'insertAgent' | 'updateAgent'>;
} {
  return { reads: openReads(db), writes: openWrites(db, ports) };
}

function openReads(db: Database.Database): AgentStore['registry'] {
  const one = db.prepare<[string], AgentRow>(`${AGENTS} WHERE agents.agent_id = ?`);
  const all = db.prepare<[], AgentRow>(
    `${AGENTS} ORDER BY active DESC, agents.container, agents.label, agents.agent_id`,
  );
  const labelled = db.prepare<[string], AgentRow>(
    `${AGENTS} WHERE agents.label = ? AND active = 1 ORDER BY agents.agent_id`,
  );
  const adoptedAt = db.prepare<[Columns], AgentRow>(`${AGENTS}
    WHERE origin = 'adopted' AND agents.container = @container AND socket = @socket
      AND agents.epoch = @epoch AND agents.tmux_pane_id = @pane`);
  const managedOf = db.prepare<[string], AgentRow>(`${AGENTS} WHERE managed_pane_id = ?`);
  const activeAdopted = db.prepare<[], AgentRow>(
    `${AGENTS} WHERE origin = 'adopted' AND active = 1`,
  );
  return {
    agent: (id) => toAgent(one.get(id)),
    agents: () => all.all().map(toRegistered),
    labelled: (label) => labelled.all(label).map(toRegistered),
    adoptedAt: (container, { socket = '', epoch, pane }) =>
      toAgent(adoptedAt.get({ container, socket, epoch, pane })),
    managedOf: (pane) => toAgent(managedOf.get(pane)),
    activeAdopted: () => activeAdopted.all().map(toRegistered),
  };
}

function openWrites(
  db: Database.Database,
  ports: EndPorts,
): Pick<AgentTransaction, 'insertAgent' | 'updateAgent'> {
  const { clock } = ports;
  const { tellStale } = openAgentEnds(db, ports);
  const insert = db.prepare<[Columns]>(`
    INSERT INTO agents (
      agent_id, container, label, role, capability, origin, active, project_path, parent_agent_id, socket, epoch,
      tmux_pane_id, pid, session, window_index, pane_index, working_dir, created_at, updated_at, registered_at, seen_at
    ) VALUES (
      @agentId, @container, @label, @role, @capability, 'adopted', 1, @projectPath, @parent, @socket, @epoch,
      @pane, @pid, @session, @windowIndex, @paneIndex, @workingDir, @now, @now, @now, @now
    )`);
  const update = db.prepare<[Columns]>(`
    UPDATE agents SET label = coalesce(@label, label), role = coalesce(@role, role),
      capability = coalesce(@capability, capability), project_path = coalesce(@projectPath, project_path),
      active = coalesce(@active, active), registered_at = coalesce(@registeredAt, registered_at), updated_at = @now
    WHERE agent_id = @id`);
  const move = db.prepare<[Columns]>(`
    UPDATE agents SET pid = @pid, session = @session, window_index = @windowIndex, pane_index = @paneIndex,
      working_dir = @workingDir, seen_at = @now
    WHERE agent_id = @id AND origin = 'adopted'`);
  return {
    insertAgent: ({ found, parent, ...agent }) => {
      const { socket = '', epoch, pane, pid, session, windowIndex, paneIndex, workingDir } = found;
      const place = { socket, epoch, pane, pid, session, windowIndex, paneIndex, workingDir };
      insert.run({ ...agent, ...place, parent: parent ?? null, now: clock.now() });
    },
    updateAgent: (id, { found, active, registered, ...patch }) => {
      const now = clock.now();
      if (active === false) tellStale(id);
      const nothing = { label: null, role: null, capability: null, projectPath: null };
      update.run({
        ...nothing,
        ...patch,
        id,
        now,
        active: active === undefined ? null : Number(active),
        registeredAt: registered === true ? now : null,
      });
      if (found === undefined) return;
      const { pid, session, windowIndex, paneIndex, workingDir } = found;
      move.run({ id, now, pid, session, windowIndex, paneIndex, workingDir });
    },
  };
}

function toAgent(row: AgentRow | undefined): RegisteredAgent | undefined {
  return row === undefined ? undefined : toRegistered(row);
}

function toRegistered(row: AgentRow): RegisteredAgent {
  return {
    agentId: row.agent_id,
    container: row.container,
    origin: row.origin,
    active: row.active === 1,
    label: row.label,
    role: row.role,
    capability: row.capability,
    projectPath: row.project_path,
    ...optional('paneId', row.managed_pane_id),
    ...optional('epoch', row.epoch),
    ...optional('tmuxPaneId', row.tmux_pane_id),
    ...optional('pid', row.pid),
    ...optional('parent', row.parent_agent_id),
    ...optional('workingDir', row.working_dir),
    ...optional('seenAt', row.seen_at),
    ...(row.socket !== '' && { socket: row.socket }),
    session: row.session ?? '',
    windowIndex: row.window_index ?? 0,
    paneIndex: row.pane_index ?? 0,
    createdAt: row.created_at,
    registeredAt: row.registered_at ?? row.created_at,
  };
}
