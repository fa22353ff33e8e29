import type Database from 'better-sqlite3';
import type { EventReader } from '../../agents/events/ports.ts';
import type { LogStore } from '../../agents/logs/ports.ts';
import type { AgentStore } from '../../agents/ports.ts';
import type { StateReader } from '../../agents/state/ports.ts';
import type { ManagedReader } from '../../declare/managed/ports.ts';
import type { DeclarationStore } from '../../declare/ports.ts';
import type { Clock } from '../../lib/clock.ts';
import { openAgentRegistry } from './agent-registry.ts';
import { openAgentStates } from './agent-states.ts';
import { type Changes, emptyChanges } from './changes.ts';
import { openContainerRows } from './container-rows.ts';
import { withDatabaseErrors } from './database-errors.ts';
import { openDeclarations } from './declarations.ts';
import { openEventQuery } from './event-query.ts';
import { openEvents } from './events.ts';
import { openLayoutWriter } from './layout-writer.ts';
import { openLayoutsReader } from './layouts-reader.ts';
import { openLogTables } from './log-store.ts';
import { openManagedReader } from './managed-reader.ts';
import { openMessageQueue } from './message-queue.ts';
import { readIdentity } from './meta.ts';
import { openDatabase } from './open-database.ts';
import { openPaneWriter } from './pane-writer.ts';
import { openRoutes } from './routes.ts';
import { openScannedPaneRows } from './scanned-pane-rows.ts';
import { openSlotWriter } from './slot-writer.ts';
import { type AllWrites, openTransact } from './transaction.ts';

export interface StoreOptions {
  /** File of the database, in a directory that exists, or `:memory:`. */
  readonly path: string;
  readonly clock: Clock;
  readonly uuid: () => string;
  /** Called after every commit that wrote something. Must not throw. */
  readonly onCommit?: () => void;
}

export interface OpenStore
  extends DeclarationStore,
    Omit<AgentStore, 'transact'>,
    Omit<LogStore, 'transact'>,
    EventReader {
  transact<T>(write: (tx: AllWrites) => T): T;
  readonly schemaVersion: number;
  readonly managed: ManagedReader;
  readonly states: StateReader;
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
  const { path } = options;
  const changes = emptyChanges();
  const reader = openLayoutsReader(db, changes);
  const tables = openTables(db, options, changes);
  const { events, declarations, found, logs, registry, states, messages, routes } = tables;
  const listeners = new Set(options.onCommit === undefined ? [] : [options.onCommit]);
  const transact = openTransact(db, {
    path,
    changes,
    writes: tables.writes,
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
      ...openEventQuery(db),
      ...declarations.reads,
      ...found.reads,
      recordExported: events.recordExported,
    }),
    managed: withDatabaseErrors(path, openManagedReader(db)),
    logs: withDatabaseErrors(path, logs.reads),
    registry: withDatabaseErrors(path, registry.reads),
    states: withDatabaseErrors(path, states.reads),
    messages: withDatabaseErrors(path, messages.reads),
    routes: withDatabaseErrors(path, routes.reads),
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

/** What reads and writes each group of tables, and all that a transaction may write. */
function openTables(db: Database.Database, { clock, uuid }: StoreOptions, changes: Changes) {
  const events = openEvents(db, { clock, uuid });
  const declarations = openDeclarations(db, clock);
  const found = openFoundRows(db);
  const ends = { clock, uuid, emit: events.writes.emit };
  const logs = openLogTables(db, { ...ends, lastSeq: events.reads.lastSeq });
  const registry = openAgentRegistry(db, ends);
  const states = openAgentStates(db);
  const messages = openMessageQueue(db, clock);
  const routes = openRoutes(db, clock);
  const writes = {
    ...openLayoutWriter(db, clock, changes),
    ...openSlotWriter(db, clock, changes),
    ...openPaneWriter(db, ends, changes),
    ...declarations.writes,
    ...found.writes,
    ...logs.writes,
    ...registry.writes,
    ...states.writes,
    ...messages.writes,
    ...routes.writes,
    ...events.writes,
  };
  return { events, declarations, found, logs, registry, states, messages, routes, writes };
}

/** What was found and belongs to others. */
function openFoundRows(db: Database.Database) {
  const [containers, panes] = [openContainerRows(db), openScannedPaneRows(db)];
  return {
    reads: { ...containers.reads, ...panes.reads },
    writes: { ...containers.writes, ...panes.writes },
  };
}
