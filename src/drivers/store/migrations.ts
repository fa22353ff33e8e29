import type Database from 'better-sqlite3';
import { refuse } from '../../domain/errors.ts';
import { CONTAINERS_TABLE } from './container-rows.ts';
import { databaseUnusable } from './database-errors.ts';
import { installGuards, staleGuards } from './guards.ts';
import { insertIdentity } from './meta.ts';
import { PANES_TABLE } from './scanned-pane-rows.ts';
import { SCHEMA_V1 } from './schema.ts';
import { AGENT_PLACES, MESSAGE_QUEUE, ROUTES } from './schema-agents.ts';
import { LOGS } from './schema-logs.ts';
import { DECLARED_ROUTES } from './schema-routes.ts';
import { AGENT_STATES } from './schema-states.ts';

export interface Migration {
  readonly version: number;
  readonly up: (db: Database.Database, uuid: () => string) => void;
}

/** Every change ever made to the tables, ascending. Never edit one that was released: add the next. */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    up: (db, uuid) => {
      db.exec(SCHEMA_V1);
      db.exec('INSERT INTO schema_version (version) VALUES (0)');
      insertIdentity(db, uuid);
    },
  },
  {
    // The key a client created the layout with, kept for good so that it can be replayed for good.
    version: 2,
    up: (db) => {
      db.exec('ALTER TABLE managed_layout ADD COLUMN idempotency_key TEXT');
      db.exec('CREATE INDEX pane_of_layout ON managed_pane (layout_id)');
      db.exec(
        'CREATE INDEX pane_successor ON managed_pane (predecessor_id) WHERE predecessor_id IS NOT NULL',
      );
    },
  },
  {
    version: 3,
    up: (db) => {
      db.exec(CONTAINERS_TABLE);
    },
  },
  {
    // Layouts declared for every container a selector chooses, so that those that come later get theirs.
    version: 4,
    up: (db) => {
      db.exec(`
        CREATE TABLE declared_selector (
          source_kind TEXT NOT NULL,
          source_name TEXT NOT NULL,
          name TEXT NOT NULL,
          source_path TEXT NOT NULL,
          source_revision TEXT,
          spec_json TEXT NOT NULL,
          PRIMARY KEY (source_kind, source_name, name)
        ) STRICT, WITHOUT ROWID`);
    },
  },
  {
    version: 5,
    up: (db) => {
      db.exec(PANES_TABLE);
    },
  },
  { version: 10, up: (db) => db.exec(LOGS) },
  { version: 20, up: (db) => db.exec(AGENT_PLACES) },
  { version: 21, up: (db) => db.exec(MESSAGE_QUEUE) },
  { version: 22, up: (db) => db.exec(ROUTES) },
  { version: 30, up: (db) => db.exec(DECLARED_ROUTES) },
  { version: 40, up: (db) => db.exec(AGENT_STATES) },
];

export interface MigrateOptions {
  /** For messages. */
  readonly path: string;
  readonly uuid: () => string;
  /** What this program knows; others only in tests. */
  readonly migrations?: readonly Migration[];
}

/**
 * Brings the tables and their guards to this program's version, in one transaction or not at all, and answers that
 * version. Writes nothing when there is nothing to do. Throws `database_newer` before anything is touched.
 */
export function migrate(db: Database.Database, options: MigrateOptions): number {
  const { path, uuid, migrations = MIGRATIONS } = options;
  const supported = Math.max(...migrations.map((migration) => migration.version));
  const found = readVersion(db, path);
  if (found > supported) throw newerDatabase(path, found, supported);

  const pending = migrations.filter((migration) => migration.version > found);
  if (pending.length === 0 && staleGuards(db).length === 0) return supported;
  const upgrade = db.transaction(() => {
    for (const migration of pending) migration.up(db, uuid);
    db.prepare('UPDATE schema_version SET version = ?').run(supported);
    installGuards(db, staleGuards(db));
  });
  upgrade.immediate();
  return supported;
}

/** 0 for an empty file. A file with tables but without our version is somebody else's. */
function readVersion(db: Database.Database, path: string): number {
  const tables = db
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
    .pluck()
    .all();
  if (tables.length === 0) return 0;
  const version = tables.includes('schema_version')
    ? db.prepare<[], number>('SELECT version FROM schema_version').pluck().get()
    : undefined;
  if (version !== undefined) return version;
  throw databaseUnusable(path, {
    problem: 'it belongs to another program',
    advice: 'Name another path, or move the file aside to begin with an empty one.',
  });
}

function newerDatabase(path: string, found: number, supported: number) {
  return refuse(
    'database_newer',
    `The database ${path} has version ${found}, and this program knows up to ${supported}. ` +
      'Use the newer program again, or move the file aside to begin with an empty one.',
    { path, found, supported },
  );
}
