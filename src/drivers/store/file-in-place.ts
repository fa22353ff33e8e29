import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { databaseUnusable } from './database-errors.ts';

const MOVED = {
  problem: 'it was moved, replaced or deleted while it was in use',
  advice: 'Put it back, or restart the daemon to go on with what is there now.',
};

/**
 * A function to be called before every transaction. What is written to a file that has lost its name is gone when we
 * are: it throws `database_unusable` when the database at `path` is no longer the one that is open, and makes a
 * write-ahead log that is gone anew, with what was in it.
 */
export function openPlaceCheck(db: Database.Database, path: string): () => void {
  if (path === ':memory:') return () => {};
  const file = identify(path);
  const logPath = `${path}-wal`;
  let log = identify(logPath);
  return () => {
    if (identify(path) !== file) throw databaseUnusable(path, MOVED);
    const found = identify(logPath);
    // SQLite makes it at the first read or write: whether that has been, nobody tells.
    if (found !== undefined) log ??= found;
    if (found !== undefined && found === log) return;
    // Leaving the mode carries all of the log, which we still have open, over to the database.
    db.pragma('journal_mode = DELETE');
    db.pragma('journal_mode = WAL');
    log = identify(logPath);
  };
}

/** Tells one file from another under the same name. */
function identify(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}
