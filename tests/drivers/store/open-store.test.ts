import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { AgentTowerError } from '../../../src/domain/errors.ts';
import { openStore, storeOn } from '../../../src/drivers/store/open-store.ts';
import {
  countingUuid,
  freshPath,
  LOCAL,
  newLayout,
  newPane,
  newSlot,
  paneId,
  slotSpec,
  testClock,
  testStore,
  thrownBy,
} from './rows.ts';

const open = (path: string) => openStore({ path, clock: testClock(), uuid: countingUuid() });

function fillWithOneOfEach(store: ReturnType<typeof open>): void {
  store.transact((tx) => {
    tx.insertLayout(newLayout('web'));
    tx.insertSlot(newSlot('web', 'm1'));
    tx.insertPane(newPane('web/m1', 'one'));
    tx.updatePane(paneId('one'), { state: 'ready', readyAt: 5 });
    tx.emit({
      type: 'layout_removed',
      actor: 'operator',
      payload: { name: 'web', reason: 'because' },
    });
    tx.putObject({ kind: 'LaunchProfile', name: 'p', source: 'apply', path: 'x', content: {} });
  });
}

/** The message of a refusal that names the path. */
function refusalOf(path: string): string {
  const refusal = thrownBy(() => open(path));
  expect(refusal).toBeInstanceOf(AgentTowerError);
  expect(refusal).toMatchObject({ code: 'database_unusable', details: { path } });
  expect(String(refusal)).toContain(path);
  return String(refusal);
}

describe('a store on disk', () => {
  test('has everything that was committed after it is opened again', () => {
    const path = freshPath();
    const before = open(path);
    fillWithOneOfEach(before);
    const seen = [before.layouts(), before.eventsAfter(0, 9), before.objects()];
    const { installation, lineage } = before;
    before.close();

    const after = open(path);
    expect([after.layouts(), after.eventsAfter(0, 9), after.objects()]).toEqual(seen);
    expect([after.installation, after.lineage]).toEqual([installation, lineage]);
    expect(after.installation).not.toBe(after.lineage);
    after.close();
  });

  test('has what was committed even if it was never closed', () => {
    const path = freshPath();
    const { db, store } = testStore(path);
    fillWithOneOfEach(store);
    const copy = freshPath();
    for (const suffix of ['', '-wal']) {
      writeFileSync(copy + suffix, readFileSync(path + suffix), { mode: 0o600 });
    }
    db.close();

    const survivor = open(copy);
    expect(survivor.layoutsOf(LOCAL)[0]?.slots[0]?.pane?.state).toBe('ready');
    survivor.close();
  });

  test('is used by one process at a time', () => {
    const path = freshPath();
    const first = open(path);
    const refusal = thrownBy(() => open(path));
    expect(refusal).toMatchObject({ code: 'database_unusable', details: { path } });
    expect(String(refusal)).toContain('another process has it open');
    first.close();
    open(path).close();
  });

  test('syncs every commit, writes ahead and checks foreign keys', () => {
    const { db, store } = testStore(freshPath());
    const pragma = (name: string) => db.pragma(name, { simple: true });
    expect(pragma('journal_mode')).toBe('wal');
    expect(pragma('synchronous')).toBe(2);
    expect(pragma('foreign_keys')).toBe(1);
    expect(pragma('locking_mode')).toBe('exclusive');
    expect(pragma('busy_timeout')).toBeLessThanOrEqual(50);
    store.close();
  });

  test('is opened again without a single write', () => {
    const path = freshPath();
    open(path).close();
    const { mtimeMs } = statSync(path);
    const { db, store } = testStore(path);
    expect(db.prepare('SELECT total_changes()').pluck().get()).toBe(0);
    store.close();
    expect(statSync(path).mtimeMs).toBe(mtimeMs);
  });
});

describe('the file', () => {
  test('is readable by its owner alone', () => {
    const path = freshPath();
    const store = open(path);
    fillWithOneOfEach(store);
    for (const suffix of ['', '-wal']) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
    store.close();
  });

  test.each([0o644, 0o660, 0o604])('with mode %o is refused and left alone', (mode) => {
    const path = freshPath();
    open(path).close();
    chmodSync(path, mode);
    const refusal = thrownBy(() => open(path));
    expect(refusal).toMatchObject({ code: 'path_unsafe', details: { path } });
    expect(String(refusal)).toContain(`chmod 600 ${path}`);
    expect(statSync(path).mode & 0o777).toBe(mode);
  });

  test('must be a file', () => {
    const path = freshPath();
    mkdirSync(path, { mode: 0o700 });
    expect(thrownBy(() => open(path))).toMatchObject({ code: 'path_unsafe' });
  });

  test('may be a link to a file, and its mode is what counts', () => {
    const path = freshPath();
    open(path).close();
    const link = join(dirname(path), 'link.db');
    symlinkSync(path, link);
    open(link).close();
    chmodSync(path, 0o640);
    expect(thrownBy(() => open(link))).toMatchObject({ code: 'path_unsafe' });
  });
});

describe('a database that cannot be used', () => {
  test('because it is no database says so', () => {
    const path = freshPath();
    writeFileSync(path, 'something else '.repeat(1_000), { mode: 0o600 });
    expect(refusalOf(path)).toContain('not a database');
  });

  test('because it is damaged says so', () => {
    const path = freshPath();
    open(path).close();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xff, 100, 4_096), { mode: 0o600 });
    expect(refusalOf(path)).toContain('damaged');
  });

  test('because another program made it is left as it was', () => {
    const path = freshPath();
    const foreign = new Database(path);
    foreign.exec('CREATE TABLE recipes (name TEXT)');
    foreign.close();
    chmodSync(path, 0o600);
    const bytes = readFileSync(path);
    expect(refusalOf(path)).toContain('another program');
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test('because its directory is missing says so', () => {
    expect(refusalOf('/nowhere/at/all.db')).toContain('no such file or directory');
  });

  test('because it is read-only can still be read', () => {
    const path = freshPath();
    const writable = open(path);
    fillWithOneOfEach(writable);
    writable.close();
    const db = new Database(path, { readonly: true });
    const store = storeOn(db, 1, { path, clock: testClock(), uuid: countingUuid() });

    const refusal = thrownBy(() => store.transact((tx) => tx.insertLayout(newLayout('api'))));
    expect(refusal).toMatchObject({ code: 'database_unusable' });
    expect(String(refusal)).toContain('read-only');
    expect(store.layoutsOf(LOCAL).map((layout) => layout.spec.name)).toEqual(['web']);
    store.close();
  });

  test('because it was damaged while open says so on reading', () => {
    const path = freshPath();
    const before = open(path);
    before.transact((tx) => {
      tx.insertLayout(newLayout('web'));
      for (let index = 0; index < 50; index += 1) {
        const spec = slotSpec(`s${index}`, { command: ['x'.repeat(1_000)] });
        tx.insertSlot(newSlot('web', `s${index}`, { spec }));
      }
    });
    before.close();
    const bytes = readFileSync(path);
    const pages = bytes.length / 4_096;
    const roots = testStore(path);
    const used = roots.db
      .prepare<[], number>(`SELECT rootpage FROM sqlite_schema WHERE name = 'slot'`)
      .pluck()
      .get();
    roots.store.close();
    expect(used).toBeLessThan(pages);
    writeFileSync(path, bytes.fill(0xff, ((used ?? 0) - 1) * 4_096, (used ?? 0) * 4_096));

    const store = open(path);
    expect(thrownBy(() => store.layouts())).toMatchObject({ code: 'database_unusable' });
    store.close();
  });
});
