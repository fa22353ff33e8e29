import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MIGRATIONS, type Migration } from '../../../src/drivers/store/migrations.ts';
import { openDatabase } from '../../../src/drivers/store/open-database.ts';
import { openStore } from '../../../src/drivers/store/open-store.ts';
import { countingUuid, freshPath, testClock, thrownBy } from './rows.ts';

const newest = Math.max(...MIGRATIONS.map((migration) => migration.version));
const adds = (version: number, sql: string): Migration => ({
  version,
  up: (db) => {
    db.exec(sql);
  },
});
const later = adds(newest + 1, 'CREATE TABLE later (a TEXT) STRICT');
const broken = adds(newest + 2, 'CREATE TABLE broken (nonsense');
const versionIn = (path: string) => {
  const { db } = openDatabase(path, countingUuid(), [...MIGRATIONS, later]);
  const version = db.prepare('SELECT version FROM schema_version').pluck().all();
  db.close();
  return version;
};

test('versions begin at 1 and only grow', () => {
  const versions = MIGRATIONS.map((migration) => migration.version);
  expect(versions[0]).toBe(1);
  expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
});

test('an older database gets every pending migration, once', () => {
  const path = freshPath();
  openDatabase(path, countingUuid()).db.close();
  const upgraded = openDatabase(path, countingUuid(), [...MIGRATIONS, later]);
  expect(upgraded.schemaVersion).toBe(newest + 1);
  upgraded.db.close();
  expect(versionIn(path)).toEqual([newest + 1]);
});

test('a migration that fails undoes those before it', () => {
  const path = freshPath();
  openDatabase(path, countingUuid()).db.close();
  expect(() => openDatabase(path, countingUuid(), [...MIGRATIONS, later, broken])).toThrow(
    /incomplete input/,
  );
  const { db, schemaVersion } = openDatabase(path, countingUuid());
  expect(schemaVersion).toBe(newest);
  expect(db.prepare(`SELECT name FROM sqlite_schema WHERE name = 'later'`).all()).toEqual([]);
  db.close();
});

test('a database that could not be made at all is made at the next start', () => {
  const path = freshPath();
  expect(() => openDatabase(path, countingUuid(), [...MIGRATIONS, broken])).toThrow(
    /incomplete input/,
  );
  openDatabase(path, countingUuid()).db.close();
});

test('a database newer than the program is refused and left as it was', () => {
  const path = freshPath();
  openDatabase(path, countingUuid(), [...MIGRATIONS, later]).db.close();
  const bytes = readFileSync(path);
  const refusal = thrownBy(() => openStore({ path, clock: testClock(), uuid: countingUuid() }));
  expect(refusal).toMatchObject({
    code: 'database_newer',
    details: { path, found: newest + 1, supported: newest },
  });
  expect(String(refusal)).toContain(path);
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

test('a store says which version its tables have', () => {
  const store = openStore({ path: ':memory:', clock: testClock(), uuid: countingUuid() });
  expect(store.schemaVersion).toBe(newest);
  store.close();
});
