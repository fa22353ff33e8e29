import type Database from 'better-sqlite3';
import type {
  DeclarationStore,
  DeclarationTransaction,
  DeclaredSelector,
  SelectingSpec,
} from '../../declare/ports.ts';
import type { SourceKind } from '../../domain/records.ts';
import { type Columns, optional } from './columns.ts';
import { readJson, writeJson } from './json-text.ts';

interface SelectorRow {
  readonly source_kind: SourceKind;
  readonly source_name: string;
  readonly source_path: string;
  readonly source_revision: string | null;
  readonly spec_json: string;
}

interface SelectorRows {
  readonly reads: Pick<DeclarationStore, 'selectors'>;
  readonly writes: Pick<DeclarationTransaction, 'putSelector' | 'deleteSelector'>;
}

/** Reads and writes of the table `declared_selector`. */
export function openSelectorRows(db: Database.Database): SelectorRows {
  const all = db.prepare<[], SelectorRow>(`
    SELECT source_kind, source_name, source_path, source_revision, spec_json FROM declared_selector
    ORDER BY source_kind, source_name, name`);
  const put = db.prepare<[Columns]>(`
    INSERT INTO declared_selector (source_kind, source_name, name, source_path, source_revision, spec_json)
    VALUES (@source_kind, @source_name, @name, @source_path, @source_revision, @spec_json)
    ON CONFLICT (source_kind, source_name, name) DO UPDATE SET source_path = excluded.source_path,
      source_revision = excluded.source_revision, spec_json = excluded.spec_json`);
  const remove = db.prepare<[string, string, string]>(
    'DELETE FROM declared_selector WHERE source_kind = ? AND source_name = ? AND name = ?',
  );
  return {
    reads: { selectors: () => all.all().map(toSelector) },
    writes: {
      putSelector: ({ source, spec }) => {
        put.run({
          source_kind: source.kind,
          source_name: source.name,
          name: spec.name,
          source_path: source.path,
          source_revision: source.revision ?? null,
          spec_json: writeJson(spec),
        });
      },
      deleteSelector: ({ source, spec }) => {
        remove.run(source.kind, source.name, spec.name);
      },
    },
  };
}

function toSelector(row: SelectorRow): DeclaredSelector {
  return {
    source: {
      kind: row.source_kind,
      name: row.source_name,
      path: row.source_path,
      ...optional('revision', row.source_revision),
    },
    spec: readJson(row.spec_json) as SelectingSpec,
  };
}
