import type Database from 'better-sqlite3';
import type { ManagedLayout, ManagedPane, ManagedReader } from '../../declare/managed/ports.ts';
import type { ContainerId, LayoutId, PaneId } from '../../domain/ids.ts';
import { optional } from './columns.ts';
import { IS_LIVE } from './guards.ts';
import { type LayoutRow, toLayoutRecord } from './layout-rows.ts';
import { openPaging, STATE_RANK } from './managed-pages.ts';
import { type PaneRow, toPaneRecord } from './pane-rows.ts';

interface ManagedLayoutRow extends LayoutRow {
  readonly ready_panes: number;
  readonly closed_at: number | null;
}

interface ManagedPaneRow extends PaneRow {
  readonly layout_id: LayoutId;
  readonly container: ContainerId;
  readonly position: number;
  readonly predecessor_id: PaneId | null;
  readonly chain_depth: number;
  readonly log_attached: number;
  readonly registered: number;
}

const LAYOUTS = `
  SELECT *, (SELECT count(*) FROM managed_pane WHERE layout_id = managed_layout.id AND state = 'ready') AS ready_panes,
    ${STATE_RANK} AS rank
  FROM managed_layout`;
const PANES = `
  SELECT *, EXISTS (
      SELECT 1 FROM log_attachments WHERE agent_id = managed_pane.agent_id AND log_attachments.state = 'active'
    ) AS log_attached,
    EXISTS (SELECT 1 FROM agents WHERE managed_pane_id = managed_pane.id) AS registered, ${STATE_RANK} AS rank
  FROM managed_pane`;
/** tmux spells these two characters of a session's name alike. */
const SESSION = `replace(replace(session, '.', '_'), ':', '_')`;

/** Reads layouts and panes of all times, with nothing remembered in between. */
export function openManagedReader(db: Database.Database): ManagedReader {
  const layout = db.prepare<[string], ManagedLayoutRow>(`${LAYOUTS} WHERE id = ?`);
  const byKey = db.prepare<[string, string], ManagedLayoutRow>(
    `${LAYOUTS} WHERE container = ? AND idempotency_key = ?`,
  );
  const count = db
    .prepare<[], number>(
      `SELECT count(*) FROM managed_layout WHERE state <> 'removed' AND closed_at IS NULL`,
    )
    .pluck();
  const pane = db.prepare<[string], ManagedPaneRow>(`${PANES} WHERE id = ?`);
  const ofLayout = db.prepare<[string], ManagedPaneRow>(
    `${PANES} WHERE layout_id = ? ORDER BY position, ordinal`,
  );
  const successorByKey = db.prepare<[string, string], ManagedPaneRow>(
    `${PANES} WHERE predecessor_id = ? AND idempotency_key = ?`,
  );
  const liveSuccessor = db.prepare<[string, string], ManagedPaneRow>(
    `${PANES} WHERE (predecessor_id = ? OR replaces_pane_id = ?) AND ${IS_LIVE}`,
  );
  const place = db.prepare<[string, string, number]>(
    `SELECT 1 FROM managed_pane WHERE container = ? AND ${SESSION} = ? AND position = ? AND ${IS_LIVE}`,
  );
  const label = db.prepare<[string, string]>(
    `SELECT 1 FROM managed_pane WHERE container = ? AND label = ? AND ${IS_LIVE}`,
  );
  const origin = db
    .prepare<[string], 'managed' | 'adopted'>('SELECT origin FROM agents WHERE agent_id = ?')
    .pluck();
  const pageOf = openPages(db);

  return {
    layout: (id) => map(layout.get(id), toLayout),
    layoutByKey: (container, key) => map(byKey.get(container, key), toLayout),
    countLayouts: () => count.get() ?? 0,
    layouts: (query) => {
      const { items, next } = pageOf.layouts(query);
      return { items: items.map(toLayout), next };
    },
    pane: (id) => map(pane.get(id), toPane),
    panesOf: (id) => ofLayout.all(id).map(toPane),
    panes: (query) => {
      const { items, next } = pageOf.panes(query);
      return { items: items.map(toPane), next };
    },
    successorByKey: (id, key) => map(successorByKey.get(id, key), toPane),
    liveSuccessor: (id) => map(liveSuccessor.get(id, id), toPane),
    isPlaceTaken: (container, session, position) =>
      place.get(container, session, position) !== undefined,
    isLabelTaken: (container, text) => label.get(container, text) !== undefined,
    agentOrigin: (id) => origin.get(id),
  };
}

function openPages(db: Database.Database) {
  return {
    layouts: openPaging<ManagedLayoutRow>(db, {
      rows: LAYOUTS,
      before:
        '(rank, -created_at) < (@rank, -@created_at) OR (rank, created_at) = (@rank, @created_at) AND id >= @id',
      order: 'rank, created_at DESC, id DESC',
    }),
    panes: openPaging<ManagedPaneRow>(db, {
      rows: PANES,
      filter: '@layout IS NULL OR layout_id = @layout',
      before: '(rank, layout_id, position, id) <= (@rank, @layout_id, @position, @id)',
      order: 'rank, layout_id, position, id',
    }),
  };
}

function map<Row, Value>(row: Row | undefined, to: (row: Row) => Value): Value | undefined {
  return row === undefined ? undefined : to(row);
}

function toLayout(row: ManagedLayoutRow): ManagedLayout {
  const { id, container, spec, source, state, failedStage, createdAt, updatedAt } = toLayoutRecord(
    row,
    [],
  );
  return {
    id,
    container,
    spec,
    sourceKind: source.kind,
    state,
    ...(failedStage && { failedStage }),
    readyPanes: row.ready_panes,
    createdAt,
    updatedAt,
    closed: row.closed_at !== null,
  };
}

function toPane(row: ManagedPaneRow): ManagedPane {
  const { id, spec, session, state, failedStage, agentId, epoch, tmuxPaneId } = toPaneRecord(row);
  return {
    id,
    layout: row.layout_id,
    container: row.container,
    slot: row.slot_id,
    position: row.position,
    spec,
    session,
    state,
    ...(failedStage && { failedStage }),
    agentId,
    wasRegistered: row.registered === 1,
    ...optional('predecessorId', row.predecessor_id),
    chainDepth: row.chain_depth,
    logAttached: row.log_attached === 1,
    ...(epoch && { epoch }),
    ...(tmuxPaneId && { tmuxPaneId }),
  };
}
