import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeclarationTransaction } from '../../../src/declare/ports.ts';
import type { Epoch, TmuxPaneId } from '../../../src/domain/ids.ts';
import { PANE_STATES } from '../../../src/domain/states.ts';
import { storeOn } from '../../../src/drivers/store/open-store.ts';
import {
  BENCH,
  countingUuid,
  LOCAL,
  layoutId,
  layoutSpec,
  newLayout,
  newPane,
  newSlot,
  paneId,
  slotId,
  slotSpec,
  testStore,
} from './rows.ts';

describe('a layout', () => {
  test('starts unobserved, creating and out of sync', () => {
    const { store } = testStore();
    const layout = newLayout('web', {
      source: { kind: 'git', name: 'team', path: 'a.yaml:3', revision: 'main@sha1:1' },
    });
    store.transact((tx) => tx.insertLayout(layout));
    expect(store.layouts()).toStrictEqual([
      {
        id: layout.id,
        container: LOCAL,
        spec: layout.spec,
        source: layout.source,
        generation: 1,
        observedGeneration: 0,
        state: 'creating',
        sync: 'OutOfSync',
        health: 'Progressing',
        conditions: [],
        createdAt: 1_000,
        updatedAt: 1_000,
        slots: [],
      },
    ]);
  });

  test('keeps every field of a patch, and forgets those that are set to undefined', () => {
    const { store, clock } = testStore();
    store.transact((tx) => tx.insertLayout(newLayout('web')));
    clock.set(2_000);
    const spec = layoutSpec('web', { arrangement: 'main-vertical' });
    const plain = {
      spec,
      source: { kind: 'directory', name: 'dir', path: 'b.yaml:1' },
      generation: 4,
      observedGeneration: 3,
      state: 'failed',
      sync: 'Synced',
      health: 'Degraded',
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'PaneFailed',
          message: 'm1 failed',
          lastTransitionTime: 7,
          observedGeneration: 3,
        },
      ],
    } as const;
    const passing = {
      failedStage: 'launch_command',
      deleting: { reason: 'NoLongerDeclared', at: 9 },
      suspended: { by: 'me', reason: 'lunch', at: 8 },
      arranged: 'tiled',
      pruneBlocked: 'too many',
      ownershipConflict: 'team: c.yaml:2',
    } as const;
    store.transact((tx) => tx.updateLayout(layoutId('web'), { ...plain, ...passing }));
    const whole = {
      id: layoutId('web'),
      container: LOCAL,
      createdAt: 1_000,
      updatedAt: 2_000,
      slots: [],
      ...plain,
    };
    expect(store.layouts()).toStrictEqual([{ ...whole, ...passing }]);

    const nothing = Object.fromEntries(Object.keys(passing).map((key) => [key, undefined]));
    store.transact((tx) => tx.updateLayout(layoutId('web'), nothing));
    expect(store.layouts()).toStrictEqual([whole]);
  });

  test('is listed by container and name until it is closed', () => {
    const { store } = testStore();
    store.transact((tx) => {
      for (const name of ['web', 'api']) tx.insertLayout(newLayout(name));
      tx.insertLayout(newLayout('far', { container: BENCH }));
    });
    const listed = () => store.layouts().map((layout) => layout.id);
    expect(listed()).toEqual([layoutId('far'), layoutId('api'), layoutId('web')]);
    expect(store.containers()).toEqual([BENCH, LOCAL]);

    store.transact((tx) => {
      tx.closeLayout(layoutId('far'));
      tx.closeLayout(layoutId('api'));
    });
    expect(listed()).toEqual([layoutId('web')]);
    expect(store.containers()).toEqual([LOCAL]);
    expect(store.layoutsOf(BENCH)).toEqual([]);
  });

  test('that is closed closes its slots', () => {
    const { db, store } = testStore();
    store.transact((tx) => {
      tx.insertLayout(newLayout('web'));
      tx.insertSlot(newSlot('web', 'm1'));
      tx.closeLayout(layoutId('web'));
    });
    expect(db.prepare('SELECT closed_at FROM slot').pluck().all()).toEqual([1_000]);
  });
});

describe('a slot', () => {
  test('stands in its place, those no longer declared last, closed ones nowhere', () => {
    const { store } = testStore();
    store.transact((tx) => {
      tx.insertLayout(newLayout('web'));
      for (const [position, key] of ['old', 's2', 's1', 'gone'].entries()) {
        tx.insertSlot(newSlot('web', key, { position }));
      }
      tx.updateSlot(slotId('web/s1'), { position: 0 });
      tx.updateSlot(slotId('web/old'), { declared: false });
      tx.closeSlot(slotId('web/gone'));
    });
    expect(store.layouts()[0]?.slots.map((slot) => slot.key)).toEqual(['s1', 's2', 'old']);
  });

  test('keeps every field of a patch, and forgets those that are set to undefined', () => {
    const { store } = testStore();
    const plain = {
      spec: slotSpec('m2', { command: ['other'] }),
      declared: false,
      restartRequested: true,
      failures: 2,
      exits: [1, 2],
      vanishings: [3],
      restarts: 4,
    };
    const passing = {
      hold: { by: 'me', reason: 'looking', since: 5, until: 6 },
      nextAttemptAt: 7,
      fence: { epoch: 'e#1:2' as Epoch, value: 'pane-one' },
    };
    store.transact((tx) => {
      tx.insertLayout(newLayout('web'));
      tx.insertSlot(newSlot('web', 'm1'));
      tx.updateSlot(slotId('web/m1'), { ...plain, ...passing });
    });
    const whole = { id: slotId('web/m1'), key: 'm2', ...plain };
    expect(store.layouts()[0]?.slots).toStrictEqual([{ ...whole, ...passing }]);
    const nothing = { hold: undefined, nextAttemptAt: undefined, fence: undefined };
    store.transact((tx) => tx.updateSlot(slotId('web/m1'), nothing));
    expect(store.layouts()[0]?.slots).toStrictEqual([whole]);
  });

  test('shows its live pane, else the newest', () => {
    const { store } = testStore();
    const shown = () => store.layouts()[0]?.slots[0]?.pane?.id;
    store.transact((tx) => {
      tx.insertLayout(newLayout('web'));
      tx.insertSlot(newSlot('web', 'm1'));
    });
    expect(shown()).toBeUndefined();
    for (const name of ['z', 'y', 'x']) {
      store.transact((tx) => tx.insertPane(newPane('web/m1', name)));
      expect(shown()).toBe(paneId(name));
      store.transact((tx) => tx.updatePane(paneId(name), { state: 'failed' }));
      expect(shown()).toBe(paneId(name));
    }
  });
});

describe('a pane', () => {
  test('keeps what it was made with and every field of a patch', () => {
    const { store, clock } = testStore();
    store.transact((tx) => {
      tx.insertLayout(newLayout('web'));
      tx.insertSlot(newSlot('web', 'm1'));
      tx.insertPane(newPane('web/m1', 'old'));
      tx.updatePane(paneId('old'), { state: 'failed' });
    });
    clock.set(2_000);
    const pane = newPane('web/m1', 'one', { logPath: '/log', replacesPaneId: paneId('old') });
    store.transact((tx) => tx.insertPane(pane));
    const { slot: _slot, ...made } = pane;
    const whole = { ...made, state: 'creating', attempts: 0, createdAt: 2_000 } as const;
    expect(store.layouts()[0]?.slots[0]?.pane).toStrictEqual(whole);

    const patch = {
      state: 'degraded',
      failedStage: 'log_attach',
      spec: slotSpec('m1', { label: 'new' }),
      replaceHash: 'h1:other',
      markerToken: 'other',
      epoch: 'e#1:2' as Epoch,
      tmuxPaneId: '%1' as TmuxPaneId,
      pid: 5,
      logPath: '/other',
      attempts: 6,
      retryAt: 7,
      startedAt: 8,
      readyAt: 9,
      endedAt: 10,
      exitCode: 11,
      exitSignal: 'HUP',
      problem: 'no space',
    } as const;
    store.transact((tx) => tx.updatePane(paneId('one'), patch));
    expect(store.layouts()[0]?.slots[0]?.pane).toStrictEqual({ ...whole, ...patch });

    const { state, spec, replaceHash, attempts, ...passing } = patch;
    const nothing = Object.fromEntries(Object.keys(passing).map((key) => [key, undefined]));
    store.transact((tx) => tx.updatePane(paneId('one'), nothing));
    const { markerToken: _token, logPath: _log, ...left } = whole;
    expect(store.layouts()[0]?.slots[0]?.pane).toStrictEqual({
      ...left,
      state,
      spec,
      replaceHash,
      attempts,
    });
  });

  test('that has ended is found by its id, one that lives or is unknown is not', () => {
    const { store } = testStore();
    store.transact((tx) => {
      tx.insertLayout(newLayout('web'));
      for (const [key, state] of [
        ['m1', 'failed'],
        ['s1', 'ready'],
      ] as const) {
        tx.insertSlot(newSlot('web', key));
        tx.insertPane(newPane(`web/${key}`, key));
        tx.updatePane(paneId(key), { state });
      }
    });
    const found = store.endedPanes([paneId('m1'), paneId('s1'), paneId('nobody')]);
    expect([...found.values()]).toEqual([
      { id: paneId('m1'), slot: slotId('web/m1'), layout: layoutId('web'), label: 'web-m1' },
    ]);
    expect(store.endedPanes([])).toEqual(new Map());
  });
});

describe('the cache', () => {
  test('answers the same values until a commit touches them', () => {
    const { store } = testStore();
    store.transact((tx) => {
      for (const name of ['web', 'api']) {
        tx.insertLayout(newLayout(name));
        tx.insertSlot(newSlot(name, 'm1'));
        tx.insertPane(newPane(`${name}/m1`, name));
      }
    });
    const [api, web] = store.layoutsOf(LOCAL);
    expect(store.layoutsOf(LOCAL)).toBe(store.layoutsOf(LOCAL));
    expect(store.layouts()).toBe(store.layouts());
    store.transact((tx) => tx.updatePane(paneId('web'), { pid: 1 }));
    expect(store.layoutsOf(LOCAL)[0]).toBe(api);
    expect(store.layoutsOf(LOCAL)[1]).not.toBe(web);
  });

  test('gives out values that cannot be changed by mistake', () => {
    const { store } = testStore();
    store.transact((tx) => tx.insertLayout(newLayout('web')));
    const labels = store.layouts()[0]?.spec.labels as Record<string, string>;
    expect(() => {
      labels['team'] = 'x';
    }).toThrow(/not extensible/);
  });

  test('never differs from what a fresh look at the database shows', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(step, { maxLength: 6 }), fc.boolean())), (batches) => {
        const { db, store, clock } = testStore();
        const other = storeOn(db, 1, { path: ':memory:', clock, uuid: countingUuid() });
        const fresh = () => {
          other.reload();
          return other.layouts();
        };
        for (const [steps, endsWell] of batches) {
          try {
            store.transact((tx) => {
              for (const run of steps) attempt(() => run(tx));
              expect(store.layouts()).toEqual(fresh());
              if (!endsWell) throw ROLLBACK;
            });
          } catch (error) {
            if (error !== ROLLBACK) throw error;
          }
          const seen = store.layouts();
          expect(seen).toEqual(fresh());
          for (const container of [LOCAL, BENCH]) {
            expect(store.layoutsOf(container)).toEqual(
              seen.filter((layout) => layout.container === container),
            );
          }
          expect(store.containers()).toEqual([...new Set(seen.map((layout) => layout.container))]);
        }
        db.close();
      }),
      { numRuns: 300 },
    );
  });
});

const ROLLBACK = new Error('rolled back on purpose');

/** Steps that the schema refuses are part of the game: a refused statement changes nothing. */
function attempt(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!/constraint|UNIQUE|CHECK|illegal|live pane|grows|there is no/i.test(String(error))) {
      throw error;
    }
  }
}

type Step = (tx: DeclarationTransaction) => void;
const layout = fc.constantFrom('a', 'b', 'c', 'd');
const key = fc.constantFrom('m1', 's1');
const slot = fc.tuple(layout, key);
const pane = fc.constantFrom('p', 'q', 'r', 's');

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(layout, fc.constantFrom(LOCAL, BENCH)).map(
    ([name, container]): Step =>
      (tx) => {
        tx.insertLayout(newLayout(name, { container }));
        tx.insertSlot(newSlot(name, 'm1'));
      },
  ),
  layout.map(
    (name): Step =>
      (tx) =>
        tx.closeLayout(layoutId(name)),
  ),
  fc.tuple(layout, layout, fc.nat(3)).map(
    ([name, spec, generation]): Step =>
      (tx) =>
        tx.updateLayout(layoutId(name), { spec: layoutSpec(spec), generation }),
  ),
  slot.map(
    ([name, each]): Step =>
      (tx) =>
        tx.insertSlot(newSlot(name, each)),
  ),
  slot.map(
    ([name, each]): Step =>
      (tx) =>
        tx.closeSlot(slotId(`${name}/${each}`)),
  ),
  fc.tuple(slot, fc.boolean(), fc.nat(2)).map(
    ([[name, each], declared, position]): Step =>
      (tx) =>
        tx.updateSlot(slotId(`${name}/${each}`), { declared, position }),
  ),
  fc.tuple(slot, pane).map(
    ([[name, each], id]): Step =>
      (tx) => {
        tx.insertPane(newPane(`${name}/${each}`, id));
        tx.registerAgent(paneId(id));
      },
  ),
  fc.tuple(pane, fc.constantFrom(...PANE_STATES)).map(
    ([id, state]): Step =>
      (tx) =>
        tx.updatePane(paneId(id), { state }),
  ),
  fc.tuple(pane, fc.nat(3)).map(
    ([id, attempts]): Step =>
      (tx) =>
        tx.updatePane(paneId(id), { attempts }),
  ),
);
