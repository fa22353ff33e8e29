import type Database from 'better-sqlite3';

/** SQL values by column name. */
export type Columns = Readonly<Record<string, string | number | null>>;

/** For every field of a patch, the columns it is kept in. */
export type Encoders<Patch> = {
  readonly [Field in keyof Patch]-?: (value: Patch[Field] | undefined) => Columns;
};

/** The columns a patch changes: fields it leaves out are left alone, `undefined` becomes null. */
export function toColumns<Patch extends object>(encoders: Encoders<Patch>, patch: Patch): Columns {
  const fields = Object.keys(patch) as (keyof Patch)[];
  return Object.assign({}, ...fields.map((field) => encoders[field](patch[field]))) as Columns;
}

/** An encoder for a field that is kept as it is. */
export function plain(column: string) {
  return (value: string | number | undefined): Columns => ({ [column]: value ?? null });
}

/** An encoder for a boolean, 0 or 1. */
export function flag(column: string) {
  return (value: boolean | undefined): Columns => ({
    [column]: value === undefined ? null : Number(value),
  });
}

/** A property for a record, left out when the column is null. */
export function optional<Key extends string, Value>(
  key: Key,
  value: Value | null,
): { readonly [K in Key]?: Value } {
  return value === null ? {} : ({ [key]: value } as { [K in Key]: Value });
}

/**
 * Updates rows of one table by `id`; answers the column `returning` of the changed row, `undefined` when there is no
 * such row. One statement is prepared per set of columns, once.
 */
export function openUpdate(db: Database.Database, table: string, returning: string) {
  const prepared = new Map<string, Database.Statement<[Columns], string>>();
  return (id: string, columns: Columns): string | undefined => {
    const names = Object.keys(columns);
    const key = names.join();
    let statement = prepared.get(key);
    if (statement === undefined) {
      const assignments = names.map((name) => `${name} = @${name}`).join(', ');
      const sql = `UPDATE ${table} SET ${assignments} WHERE id = @id RETURNING ${returning}`;
      statement = db.prepare<[Columns], string>(sql).pluck();
      prepared.set(key, statement);
    }
    return statement.get({ ...columns, id });
  };
}
