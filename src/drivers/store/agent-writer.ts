import type Database from 'better-sqlite3';
import type { AgentId, ContainerId, PaneId } from '../../domain/ids.ts';
import { mapContainerPath } from '../../domain/mount-paths.ts';
import type { SlotSpec } from '../../domain/spec.ts';
import type { Clock } from '../../lib/clock.ts';
import { openAttachmentWriter } from './attachment-writer.ts';
import type { Columns } from './columns.ts';
import { openMountsReader } from './container-rows.ts';
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
  /** The pane has ended, and a trigger makes its log stale. */
  readonly retire: (pane: PaneId) => void;
}

/** Keeps the agent of a managed pane, and its log attachment, in step with the pane. */
export function openAgentWriter(db: Database.Database, clock: Clock): AgentWriter {
  const insert = db.prepare<[Columns]>(`
    INSERT INTO agents (
      agent_id, managed_pane_id, container, label, role, capability, origin, active, created_at, updated_at
    )
    SELECT agent_id, id, container, label, spec_json ->> '$.role', ${knownCapability("spec_json ->> '$.capability'")},
      'managed',
      ${IS_LIVE}, @now, @now
    FROM managed_pane
    WHERE id = @pane AND NOT EXISTS (SELECT 1 FROM agents WHERE managed_pane_id = @pane)`);
  const readLog = db
    .prepare<[PaneId], string | null>('SELECT log_path FROM managed_pane WHERE id = ?')
    .pluck();
  const describe = db.prepare<[Columns]>(`
    UPDATE agents SET label = @label, role = @role, capability = ${knownCapability('@capability')}, updated_at = @now
    WHERE managed_pane_id = @pane`);
  const retire = db.prepare<[Columns]>(
    'UPDATE agents SET active = 0, updated_at = @now WHERE managed_pane_id = @pane AND active = 1',
  );
  const attachments = openAttachmentWriter(db, clock);
  const mountsOf = openMountsReader(db);
  const agentOf = db.prepare<
    [PaneId],
    { readonly agent_id: AgentId; readonly container: ContainerId }
  >('SELECT agent_id, container FROM agents WHERE managed_pane_id = ?');
  const detach = db.prepare<[Columns]>(`
    UPDATE log_attachments SET state = 'detached', updated_at = @now
    WHERE agent_id = (SELECT agent_id FROM agents WHERE managed_pane_id = @pane) AND state = 'active'`);

  return {
    register: (pane) => {
      const inserted = insert.run({ pane, now: clock.now() }).changes === 1;
      const path = readLog.get(pane);
      if (path === undefined) throw new Error(`there is no pane ${pane} to register`);
      if (inserted && path !== null) attachLog(pane, path);
    },
    describe: (pane, { label, role, capability }) => {
      describe.run({ pane, label, role, capability, now: clock.now() });
    },
    attachLog,
    retire: (pane) => {
      const now = clock.now();
      retire.run({ pane, now });
    },
  };

  function attachLog(pane: PaneId, path: string | undefined): void {
    const agent = agentOf.get(pane);
    if (path === undefined) detach.run({ pane, now: clock.now() });
    else if (agent !== undefined) {
      const { agent_id: id, container } = agent;
      // The pane knows its log as its container does; whoever reads it is on the host.
      const onHost = mapContainerPath(path, mountsOf(container))?.hostPath ?? path;
      attachments.attachLog(id, onHost, 'declared');
    }
  }
}
