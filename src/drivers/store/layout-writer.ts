import type Database from 'better-sqlite3';
import type { ContainerId, LayoutId } from '../../domain/ids.ts';
import type { Clock } from '../../lib/clock.ts';
import type { LayoutPatch, NewLayout, Transaction } from '../../reconcile/ports.ts';
import type { Changes } from './changes.ts';
import { type Columns, openUpdate, toColumns } from './columns.ts';
import { LAYOUT_COLUMNS } from './layout-rows.ts';

type LayoutWriter = Pick<
  Transaction,
  'insertLayout' | 'updateLayout' | 'closeLayout' | 'reopenLayout'
>;

const AT_FIRST: LayoutPatch = {
  generation: 1,
  observedGeneration: 0,
  state: 'creating',
  sync: 'OutOfSync',
  health: 'Progressing',
  conditions: [],
};

/** Writes of the table `managed_layout`. */
export function openLayoutWriter(
  db: Database.Database,
  clock: Clock,
  changes: Changes,
): LayoutWriter {
  const insert = db.prepare<[Columns]>(`
    INSERT INTO managed_layout (
      id, container, name, tmux_session, spec_json, spec_hash, source_kind, source_name, source_path,
      source_revision, generation, observed_generation, state, sync, health, conditions_json, idempotency_key,
      created_at, updated_at
    ) VALUES (
      @id, @container, @name, @tmux_session, @spec_json, @spec_hash, @source_kind, @source_name, @source_path,
      @source_revision, @generation, @observed_generation, @state, @sync, @health, @conditions_json, @idempotency_key,
      @now, @now
    )`);
  const closeSlots = db.prepare<[Columns]>(
    'UPDATE slot SET closed_at = @now, updated_at = @now WHERE layout_id = @id AND closed_at IS NULL',
  );
  // Its last slots: those that were dropped earlier were closed earlier, and not as declared ones.
  const openSlots = db.prepare<[Columns]>(
    'UPDATE slot SET closed_at = NULL, updated_at = @now WHERE layout_id = @id AND declared = 1',
  );
  const readContainer = db
    .prepare<[LayoutId], ContainerId>('SELECT container FROM managed_layout WHERE id = ?')
    .pluck();
  const update = openUpdate(db, 'managed_layout', 'id');

  return {
    insertLayout: (layout: NewLayout) => {
      const { id, container, spec, source } = layout;
      const columns = toColumns(LAYOUT_COLUMNS, { ...AT_FIRST, spec, source });
      insert.run({
        ...columns,
        id,
        container,
        idempotency_key: layout.idempotencyKey ?? null,
        now: clock.now(),
      });
      changes.layouts.add(id);
      changes.containers.add(container);
    },

    updateLayout: (id, patch) => {
      write(id, toColumns(LAYOUT_COLUMNS, patch));
    },

    closeLayout: (id) => {
      const now = clock.now();
      write(id, { closed_at: now, state: 'removed', failed_stage: null });
      closeSlots.run({ id, now });
    },

    reopenLayout: (id, patch) => {
      write(id, { ...toColumns(LAYOUT_COLUMNS, patch), closed_at: null });
      openSlots.run({ id, now: clock.now() });
      const container = readContainer.get(id);
      if (container !== undefined) changes.containers.add(container);
    },
  };

  function write(id: LayoutId, columns: Columns): void {
    const found = update(id, { ...columns, updated_at: clock.now() });
    if (found === undefined) throw new Error(`there is no layout ${id} to write to`);
    changes.layouts.add(id);
  }
}
