import type Database from 'better-sqlite3';
import type { ContainerId, LayoutId, PaneId, SlotId } from '../../domain/ids.ts';
import type { EndedPane, LayoutRecord, PaneRecord, SlotRecord } from '../../domain/records.ts';
import type { Store } from '../../reconcile/ports.ts';
import type { Changes } from './changes.ts';
import { IS_LIVE } from './guards.ts';
import { type LayoutRow, toLayoutRecord } from './layout-rows.ts';
import { type PaneRow, toPaneRecord } from './pane-rows.ts';
import { type SlotRow, toSlotRecord } from './slot-rows.ts';

interface LayoutsReader {
  readonly reads: Pick<Store, 'layoutsOf' | 'layouts' | 'containers' | 'endedPanes'>;
  /** Drops what a commit with these changes has touched. */
  readonly forget: (changes: Changes) => void;
  readonly forgetAll: () => void;
}

/**
 * Reads layouts with their slots and panes. What was read stays until a commit touches it, so that looking again costs
 * nothing. Inside a transaction with changes the reads are fresh and nothing of them is kept: it may be rolled back.
 */
export function openLayoutsReader(db: Database.Database, changes: Changes): LayoutsReader {
  const load = openLoader(db);
  const records = new Map<LayoutId, LayoutRecord>();
  const lists = new Map<ContainerId, readonly LayoutRecord[]>();
  let containers: readonly ContainerId[] | undefined;
  let all: readonly LayoutRecord[] | undefined;

  return {
    reads: {
      layoutsOf: (container) => (changes.any ? readFresh(container) : readCached(container)),
      layouts: () => {
        if (changes.any) return load.containers().flatMap(readFresh);
        all ??= readContainers().flatMap(readCached);
        return all;
      },
      containers: () => (changes.any ? load.containers() : readContainers()),
      endedPanes: (ids) => (ids.length === 0 ? new Map() : load.endedPanes(ids)),
    },

    forget: ({ layouts, containers: gained }) => {
      if (layouts.size === 0) return;
      for (const id of layouts) {
        const container = records.get(id)?.container;
        if (container !== undefined) lists.delete(container);
        records.delete(id);
      }
      for (const container of gained) lists.delete(container);
      containers = undefined;
      all = undefined;
    },

    forgetAll: () => {
      records.clear();
      lists.clear();
      containers = undefined;
      all = undefined;
    },
  };

  function readCached(container: ContainerId): readonly LayoutRecord[] {
    let list = lists.get(container);
    if (list === undefined) {
      list = load.openLayouts(container).map((id) => {
        const record = records.get(id) ?? load.layout(id);
        records.set(id, record);
        return record;
      });
      lists.set(container, list);
    }
    return list;
  }

  function readFresh(container: ContainerId): readonly LayoutRecord[] {
    return load.openLayouts(container).map(load.layout);
  }

  function readContainers(): readonly ContainerId[] {
    containers ??= load.containers();
    return containers;
  }
}

/** The queries themselves, without memory. */
function openLoader(db: Database.Database) {
  const containers = db
    .prepare<[], ContainerId>(
      'SELECT DISTINCT container FROM managed_layout WHERE closed_at IS NULL ORDER BY container',
    )
    .pluck();
  const openLayouts = db
    .prepare<[ContainerId], LayoutId>(
      'SELECT id FROM managed_layout WHERE container = ? AND closed_at IS NULL ORDER BY name',
    )
    .pluck();
  const layout = db.prepare<[LayoutId], LayoutRow>('SELECT * FROM managed_layout WHERE id = ?');
  const slots = db.prepare<[LayoutId], SlotRow>(`
    SELECT * FROM slot WHERE layout_id = ? AND closed_at IS NULL
    ORDER BY declared DESC, position, ordinal`);
  // The newest pane of each open slot: a live one always is, since none is made beside it.
  const panes = db.prepare<[LayoutId], PaneRow>(`
    SELECT managed_pane.* FROM slot JOIN managed_pane
      ON managed_pane.ordinal = (SELECT max(ordinal) FROM managed_pane WHERE slot_id = slot.id)
    WHERE slot.layout_id = ? AND slot.closed_at IS NULL`);
  const ended = db.prepare<[string], EndedPane>(`
    SELECT id, slot_id AS slot, layout_id AS layout, label FROM managed_pane
    WHERE id IN (SELECT value FROM json_each(?)) AND NOT ${IS_LIVE}`);

  return {
    containers: (): readonly ContainerId[] => containers.all(),
    openLayouts: (container: ContainerId): readonly LayoutId[] => openLayouts.all(container),
    layout: (id: LayoutId): LayoutRecord => {
      const row = layout.get(id);
      if (row === undefined) throw new Error(`layout ${id} was listed but is not there`);
      return toLayoutRecord(row, readSlots(id));
    },
    endedPanes: (ids: readonly PaneId[]): ReadonlyMap<PaneId, EndedPane> =>
      new Map(ended.all(JSON.stringify(ids)).map((pane) => [pane.id, pane])),
  };

  function readSlots(id: LayoutId): readonly SlotRecord[] {
    const paneOf = new Map<SlotId, PaneRecord>();
    for (const row of panes.all(id)) paneOf.set(row.slot_id, toPaneRecord(row));
    return slots.all(id).map((row) => toSlotRecord(row, paneOf.get(row.id)));
  }
}
