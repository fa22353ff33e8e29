import type Database from 'better-sqlite3';
import type { ManagedReader } from '../../declare/managed/ports.ts';
import type { DeclarationStore } from '../../declare/ports.ts';
import type { Clock } from '../../lib/clock.ts';
import { emptyChanges } from './changes.ts';
import { openContainerRows } from './container-rows.ts';
import { withDatabaseErrors } from './database-errors.ts';
import { openDeclarations } from './declarations.ts';
import { openEvents } from './events.ts';
import { openLayoutWriter } from './layout-writer.ts';
import { openLayoutsReader } from './layouts-reader.ts';
import { openManagedReader } from './managed-reader.ts';
import { readIdentity } from './meta.ts';
import { openDatabase } from './open-database.ts';
import { openPaneWriter } from './pane-writer.ts';
import { openScannedPaneRows } from './scanned-pane-rows.ts';
import { openSlotWriter } from './slot-writer.ts';
import { openTransact } from './transaction.ts';

export interface StoreOptions {
  /** File of the database, in a directory that exists, or `:memory:`. */
  readonly path: string;
  readonly clock: Clock;
  readonly uuid: () => string;
  /** Called after every commit that wrote something. Must not throw. */
  readonly onCommit?: () => void;
}

export interface OpenStore extends DeclarationStore {
  readonly schemaVersion: number;
  readonly managed: ManagedReader;
  /** Like `onCommit`, for those who come later. Returns its stop. */
  watchCommits(onCommit: () => void): () => void;
  /** `seq` up to which events.jsonl has the events. */
  exportedSeq(): number;
  /** Notes that events.jsonl has the events up to `seq`. Wakes nobody. */
  recordExported(seq: number): void;
  close(): void;
}

/** A store whose owner may change the database behind its back. */
export interface StoreOnDatabase extends OpenStore {
  /** Forgets what was read so far, the identity too. */
  reload(): void;
}

/**
 * Opens the store as its only user until closed. Throws `path_unsafe`, `database_newer` or `database_unusable`; its
 * methods throw the last one too when the file or the disk fails later.
 */
export function openStore(options: StoreOptions): OpenStore {
  const { db, schemaVersion } = openDatabase(options.path, options.uuid);
  return storeOn(db, schemaVersion, options);
}

/** A store on a database that is open and migrated already. */
export function storeOn(
  db: Database.Database,
  schemaVersion: number,
  options: StoreOptions,
): StoreOnDatabase {
  const { path, clock, uuid } = options;
  const changes = emptyChanges();
  const reader = openLayoutsReader(db, changes);
  const events = openEvents(db, { clock, uuid });
  const declarations = openDeclarations(db, clock);
  const found = openFoundRows(db);
  const listeners = new Set(options.onCommit === undefined ? [] : [options.onCommit]);
  const transact = openTransact(db, {
    path,
    changes,
    writes: {
      ...openLayoutWriter(db, clock, changes),
      ...openSlotWriter(db, clock, changes),
      ...openPaneWriter(db, clock, changes),
      ...declarations.writes,
      ...found.writes,
      ...events.writes,
    },
    forget: reader.forget,
    onCommit: () => {
      for (const listener of listeners) listener();
    },
  });
  let identity = readIdentity(db);

  return {
    ...withDatabaseErrors(path, {
      ...reader.reads,
      ...events.reads,
      ...declarations.reads,
      ...found.reads,
      recordExported: events.recordExported,
    }),
    managed: withDatabaseErrors(path, openManagedReader(db)),
    transact,
    schemaVersion,
    get installation() {
      return identity.installation;
    },
    get lineage() {
      return identity.lineage;
    },
    watchCommits: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    reload: () => {
      reader.forgetAll();
      identity = readIdentity(db);
    },
    close: () => {
      db.close();
    },
  };
}

/** What was found and belongs to others. */
function openFoundRows(db: Database.Database) {
  const [containers, panes] = [openContainerRows(db), openScannedPaneRows(db)];
  return {
    reads: { ...containers.reads, ...panes.reads },
    writes: { ...containers.writes, ...panes.writes },
  };
}
