import type Database from 'better-sqlite3';
import type { LayoutId } from '../../domain/ids.ts';
import type { NewPane, Transaction } from '../../reconcile/ports.ts';
import { openAgentWriter } from './agent-writer.ts';
import type { Changes } from './changes.ts';
import { type Columns, openUpdate, toColumns } from './columns.ts';
import type { DeclaredPorts } from './declared-logs.ts';
import { PANE_COLUMNS } from './pane-rows.ts';

type PaneWriter = Pick<Transaction, 'insertPane' | 'updatePane' | 'registerAgent'>;

/** Writes of the table `managed_pane`, and of the agents that live on its panes. */
export function openPaneWriter(
  db: Database.Database,
  ports: DeclaredPorts,
  changes: Changes,
): PaneWriter {
  const agents = openAgentWriter(db, ports);
  const now = (): number => ports.clock.now();
  // Layout, container and place come from the slot, so that they cannot contradict it.
  const insert = db
    .prepare<[Columns], LayoutId>(`
      INSERT INTO managed_pane (
        id, slot_id, layout_id, container, session, label, position, state, spec_json, replace_hash, marker_token,
        agent_id, log_path, problem, replaces_pane_id, predecessor_id, chain_depth, idempotency_key, attempts,
        created_at, updated_at
      )
      SELECT @id, slot.id, slot.layout_id, managed_layout.container, @session, @label, slot.position, @state,
        @spec_json, @replace_hash, @marker_token, @agent_id, @log_path, @problem, @replaces_pane_id, @predecessor_id,
        @chain_depth, @idempotency_key, @attempts, @now, @now
      FROM slot JOIN managed_layout ON managed_layout.id = slot.layout_id
      WHERE slot.id = @slot AND slot.closed_at IS NULL
      RETURNING layout_id`)
    .pluck();
  const update = openUpdate(db, 'managed_pane', 'layout_id');

  return {
    insertPane: (pane: NewPane) => {
      const { id, slot, session, agentId, spec, replaceHash, markerToken, logPath, problem } = pane;
      const columns = toColumns(PANE_COLUMNS, {
        state: 'creating',
        attempts: 0,
        spec,
        replaceHash,
        markerToken,
        logPath,
        problem,
      });
      const layout = insert.get({
        ...columns,
        id,
        slot,
        session,
        agent_id: agentId,
        replaces_pane_id: pane.replacesPaneId ?? null,
        predecessor_id: pane.recreates?.predecessor ?? null,
        chain_depth: pane.recreates?.chainDepth ?? 0,
        idempotency_key: pane.recreates?.idempotencyKey ?? null,
        now: now(),
      });
      if (layout === undefined) throw new Error(`there is no open slot ${slot} for a pane`);
      changes.layouts.add(layout);
    },

    updatePane: (id, patch) => {
      const layout = update(id, { ...toColumns(PANE_COLUMNS, patch), updated_at: now() });
      if (layout === undefined) throw new Error(`there is no pane ${id} to write to`);
      changes.layouts.add(layout as LayoutId);
      if (patch.spec !== undefined) agents.describe(id, patch.spec);
      if ('logPath' in patch) agents.attachLog(id, patch.logPath);
      if (patch.state !== undefined) agents.end(id, patch.state);
    },

    registerAgent: agents.register,
  };
}
