import type Database from 'better-sqlite3';
import type { InstallationId } from '../../domain/ids.ts';

/** Who this database is: made once with it, never changed. */
export interface Identity {
  readonly installation: InstallationId;
  readonly lineage: string;
}

/** Fills the table `meta` of a database that has just been made, or emptied. */
export function insertIdentity(db: Database.Database, uuid: () => string): void {
  const insert = db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
  insert.run('installation', uuid());
  insert.run('lineage', uuid());
  insert.run('exported_seq', '0');
}

/** Throws when the rows are gone, which no program of ours does. */
export function readIdentity(db: Database.Database): Identity {
  const read = db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck();
  const installation = read.get('installation');
  const lineage = read.get('lineage');
  if (installation === undefined || lineage === undefined) {
    throw new Error('the database has no identity: its table meta was emptied by hand');
  }
  return { installation: installation as InstallationId, lineage };
}
