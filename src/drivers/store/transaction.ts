import type Database from 'better-sqlite3';
import type { LogTransaction } from '../../agents/logs/ports.ts';
import type { AgentTransaction } from '../../agents/ports.ts';
import type { StateTransaction } from '../../agents/state/ports.ts';
import type { DeclarationTransaction } from '../../declare/ports.ts';
import { type Changes, clearChanges } from './changes.ts';
import { toDatabaseError } from './database-errors.ts';
import { openPlaceCheck } from './file-in-place.ts';

/** The writes of every layer. */
export type AllWrites = DeclarationTransaction &
  AgentTransaction &
  LogTransaction &
  StateTransaction;

interface TransactOptions {
  /** For messages. */
  readonly path: string;
  readonly writes: AllWrites;
  /** What the writes note in passing. */
  readonly changes: Changes;
  /** Called with what a commit has touched, before anyone can read again. */
  readonly forget: (changes: Changes) => void;
  /** Called after a commit that wrote something. */
  readonly onCommit: () => void;
}

/**
 * A function that runs writes as one transaction: all of them are on disk when it returns, none of them when it throws.
 * The store stays usable either way.
 */
export function openTransact(db: Database.Database, options: TransactOptions) {
  const { path, changes, forget, onCommit } = options;
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const tx = whileOpen(db, options.writes, changes);
  const requirePlace = openPlaceCheck(db, path);

  return <T>(write: (tx: AllWrites) => T): T => {
    if (db.inTransaction) throw new Error('a transaction inside a transaction');
    const { result, hasWritten } = runAtomically(write);
    if (hasWritten) onCommit();
    return result;
  };

  function runAtomically<T>(write: (tx: AllWrites) => T) {
    try {
      requirePlace();
      begin.run();
      const result = write(tx);
      if (result instanceof Promise) throw new TypeError('a transaction cannot wait for a promise');
      commit.run();
      forget(changes);
      return { result, hasWritten: changes.any };
    } catch (error) {
      throw toDatabaseError(path, error);
    } finally {
      clearChanges(changes);
      // SQLite has rolled back by itself after some failures.
      if (db.inTransaction) rollback.run();
    }
  }
}

/** The writes, refusing to run after their transaction has ended, and noting that something was written. */
function whileOpen(db: Database.Database, writes: AllWrites, changes: Changes): AllWrites {
  const guarded = Object.entries(writes).map(([name, write]) => [
    name,
    (...args: never[]): unknown => {
      if (!db.inTransaction) throw new Error(`${name} after its transaction has ended`);
      changes.any = true;
      return (write as (...args: never[]) => unknown)(...args);
    },
  ]);
  return Object.fromEntries(guarded) as AllWrites;
}
