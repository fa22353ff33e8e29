import type Database from 'better-sqlite3';
import type { EventQuery, EventReader } from '../../agents/events/ports.ts';
import { type EventRow, toStoredEvent } from './event-rows.ts';

/** Selects events by their columns, in the order they were told in or the other way round. */
export function openEventQuery(db: Database.Database): EventReader {
  const prepared = new Map<string, Database.Statement<[Selection], EventRow>>();
  return {
    queryEvents: (query) => {
      const sql = render(query);
      const statement = prepared.get(sql) ?? db.prepare<[Selection], EventRow>(sql);
      prepared.set(sql, statement);
      const { agent, container, since, until, after, types, limit } = query;
      return statement
        .all({
          types: JSON.stringify(types),
          limit,
          ...(agent !== undefined && { agent }),
          ...(container !== undefined && { container }),
          ...(since !== undefined && { since }),
          ...(until !== undefined && { until }),
          ...(after !== undefined && { after }),
        })
        .map(toStoredEvent);
    },
  };
}

const OF_CONTAINER = 'agent_id IN (SELECT agent_id FROM agents WHERE container = @container)';

type Selection = Readonly<Record<string, string | number>>;

/** One text for each kind of question, so that few are prepared. */
function render(query: EventQuery): string {
  const { agent, container, since, until, after, newestFirst = false } = query;
  const conditions = [
    'type IN (SELECT value FROM json_each(@types))',
    ...(agent === undefined ? [] : ['agent_id = @agent']),
    ...(container === undefined ? [] : [OF_CONTAINER]),
    ...(since === undefined ? [] : ['at >= @since']),
    ...(until === undefined ? [] : ['at < @until']),
    ...(after === undefined ? [] : [newestFirst ? 'seq < @after' : 'seq > @after']),
  ];
  const order = newestFirst ? 'DESC' : 'ASC';
  return `SELECT * FROM events WHERE ${conditions.join(' AND ')} ORDER BY seq ${order} LIMIT @limit`;
}
