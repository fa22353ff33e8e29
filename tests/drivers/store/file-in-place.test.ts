import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type OpenStore, openStore } from '../../../src/drivers/store/open-store.ts';
import { countingUuid, freshPath, LOCAL, newLayout, testClock, thrownBy } from './rows.ts';

const open = (path: string) => openStore({ path, clock: testClock(), uuid: countingUuid() });
const insert = (store: OpenStore, name: string) =>
  store.transact((tx) => tx.insertLayout(newLayout(name)));
const names = (store: OpenStore) =>
  store
    .layoutsOf(LOCAL)
    .map((layout) => layout.spec.name)
    .toSorted();

/** What another process would find now, if this one were killed. */
function namesOnDisk(path: string): readonly string[] {
  const copy = freshPath();
  for (const end of ['', '-wal']) {
    if (existsSync(`${path}${end}`)) copyFileSync(`${path}${end}`, `${copy}${end}`);
  }
  const store = open(copy);
  const found = names(store);
  store.close();
  return found;
}

describe('a database in use', () => {
  test('loses nothing that was committed when its write-ahead log is deleted', () => {
    const path = freshPath();
    const store = open(path);
    insert(store, 'one');
    insert(store, 'two');
    rmSync(`${path}-wal`);
    expect(namesOnDisk(path)).not.toContain('two');
    insert(store, 'three');
    expect(namesOnDisk(path)).toEqual(['one', 'three', 'two']);
    insert(store, 'four');
    expect(namesOnDisk(path)).toEqual(['four', 'one', 'three', 'two']);
    store.close();
  });

  test('loses nothing either when that happens before the first write of all', () => {
    const path = freshPath();
    const store = open(path);
    expect(names(store)).toEqual([]);
    rmSync(`${path}-wal`);
    insert(store, 'one');
    expect(namesOnDisk(path)).toEqual(['one']);
    store.close();
  });

  test.each([
    ['deleted', (path: string) => rmSync(path)],
    [
      'replaced by a copy',
      (path: string) => {
        copyFileSync(path, `${path}.copy`);
        renameSync(`${path}.copy`, path);
      },
    ],
  ])('takes no more writes once it is %s, and says so', (_how, harm) => {
    const path = freshPath();
    const store = open(path);
    insert(store, 'one');
    harm(path);
    const refusal = thrownBy(() => insert(store, 'two'));
    expect(refusal).toMatchObject({ code: 'database_unusable', details: { path } });
    expect(String(refusal)).toMatch(/moved, replaced or deleted.*restart the daemon/);
    expect(names(store)).toEqual(['one']);
    store.close();
  });

  test('takes writes again when it was moved away and put back', () => {
    const path = freshPath();
    const store = open(path);
    renameSync(path, `${path}.aside`);
    expect(thrownBy(() => insert(store, 'one'))).toMatchObject({ code: 'database_unusable' });
    renameSync(`${path}.aside`, path);
    insert(store, 'one');
    expect(namesOnDisk(path)).toEqual(['one']);
    store.close();
  });
});
