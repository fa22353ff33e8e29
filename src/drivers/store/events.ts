import type Database from 'better-sqlite3';
import type { EventType, NewEvent } from '../../domain/events.ts';
import type { LayoutId, PaneId } from '../../domain/ids.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Store, Transaction } from '../../reconcile/ports.ts';
import type { Columns } from './columns.ts';
import { type EventRow, toStoredEvent } from './event-rows.ts';
import { writeStrictJson } from './json-text.ts';

/** Marker events are told of the pane alone. */
const PANE_ONLY: ReadonlySet<EventType> = new Set([
  'managed_pane_pending_marker_set',
  'managed_pane_pending_marker_cleared',
]);

/** The table `events`: the history, and the outbox of what `events.jsonl` has yet to be told. */
interface Events {
  readonly reads: Pick<Store, 'eventsAfter' | 'lastSeq'> & {
    /** `seq` up to which the file has the events. */
    readonly exportedSeq: () => number;
  };
  readonly writes: Pick<Transaction, 'emit'>;
  readonly recordExported: (seq: number) => void;
}

/** Prepares what reads and writes events. */
export function openEvents(
  db: Database.Database,
  ports: { readonly clock: Clock; readonly uuid: () => string },
): Events {
  const insertOf = {
    pane: prepareInsert(db, 'pane_id = @pane_id'),
    layout: prepareInsert(db, 'pane_id IS NULL AND layout_id = @layout_id'),
    agent: prepareInsert(db, 'agent_id = @agent_id'),
    neither: prepareInsert(db, 'pane_id IS NULL AND layout_id IS NULL AND agent_id IS NULL'),
  };
  const after = db.prepare<[number, number], EventRow>(
    'SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?',
  );
  const last = db.prepare<[], number>('SELECT coalesce(max(seq), 0) FROM events').pluck();
  const exported = db
    .prepare<[], number>(`SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'exported_seq'`)
    .pluck();
  const setExported = db.prepare<[string]>(`UPDATE meta SET value = ? WHERE key = 'exported_seq'`);

  return {
    reads: {
      eventsAfter: (seq, limit) => after.all(seq, limit).map(toStoredEvent),
      lastSeq: () => last.get() ?? 0,
      exportedSeq: () => exported.get() ?? 0,
    },
    writes: { emit },
    recordExported: (seq) => {
      setExported.run(String(seq));
    },
  };

  function emit(event: NewEvent): void {
    const layoutId = PANE_ONLY.has(event.type) ? undefined : event.layoutId;
    const { agentId } = event;
    const insert = insertOf[agentId === undefined ? streamOf(event.paneId, layoutId) : 'agent'];
    insert.run({
      event_id: ports.uuid(),
      type: event.type,
      actor: event.actor,
      agent_id: agentId ?? null,
      layout_id: agentId === undefined ? (layoutId ?? null) : null,
      pane_id: agentId === undefined ? (event.paneId ?? null) : null,
      payload_json: writeStrictJson(event.payload),
      at: ports.clock.now(),
    });
  }
}

/** An insert that takes the next number of the stream `stream` selects. */
function prepareInsert(db: Database.Database, stream: string): Database.Statement<[Columns]> {
  return db.prepare<[Columns]>(`
    INSERT INTO events (event_id, type, actor, agent_id, layout_id, pane_id, payload_json, at, sequence)
    VALUES (@event_id, @type, @actor, @agent_id, @layout_id, @pane_id, @payload_json, @at,
      (SELECT coalesce(max(sequence) + 1, 0) FROM events WHERE ${stream}))`);
}

function streamOf(pane: PaneId | undefined, layout: LayoutId | undefined) {
  if (pane !== undefined) return 'pane';
  return layout === undefined ? 'neither' : 'layout';
}
