import { expect, test } from 'vitest';
import { openMemoryStore } from '../../../src/drivers/store/memory-store.ts';
import {
  countingUuid,
  layoutId,
  newLayout,
  newPane,
  newSlot,
  paneId,
  slotSpec,
  testClock,
} from './rows.ts';

/** One layout `web` with the slots `m1` and `s1`, each with a pane. */
function open() {
  const store = openMemoryStore({ clock: testClock(), uuid: countingUuid() });
  store.transact((tx) => {
    tx.insertLayout(newLayout('web', { idempotencyKey: 'k' }));
    tx.insertSlot(newSlot('web', 'm1'));
    tx.insertSlot(newSlot('web', 's1', { position: 1 }));
    tx.insertPane(newPane('web/m1', 'one'));
    tx.insertPane(newPane('web/s1', 'two', { spec: slotSpec('s1', { label: 'web-s1' }) }));
  });
  return store;
}

const successor = (name: string, changes: { readonly idempotencyKey?: string } = {}) =>
  newPane('web/m1', name, {
    recreates: { predecessor: paneId('one'), chainDepth: 1, ...changes },
  });

test('a key makes one layout in a container, for ever', () => {
  const store = open();
  const again = newLayout('api', { idempotencyKey: 'k' });
  expect(() => store.transact((tx) => tx.insertLayout(again))).toThrow(/UNIQUE/);
  store.transact((tx) => {
    for (const name of ['one', 'two']) tx.updatePane(paneId(name), { state: 'failed' });
    tx.closeLayout(layoutId('web'));
  });
  expect(() => store.transact((tx) => tx.insertLayout(again))).toThrow(/UNIQUE/);
  expect(store.managed.layoutByKey(newLayout('web').container, 'k')).toMatchObject({
    id: layoutId('web'),
    state: 'removed',
    closed: true,
  });
});

test('a pane has one live successor, one per key, and a chain has an end', () => {
  const store = open();
  store.transact((tx) => tx.updatePane(paneId('one'), { state: 'failed' }));
  store.transact((tx) => tx.insertPane(successor('next', { idempotencyKey: 'k' })));
  expect(() => store.transact((tx) => tx.insertPane(successor('other')))).toThrow(/UNIQUE/);
  expect(store.managed.liveSuccessor(paneId('one'))?.id).toBe(paneId('next'));
  store.transact((tx) => tx.updatePane(paneId('next'), { state: 'failed' }));
  expect(store.managed.liveSuccessor(paneId('one'))).toBeUndefined();
  expect(() =>
    store.transact((tx) => tx.insertPane(successor('other', { idempotencyKey: 'k' }))),
  ).toThrow(/UNIQUE/);
  const deep = { predecessor: paneId('one'), chainDepth: 16 };
  expect(() =>
    store.transact((tx) => tx.insertPane(newPane('web/m1', 'deep', { recreates: deep }))),
  ).toThrow('a chain of recreations is too deep');
  expect(store.managed.successorByKey(paneId('one'), 'k')?.id).toBe(paneId('next'));
});

test('a closed layout comes back with its declared slots, and not with those it had dropped', () => {
  const store = open();
  store.transact((tx) => {
    for (const name of ['one', 'two']) tx.updatePane(paneId(name), { state: 'failed' });
    tx.updateSlot(newSlot('web', 's1').id, { declared: false });
    tx.closeSlot(newSlot('web', 's1').id);
    tx.closeLayout(layoutId('web'));
  });
  expect(store.layouts()).toEqual([]);
  store.transact((tx) => tx.reopenLayout(layoutId('web'), { deleting: undefined }));
  expect(store.layouts().map(({ slots }) => slots.map(({ key }) => key))).toEqual([['m1']]);
});

test('a place of a session is found as tmux spells its name', () => {
  const store = open();
  const { container } = newLayout('web');
  store.transact((tx) => {
    tx.updatePane(paneId('one'), { state: 'failed' });
    tx.insertPane(newPane('web/m1', 'dotted', { session: 'a.b:c' }));
  });
  expect(store.managed.isPlaceTaken(container, 'a_b_c', 0)).toBe(true);
  expect(store.managed.isPlaceTaken(container, 'a_b_c', 1)).toBe(false);
  expect(store.managed.isLabelTaken(container, 'web-s1')).toBe(true);
});
