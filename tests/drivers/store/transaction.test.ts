import { describe, expect, test } from 'vitest';
import type { DeclarationTransaction } from '../../../src/declare/ports.ts';
import { openStore } from '../../../src/drivers/store/open-store.ts';
import {
  BENCH,
  countingUuid,
  freshPath,
  LOCAL,
  layoutId,
  newLayout,
  newPane,
  newSlot,
  paneId,
  slotId,
  slotSpec,
  testClock,
  testStore,
  thrownBy,
} from './rows.ts';

const names = (store: ReturnType<typeof testStore>['store']) =>
  store.layoutsOf(LOCAL).map((layout) => layout.spec.name);

describe('a transaction', () => {
  test('that throws in the middle leaves nothing behind', () => {
    const { db, store } = testStore();
    const rows = () =>
      ['managed_layout', 'slot', 'managed_pane', 'agents', 'events', 'source', 'spent_plan'].map(
        (table) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(),
      );
    const before = rows();
    const boom = new Error('boom');
    const refusal = thrownBy(() =>
      store.transact((tx) => {
        tx.insertLayout(newLayout('web'));
        tx.insertSlot(newSlot('web', 'm1'));
        tx.insertPane(newPane('web/m1', 'one'));
        tx.registerAgent(paneId('one'));
        tx.emit({ type: 'source_recovered', actor: 'daemon', payload: { source: 'x' } });
        tx.spendPlan('plan');
        throw boom;
      }),
    );
    expect(refusal).toBe(boom);
    expect(rows()).toEqual(before);
    expect(store.layouts()).toEqual([]);
  });

  test('answers what its body answers', () => {
    expect(testStore().store.transact(() => 42)).toBe(42);
  });

  test('sees its own writes while it runs, and nobody sees them after a rollback', () => {
    const { store } = testStore();
    store.transact((tx) => tx.insertLayout(newLayout('web')));
    expect(names(store)).toEqual(['web']);
    expect(store.containers()).toEqual([LOCAL]);
    expect(() =>
      store.transact((tx) => {
        tx.insertLayout(newLayout('api'));
        tx.insertLayout(newLayout('far', { container: BENCH }));
        tx.updateLayout(layoutId('web'), { state: 'failed' });
        expect(names(store)).toEqual(['api', 'web']);
        expect(store.containers()).toEqual([BENCH, LOCAL]);
        const states = store.layouts().map((layout) => layout.state);
        expect(states).toEqual(['creating', 'creating', 'failed']);
        throw new Error('never mind');
      }),
    ).toThrow('never mind');
    expect(names(store)).toEqual(['web']);
    expect(store.layouts().map((layout) => layout.state)).toEqual(['creating']);
  });

  test('cannot put a pane into a slot that is closed', () => {
    const { store } = testStore();
    store.transact((tx) => {
      tx.insertLayout(newLayout('web'));
      tx.insertSlot(newSlot('web', 'm1'));
      tx.closeSlot(slotId('web/m1'));
    });
    const insert = () => store.transact((tx) => tx.insertPane(newPane('web/m1', 'one')));
    expect(insert).toThrow('there is no open slot');
  });

  test('cannot be begun inside another, nor wait, nor be used after its end', () => {
    const { store } = testStore();
    expect(() => store.transact(() => store.transact(() => 1))).toThrow(/inside a transaction/);
    expect(() => store.transact(() => Promise.resolve(1))).toThrow(/promise/);
    let leaked: DeclarationTransaction | undefined;
    store.transact((tx) => {
      leaked = tx;
    });
    expect(() => leaked?.insertLayout(newLayout('late'))).toThrow(/has ended/);
    expect(names(store)).toEqual([]);
  });

  test.each([
    ['layout', (tx: DeclarationTransaction) => tx.updateLayout(layoutId('x'), { generation: 2 })],
    ['layout', (tx: DeclarationTransaction) => tx.closeLayout(layoutId('x'))],
    ['slot', (tx: DeclarationTransaction) => tx.updateSlot(slotId('x'), { failures: 2 })],
    ['slot', (tx: DeclarationTransaction) => tx.closeSlot(slotId('x'))],
    ['slot', (tx: DeclarationTransaction) => tx.insertPane(newPane('x/y', 'one'))],
    ['pane', (tx: DeclarationTransaction) => tx.updatePane(paneId('x'), { pid: 2 })],
    ['pane', (tx: DeclarationTransaction) => tx.registerAgent(paneId('x'))],
  ])('that writes to a %s nobody knows is refused', (what, write) => {
    const { store } = testStore();
    expect(() => store.transact(write)).toThrow(new RegExp(`there is no (open )?${what}`));
  });
});

describe('commits', () => {
  test('are told to all who listen, unless nothing was written or nothing came of it', () => {
    let told = 0;
    const store = openStore({
      path: ':memory:',
      clock: testClock(),
      uuid: countingUuid(),
      onCommit: () => {
        told += 1;
      },
    });
    let alsoTold = 0;
    const stop = store.watchCommits(() => {
      // Whoever is woken sees what was committed.
      alsoTold += store.layouts().length;
    });
    store.transact((tx) => tx.insertLayout(newLayout('web')));
    expect([told, alsoTold]).toEqual([1, 1]);
    store.transact(() => undefined);
    thrownBy(() => store.transact((tx) => tx.insertLayout(newLayout('web'))));
    expect([told, alsoTold]).toEqual([1, 1]);
    stop();
    store.transact((tx) => tx.insertLayout(newLayout('api')));
    expect([told, alsoTold]).toEqual([2, 1]);
    store.close();
  });
});

describe('on a full disk', () => {
  test('nothing changes, reads go on, and writes do once there is space', () => {
    const { db, store } = testStore(freshPath());
    store.transact((tx) => tx.insertLayout(newLayout('web')));
    const before = store.layouts();
    const events = store.lastSeq();
    const pages = db.pragma('page_count', { simple: true }) as number;
    db.pragma(`max_page_count = ${pages + 2}`);

    const refusal = thrownBy(() =>
      store.transact((tx) => {
        tx.emit({ type: 'source_recovered', actor: 'daemon', payload: { source: 'x' } });
        tx.updateLayout(layoutId('web'), { state: 'ready' });
        for (let index = 0; index < 100; index += 1) {
          const spec = slotSpec(`s${index}`, { command: ['x'.repeat(1_000)] });
          tx.insertSlot(newSlot('web', `s${index}`, { spec }));
        }
      }),
    );
    expect(refusal).toMatchObject({ code: 'database_unusable' });
    expect(String(refusal)).toMatch(/disk is full.*Free some space/);
    expect(store.layouts()).toBe(before);
    expect(store.lastSeq()).toBe(events);

    store.transact((tx) => tx.updateLayout(layoutId('web'), { generation: 2 }));
    expect(store.layouts()[0]?.generation).toBe(2);
    db.pragma('max_page_count = 100000');
    store.transact((tx) => tx.insertLayout(newLayout('api')));
    expect(names(store)).toEqual(['api', 'web']);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    store.close();
  });
});
