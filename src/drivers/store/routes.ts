import type Database from 'better-sqlite3';
import type { AgentStore, AgentTransaction } from '../../agents/ports.ts';
import type { RouteRecord, RouteSpec } from '../../domain/routes.ts';
import type { Clock } from '../../lib/clock.ts';
import { type Columns, optional } from './columns.ts';
import { type EventRow, toStoredEvent } from './event-rows.ts';

interface RouteRow {
  readonly id: string;
  readonly name: string | null;
  readonly event_type: RouteSpec['eventType'];
  readonly scope_kind: RouteSpec['scope']['kind'];
  readonly scope_value: string | null;
  readonly target_rule: RouteSpec['target']['rule'];
  readonly target_value: string | null;
  readonly master_rule: RouteSpec['master']['rule'];
  readonly master_value: string | null;
  readonly template: string;
  readonly enabled: number;
  readonly cursor: number;
  readonly created_at: number;
  readonly updated_at: number;
}

/** The table `routes`. */
export function openRoutes(
  db: Database.Database,
  clock: Clock,
): { readonly reads: AgentStore['routes']; readonly writes: RouteWrites } {
  return { reads: openReads(db), writes: openWrites(db, clock) };
}

type RouteWrites = Pick<AgentTransaction, 'insertRoute' | 'updateRoute' | 'deleteRoute'>;

function openReads(db: Database.Database): AgentStore['routes'] {
  const one = db.prepare<[string, string], RouteRow>(
    'SELECT * FROM routes WHERE id = ? OR name = ?',
  );
  const all = db.prepare<[], RouteRow>('SELECT * FROM routes ORDER BY ordinal');
  const events = db.prepare<[string, number, number], EventRow>(
    'SELECT * FROM events INDEXED BY events_of_type WHERE type = ? AND seq > ? ORDER BY seq LIMIT ?',
  );
  const lag = db
    .prepare<[string, number], number>(
      'SELECT count(*) FROM events INDEXED BY events_of_type WHERE type = ? AND seq > ?',
    )
    .pluck();
  const prompt = db.prepare<[string, number]>(
    `SELECT 1 FROM message_queue WHERE route_id = ? AND event_id = ? AND origin = 'route'`,
  );
  return {
    route: (id) => {
      const row = one.get(id, id);
      return row === undefined ? undefined : toRoute(row);
    },
    list: () => all.all().map(toRoute),
    eventsOf: (type, seq, limit) => events.all(type, seq, limit).map(toStoredEvent),
    lag: ({ eventType, cursor }) => lag.get(eventType, cursor) ?? 0,
    hasPrompt: (route, event) => prompt.get(route, event) !== undefined,
  };
}

/** What of a route somebody wrote down, by the names its statements give it. */
export function toSpecColumns({ eventType, scope, target, master, template }: RouteSpec): Columns {
  return {
    eventType,
    template,
    scopeKind: scope.kind,
    scopeValue: scope.value ?? null,
    targetRule: target.rule,
    targetValue: target.value ?? null,
    masterRule: master.rule,
    masterValue: master.value ?? null,
  };
}

function openWrites(db: Database.Database, clock: Clock): RouteWrites {
  const insert = db.prepare<[Columns]>(`
    INSERT INTO routes (
      id, event_type, scope_kind, scope_value, target_rule, target_value, master_rule, master_value, template, enabled,
      cursor, created_at, updated_at
    ) VALUES (
      @id, @eventType, @scopeKind, @scopeValue, @targetRule, @targetValue, @masterRule, @masterValue, @template, 1,
      @cursor, @now, @now
    )`);
  // The cursor moves with every event; it is no change of the route.
  const move = db.prepare<[number, string]>('UPDATE routes SET cursor = ? WHERE id = ?');
  const enable = db.prepare<[number, number, string]>(
    'UPDATE routes SET enabled = ?, updated_at = ? WHERE id = ?',
  );
  const remove = db.prepare<[string]>('DELETE FROM routes WHERE id = ?');
  return {
    insertRoute: ({ id, cursor, ...spec }) => {
      insert.run({ id, cursor, ...toSpecColumns(spec), now: clock.now() });
    },
    updateRoute: (id, { enabled, cursor }) => {
      if (cursor !== undefined) move.run(cursor, id);
      if (enabled !== undefined) enable.run(Number(enabled), clock.now(), id);
    },
    deleteRoute: (id) => {
      remove.run(id);
    },
  };
}

function toRoute(row: RouteRow): RouteRecord {
  return {
    id: row.id,
    ...optional('name', row.name),
    eventType: row.event_type,
    scope: { kind: row.scope_kind, ...optional('value', row.scope_value) },
    target: { rule: row.target_rule, ...optional('value', row.target_value) },
    master: { rule: row.master_rule, ...optional('value', row.master_value) },
    template: row.template,
    enabled: row.enabled === 1,
    cursor: row.cursor,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
