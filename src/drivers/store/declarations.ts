import type Database from 'better-sqlite3';
import type {
  DeclarationStore,
  DeclarationTransaction,
  DeclaredObject,
  SourceConfig,
  SourceRecord,
  SourceStatus,
} from '../../declare/ports.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Columns } from './columns.ts';
import { openDeclaredRoutes } from './declared-routes.ts';
import { readJson, writeJson } from './json-text.ts';
import { openSelectorRows } from './selector-rows.ts';

interface Declarations {
  readonly reads: Pick<DeclarationStore, 'objects' | 'sources' | 'selectors' | 'isPlanSpent'>;
  readonly writes: Pick<
    DeclarationTransaction,
    | 'putObject'
    | 'deleteObject'
    | 'declareRoute'
    | 'withdrawRoute'
    | 'endRoutesOf'
    | 'putSource'
    | 'deleteSource'
    | 'putSelector'
    | 'deleteSelector'
    | 'spendPlan'
  >;
}

interface ObjectRow extends Omit<DeclaredObject, 'content'> {
  readonly content_json: string;
}

interface SourceRow {
  readonly config_json: string;
  readonly status_json: string;
}

const OBJECTS =
  'SELECT kind, name, source, path, content_json FROM declared_object ORDER BY kind, name';

/** What was declared besides layouts: templates and profiles, sources, and the plans that were used up. */
export function openDeclarations(db: Database.Database, clock: Clock): Declarations {
  const objects = db.prepare<[], ObjectRow>(OBJECTS);
  const putObject = db.prepare<[Columns]>(`
    INSERT INTO declared_object (kind, name, source, path, content_json, created_at, updated_at)
    VALUES (@kind, @name, @source, @path, @content_json, @now, @now)
    ON CONFLICT (kind, name) DO UPDATE SET source = excluded.source, path = excluded.path,
      content_json = excluded.content_json, updated_at = excluded.updated_at`);
  const deleteObject = db.prepare<[string, string]>(
    'DELETE FROM declared_object WHERE kind = ? AND name = ?',
  );
  const sources = db.prepare<[], SourceRow>(
    'SELECT config_json, status_json FROM source ORDER BY name',
  );
  const putSource = db.prepare<[Columns]>(`
    INSERT INTO source (name, config_json, status_json, created_at, updated_at)
    VALUES (@name, @config_json, @status_json, @now, @now)
    ON CONFLICT (name) DO UPDATE SET config_json = excluded.config_json,
      status_json = excluded.status_json, updated_at = excluded.updated_at`);
  const deleteSource = db.prepare<[string]>('DELETE FROM source WHERE name = ?');
  const spendPlan = db.prepare<[string, number]>(
    'INSERT INTO spent_plan (plan_id, spent_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const spentPlan = db.prepare<[string]>('SELECT 1 FROM spent_plan WHERE plan_id = ?');
  const selectors = openSelectorRows(db);

  return {
    reads: {
      ...selectors.reads,
      objects: () =>
        objects.all().map(({ content_json: content, ...object }) => ({
          ...object,
          content: readJson(content),
        })),
      sources: () => sources.all().map(toSource),
      isPlanSpent: (planId) => spentPlan.get(planId) !== undefined,
    },
    writes: {
      ...selectors.writes,
      putObject: ({ content, ...object }) => {
        putObject.run({ ...object, content_json: writeJson(content), now: clock.now() });
      },
      deleteObject: (kind, name) => {
        deleteObject.run(kind, name);
      },
      ...openDeclaredRoutes(db, clock),
      putSource: ({ config, status }) => {
        putSource.run({
          name: config.name,
          config_json: writeJson(config),
          status_json: writeJson(status),
          now: clock.now(),
        });
      },
      deleteSource: (name) => {
        deleteSource.run(name);
      },
      spendPlan: (planId) => spendPlan.run(planId, clock.now()).changes === 1,
    },
  };
}

function toSource({ config_json: config, status_json: status }: SourceRow): SourceRecord {
  return { config: readJson(config) as SourceConfig, status: readJson(status) as SourceStatus };
}
