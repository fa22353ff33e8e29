import type Database from 'better-sqlite3';
import type { Page, PageQuery } from '../../declare/managed/ports.ts';
import type { Columns } from './columns.ts';

/** What needs somebody's eye comes first. */
export const STATE_RANK =
  "CASE state WHEN 'creating' THEN 1 WHEN 'degraded' THEN 2 WHEN 'ready' THEN 3 WHEN 'failed' THEN 4 ELSE 5 END";

interface PagingOptions {
  /** A SELECT with a column `rank`. */
  readonly rows: string;
  readonly order: string;
  /** A condition of this list alone. */
  readonly filter?: string;
  /** Whether a row stands at or before the cursor's row, whose columns are the parameters. */
  readonly before: string;
}

const FILTERS = `
  (@container IS NULL OR container = @container)
  AND (@states IS NULL OR state IN (SELECT value FROM json_each(@states)))`;

/** Pages of a list. Where a page begins follows from what the cursor's row is now. */
export function openPaging<Row extends { readonly id: string }>(
  db: Database.Database,
  { rows, order, before, filter = '1' }: PagingOptions,
) {
  const cursor = db.prepare<[string], Columns>(`SELECT * FROM (${rows}) WHERE id = ?`);
  const select = `SELECT * FROM (${rows}) WHERE ${FILTERS} AND (${filter})`;
  const first = db.prepare<[Columns], Row>(`${select} ORDER BY ${order} LIMIT @limit`);
  const following = db.prepare<[Columns], Row>(
    `${select} AND NOT (${before}) ORDER BY ${order} LIMIT @limit`,
  );

  return (query: PageQuery & { readonly layout?: string }): Page<Row> => {
    const { container, states, layout, limit, after } = query;
    const wanted = {
      container: container ?? null,
      states: states === undefined ? null : JSON.stringify(states),
      layout: layout ?? null,
      // One more than asked for tells whether there is a next page.
      limit: limit + 1,
    };
    const at = after === undefined ? undefined : cursor.get(after);
    if (after !== undefined && at === undefined) return { items: [], next: undefined };
    const found = at === undefined ? first.all(wanted) : following.all({ ...at, ...wanted });
    const items = found.slice(0, limit);
    return { items, next: found.length > limit ? items.at(-1)?.id : undefined };
  };
}
