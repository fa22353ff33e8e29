import type Database from 'better-sqlite3';
import { DAEMON_UID } from '../../domain/attachment-events.ts';
import type { AgentId, ContainerId, PaneId } from '../../domain/ids.ts';
import type { SlotSpec } from '../../domain/spec.ts';
import { isLive, type PaneState } from '../../domain/states.ts';
import { openAgentEnds } from './agent-ends.ts';
import type { Columns } from './columns.ts';
import { type DeclaredPorts, openDeclaredLogs } from './declared-logs.ts';
import { IS_LIVE } from './guards.ts';

/** What an agent can be known for; a pane's own capability may be any word of its template. */
const CAPABILITIES = ['claude', 'codex', 'gemini', 'opencode', 'shell', 'test-runner'];

function knownCapability(value: string): string {
  const words = CAPABILITIES.map((word) => `'${word}'`).join(', ');
  return `CASE WHEN ${value} IN (${words}) THEN ${value} ELSE 'unknown' END`;
}

interface AgentWriter {
  /** Makes the pane an agent; changes nothing when it is one already. */
  readonly register: (pane: PaneId) => void;
  /** Follows a change of the pane's spec. */
  readonly describe: (pane: PaneId, spec: SlotSpec) => void;
  /** Follows a log that was switched on (its path) or off. */
  readonly attachLog: (pane: PaneId, path: string | undefined) => void;
  /** Follows the end of the pane. What waits for its agent goes with it when it was taken away for good. */
  readonly end: (pane: PaneId, state: PaneState) => void;
}

interface ManagedAgent {
  readonly agent_id: AgentId;
  readonly container: ContainerId;
  readonly role: string;
}

/** Keeps the agent of a managed pane, and its log attachment, in step with the pane. */
export function openAgentWriter(db: Database.Database, ports: DeclaredPorts): AgentWriter {
  const { clock, emit } = ports;
  const ends = openAgentEnds(db, ports);
  const followLog = openDeclaredLogs(db, ports);
  const { insert, readLog, describe, retire, agentOf } = prepare(db);
  const tellRole = ({ agent_id: agentId, role }: ManagedAgent, prior: string | null): void =>
    emit({
      type: 'agent_role_change',
      actor: 'daemon',
      agentId,
      payload: {
        agent_id: agentId,
        prior_role: prior,
        new_role: role,
        confirm_provided: role === 'master',
        socket_peer_uid: DAEMON_UID,
      },
    });
  const attachLog = (pane: PaneId, path: string | undefined): void => {
    const found = agentOf.get(pane);
    if (found !== undefined) followLog({ agent: found.agent_id, container: found.container, path });
  };

  return {
    register: (pane) => {
      const inserted = insert.run({ pane, now: clock.now() }).changes === 1;
      const path = readLog.get(pane);
      if (path === undefined) throw new Error(`there is no pane ${pane} to register`);
      const agent = agentOf.get(pane);
      if (!inserted || agent === undefined) return;
      // A person asked for every role of a layout; this one is audited wherever it comes from.
      if (agent.role === 'master') tellRole(agent, null);
      if (path !== null) attachLog(pane, path);
    },
    describe: (pane, { label, role, capability }) => {
      const agent = agentOf.get(pane);
      describe.run({ pane, label, role, capability, now: clock.now() });
      if (agent !== undefined && agent.role !== role) {
        tellRole({ ...agent, role }, agent.role);
      }
    },
    attachLog,
    end: (pane, state) => {
      const agent = agentOf.get(pane);
      if (agent === undefined || isLive(state)) return;
      ends.tellStale(agent.agent_id);
      retire.run({ pane, now: clock.now() });
      if (state === 'removed') ends.cancelWaiting(agent.agent_id);
    },
  };
}

function prepare(db: Database.Database) {
  return {
    insert: db.prepare<[Columns]>(`
      INSERT INTO agents (
        agent_id, managed_pane_id, container, label, role, capability, origin, active, created_at, updated_at
      )
      SELECT agent_id, id, container, label, spec_json ->> '$.role', ${knownCapability("spec_json ->> '$.capability'")},
        'managed',
        ${IS_LIVE}, @now, @now
      FROM managed_pane
      WHERE id = @pane AND NOT EXISTS (SELECT 1 FROM agents WHERE managed_pane_id = @pane)`),
    readLog: db
      .prepare<[PaneId], string | null>('SELECT log_path FROM managed_pane WHERE id = ?')
      .pluck(),
    describe: db.prepare<[Columns]>(`
      UPDATE agents SET label = @label, role = @role, capability = ${knownCapability('@capability')}, updated_at = @now
      WHERE managed_pane_id = @pane`),
    retire: db.prepare<[Columns]>(
      'UPDATE agents SET active = 0, updated_at = @now WHERE managed_pane_id = @pane AND active = 1',
    ),
    agentOf: db.prepare<[PaneId], ManagedAgent>(
      'SELECT agent_id, container, role FROM agents WHERE managed_pane_id = ?',
    ),
  };
}
