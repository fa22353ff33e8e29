import type Database from 'better-sqlite3';
import type { LayoutId, SlotId } from '../../domain/ids.ts';
import type { Clock } from '../../lib/clock.ts';
import type { NewSlot, SlotPatch, Transaction } from '../../reconcile/ports.ts';
import type { Changes } from './changes.ts';
import { type Columns, openUpdate, toColumns } from './columns.ts';
import { SLOT_COLUMNS } from './slot-rows.ts';

type SlotWriter = Pick<Transaction, 'insertSlot' | 'updateSlot' | 'closeSlot'>;

const AT_FIRST: SlotPatch = {
  declared: true,
  restartRequested: false,
  failures: 0,
  exits: [],
  vanishings: [],
  restarts: 0,
};

/** Writes of the table `slot`. */
export function openSlotWriter(db: Database.Database, clock: Clock, changes: Changes): SlotWriter {
  const insert = db.prepare<[Columns]>(`
    INSERT INTO slot (
      id, layout_id, slot_key, position, spec_json, declared, restart_requested, failures, exits_json,
      vanishings_json, restarts, created_at, updated_at
    ) VALUES (
      @id, @layout_id, @slot_key, @position, @spec_json, @declared, @restart_requested, @failures, @exits_json,
      @vanishings_json, @restarts, @now, @now
    )`);
  const update = openUpdate(db, 'slot', 'layout_id');

  return {
    insertSlot: ({ id, layout, spec, position }: NewSlot) => {
      const columns = toColumns(SLOT_COLUMNS, { ...AT_FIRST, spec, position });
      insert.run({ ...columns, id, layout_id: layout, now: clock.now() });
      changes.layouts.add(layout);
    },

    updateSlot: (id, patch) => {
      write(id, toColumns(SLOT_COLUMNS, patch));
    },

    closeSlot: (id) => {
      write(id, { closed_at: clock.now() });
    },
  };

  function write(id: SlotId, columns: Columns): void {
    const layout = update(id, { ...columns, updated_at: clock.now() });
    if (layout === undefined) throw new Error(`there is no slot ${id} to write to`);
    changes.layouts.add(layout as LayoutId);
  }
}
