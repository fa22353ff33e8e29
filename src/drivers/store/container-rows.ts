import type Database from 'better-sqlite3';
import type { ContainerMount, ContainerRecord, ContainerState } from '../../domain/containers.ts';
import type { ContainerId } from '../../domain/ids.ts';
import type { Store, Transaction } from '../../reconcile/ports.ts';
import type { Columns } from './columns.ts';
import { readJson, writeJson } from './json-text.ts';

/** Version 3 adds it. A row is never deleted: layouts and history refer to it. No environment is kept. */
export const CONTAINERS_TABLE = `
CREATE TABLE containers (
  key TEXT PRIMARY KEY,
  engine TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  image TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'exited', 'missing')),
  status TEXT NOT NULL,
  labels_json TEXT NOT NULL,
  mounts_json TEXT NOT NULL,
  user TEXT NOT NULL,
  working_dir TEXT NOT NULL,
  started_at TEXT NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_scanned_at INTEGER NOT NULL,
  UNIQUE (engine, name)
) STRICT, WITHOUT ROWID;
`;

interface ContainerRow {
  readonly key: ContainerId;
  readonly engine: string;
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly state: Exclude<ContainerState, 'unknown'>;
  readonly status: string;
  readonly labels_json: string;
  readonly mounts_json: string;
  readonly user: string;
  readonly working_dir: string;
  readonly started_at: string;
  readonly first_seen_at: number;
  readonly last_scanned_at: number;
}

interface ContainerRows {
  readonly reads: Pick<Store, 'containerRecords'>;
  readonly writes: Pick<Transaction, 'putContainer'>;
}

/** Reads and writes of the table `containers`. */
export function openContainerRows(db: Database.Database): ContainerRows {
  const all = db.prepare<[], ContainerRow>('SELECT * FROM containers ORDER BY key');
  const put = db.prepare<[Columns]>(`
    INSERT INTO containers (
      key, engine, id, name, image, state, status, labels_json, mounts_json, user, working_dir, started_at,
      first_seen_at, last_scanned_at
    ) VALUES (
      @key, @engine, @id, @name, @image, @state, @status, @labels_json, @mounts_json, @user, @working_dir, @started_at,
      @first_seen_at, @last_scanned_at
    )
    ON CONFLICT (key) DO UPDATE SET
      id = excluded.id, image = excluded.image, state = excluded.state, status = excluded.status,
      labels_json = excluded.labels_json, mounts_json = excluded.mounts_json, user = excluded.user,
      working_dir = excluded.working_dir, started_at = excluded.started_at,
      last_scanned_at = excluded.last_scanned_at`);
  return {
    reads: { containerRecords: () => all.all().map(toRecord) },
    writes: {
      putContainer: (record) => {
        put.run(toColumns(record));
      },
    },
  };
}

/** What a container has mounted, as far as is known: of the host, nothing. */
export function openMountsReader(
  db: Database.Database,
): (container: ContainerId) => readonly ContainerMount[] {
  const read = db
    .prepare<[ContainerId], string>('SELECT mounts_json FROM containers WHERE key = ?')
    .pluck();
  return (container) => {
    const mounts = read.get(container);
    return mounts === undefined ? [] : (readJson(mounts) as readonly ContainerMount[]);
  };
}

function toRecord(row: ContainerRow): ContainerRecord {
  return {
    key: row.key,
    engine: row.engine,
    id: row.id,
    name: row.name,
    image: row.image,
    state: row.state,
    status: row.status,
    labels: readJson(row.labels_json) as Readonly<Record<string, string>>,
    mounts: readJson(row.mounts_json) as readonly ContainerMount[],
    user: row.user,
    workingDir: row.working_dir,
    startedAt: row.started_at,
    firstSeenAt: row.first_seen_at,
    lastScannedAt: row.last_scanned_at,
  };
}

function toColumns(record: ContainerRecord): Columns {
  return {
    key: record.key,
    engine: record.engine,
    id: record.id,
    name: record.name,
    image: record.image,
    state: record.state,
    status: record.status,
    labels_json: writeJson(record.labels),
    mounts_json: writeJson(record.mounts),
    user: record.user,
    working_dir: record.workingDir,
    started_at: record.startedAt,
    first_seen_at: record.firstSeenAt,
    last_scanned_at: record.lastScannedAt,
  };
}
