import { closeSync, openSync, type Stats, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { AgentTowerError, refuse } from '../../domain/errors.ts';
import { databaseUnusable, toDatabaseError } from './database-errors.ts';
import { type Migration, migrate } from './migrations.ts';

/** Waiting for a lock blocks the event loop, and nobody else may hold one. */
const BUSY_TIMEOUT_MS = 50;

export interface OpenDatabase {
  readonly db: Database.Database;
  readonly schemaVersion: number;
}

/**
 * Opens the database as its only user until closed, makes it when missing, and migrates it.
 * Throws `path_unsafe`, `database_newer` or `database_unusable`.
 */
export function openDatabase(
  path: string,
  uuid: () => string,
  migrations?: readonly Migration[],
): OpenDatabase {
  if (path !== ':memory:') requirePrivateFile(path);
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    // Before the first read, so that the write-ahead index stays in our memory and the lock is never given back.
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('foreign_keys = ON');
    db.pragma('synchronous = FULL');
    const schemaVersion = migrate(db, {
      path,
      uuid,
      ...(migrations === undefined ? {} : { migrations }),
    });
    db.pragma('journal_mode = WAL');
    return { db, schemaVersion };
  } catch (error) {
    db?.close();
    throw toDatabaseError(path, error);
  }
}

/** Makes the file with mode 0600 when it is missing; refuses one that others may read or write. */
function requirePrivateFile(path: string): void {
  try {
    // Looked at first: opening a pipe would wait for its other end.
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) closeSync(openSync(path, 'a', 0o600));
    else requirePrivate(path, stat);
  } catch (error) {
    if (error instanceof AgentTowerError) throw error;
    const problem = 'the file cannot be opened';
    const advice = 'Check that its directory exists and belongs to this user.';
    throw databaseUnusable(path, { problem, advice }, error);
  }
}

function requirePrivate(path: string, stat: Stats): void {
  if (!stat.isFile()) throw unsafe(path, 'is not a regular file', 'Move it aside.');
  if ((stat.mode & 0o077) === 0) return;
  const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
  throw unsafe(path, `has mode ${mode}: others can read or write it`, `Run: chmod 600 ${path}`);
}

function unsafe(path: string, problem: string, advice: string) {
  return refuse('path_unsafe', `The database ${path} ${problem}. ${advice}`, { path, problem });
}
