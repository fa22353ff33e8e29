import { expect, onTestFinished, test } from 'vitest';
import type { ContainerId } from '../../src/domain/ids.ts';
import { type Controller, type PassTime, startController } from '../../src/reconcile/controller.ts';
import type { Store } from '../../src/reconcile/ports.ts';
import { LOCAL, SECOND, UNKNOWN } from '../support/builders.ts';
import { settle } from '../support/virtual-clock.ts';
import { openRig, openRunningRig, type Rig } from './fixture.ts';

interface Started {
  readonly controller: Controller;
  readonly failures: string[];
}

function start(
  rig: Rig,
  store: Store = rig.store,
  onPass: (pass: PassTime) => void = () => {},
): Started {
  const failures: string[] = [];
  const log = (_level: string, event: string) => void failures.push(event);
  const controller = startController({ ...rig.deps, store, log, onPass });
  onTestFinished(async () => {
    const stopped = controller.stop();
    await rig.clock.advance(0);
    await stopped;
  });
  return { controller, failures };
}

/** Looks wait until they are let through, one by one. */
function gate(rig: Rig) {
  const waiting: (() => void)[] = [];
  rig.tmux.onLook = () => new Promise((resolve) => waiting.push(resolve));
  return {
    waiting: () => waiting.length,
    open: async () => {
      waiting.shift()?.();
      await settle();
    },
    /** From now on nothing waits. */
    remove: async () => {
      rig.tmux.onLook = async () => {};
      for (const resolve of waiting.splice(0)) resolve();
      await settle();
    },
  };
}

test('a declared layout is made ready with one wake and no tick', async () => {
  const rig = openRig();
  rig.declare(['m1', 's1']);
  const { controller } = start(rig);
  controller.wake(LOCAL);
  await rig.clock.advance(SECOND);
  expect(rig.layout().state).toBe('ready');
  expect(controller.lastObservation(LOCAL)?.kind).toBe('seen');
});

test('a container without anything declared is not looked at', async () => {
  const rig = openRig();
  const { controller } = start(rig);
  controller.wake(LOCAL);
  controller.wakeAll();
  await rig.clock.advance(10 * SECOND);
  expect([rig.tmux.looks, rig.clock.sleepers()]).toEqual([0, 0]);
  expect(controller.lastObservation(LOCAL)).toBeUndefined();
});

test('wakes during a pass are one further pass', async () => {
  const rig = await openRunningRig(['m1']);
  const { waiting, open, remove } = gate(rig);
  const { controller } = start(rig);
  const before = rig.tmux.looks;
  for (let count = 0; count < 5; count += 1) controller.wake(LOCAL);
  await settle();
  expect([waiting(), rig.tmux.looks - before]).toEqual([1, 1]);
  for (let count = 0; count < 5; count += 1) controller.wake(LOCAL);
  await open();
  expect(rig.tmux.looks - before).toBe(2);
  await open();
  expect([waiting(), rig.tmux.looks - before]).toEqual([0, 2]);
  await remove();
});

test('without any wake it looks again at every tick', async () => {
  const rig = await openRunningRig(['m1']);
  const { controller } = start(rig);
  controller.wake(LOCAL);
  await settle();
  const before = rig.tmux.looks;
  await rig.clock.advance(5 * SECOND);
  expect(rig.tmux.looks - before).toBe(5);
});

test('a deadline of the plan comes before the tick', async () => {
  const rig = await openRunningRig(['m1']);
  rig.edit('m1', { hold: { by: 'ann', reason: '', since: 1, until: rig.clock.now() + 300 } });
  const { controller } = start(rig);
  controller.wake(LOCAL);
  await settle();
  expect(rig.tmux.panes).toEqual([]);
  await rig.clock.advance(299);
  expect(rig.slot('m1').hold).toBeDefined();
  await rig.clock.advance(1);
  expect(rig.slot('m1').hold).toBeUndefined();
});

test.each([
  ['nothing can be seen', 'TmuxFailed', [7_750, 12_750, 17_750]],
  ['tmux hangs', 'TmuxTimeout', [7_750, 15_750, 30_750, 45_750]],
] as const)(
  'while %s it looks less and less often, and soon again afterwards',
  async (_what, reason, later) => {
    const rig = await openRunningRig(['m1']);
    rig.tmux.shows = { ...UNKNOWN, reason };
    const { controller } = start(rig);
    const at: number[] = [];
    const begun = rig.clock.now();
    rig.tmux.onLook = async () => void at.push(rig.clock.now() - begun);
    controller.wake(LOCAL);
    await rig.clock.advance((later.at(-1) ?? 0) + 1);
    expect(at).toEqual([0, 250, 750, 1_750, 3_750, ...later]);

    rig.tmux.shows = undefined;
    controller.wake(LOCAL);
    await settle();
    at.length = 0;
    await rig.clock.advance(2 * SECOND);
    expect(at).toHaveLength(2);
  },
);

test('of every pass is told how long it took, the wait for its turn included', async () => {
  const rig = await openRunningRig(['m1']);
  const passes: PassTime[] = [];
  const { controller } = start(rig, rig.store, (pass) => passes.push(pass));
  rig.tmux.onLook = () => rig.clock.sleep(30);
  const turn = controller.turns.takeWithin(LOCAL, SECOND, () => rig.clock.sleep(70));
  controller.wake(LOCAL);
  await rig.clock.advance(100);
  await turn;
  expect(passes).toEqual([{ container: LOCAL, tookMs: 100, isSeen: true }]);
});

test('a pass that fails is logged, and the next one starts from the records', async () => {
  const rig = openRig();
  rig.declare(['m1']);
  let isFull = true;
  const transact: Store['transact'] = (write) => {
    if (isFull) throw new Error('disk full');
    return rig.store.transact(write);
  };
  const store = Object.create(rig.store, { transact: { value: transact } }) as Store;
  const { controller, failures } = start(rig, store);
  controller.wake(LOCAL);
  await rig.clock.advance(SECOND);
  expect(failures.length).toBeGreaterThan(1);
  expect(new Set(failures)).toEqual(new Set(['pass_failed']));
  expect(controller.lastFailure(LOCAL)).toBe('disk full');
  isFull = false;
  await rig.clock.advance(10 * SECOND);
  expect(controller.lastFailure(LOCAL)).toBeUndefined();
  expect(rig.layout().state).toBe('ready');
});

test('records that cannot be read stop no worker', async () => {
  const rig = await openRunningRig(['m1']);
  let isBroken = true;
  const layoutsOf: Store['layoutsOf'] = (container) => {
    if (isBroken) throw new Error('disk I/O error');
    return rig.store.layoutsOf(container);
  };
  const store = Object.create(rig.store, { layoutsOf: { value: layoutsOf } }) as Store;
  const { controller, failures } = start(rig, store);
  controller.wake(LOCAL);
  await rig.clock.advance(SECOND);
  expect(failures).toContain('pass_failed');
  isBroken = false;
  rig.tmux.panes = [];
  await rig.clock.advance(10 * SECOND);
  expect(rig.layout().state).toBe('ready');
});

test('a loop against the world is slowed down to the pace of the tick', async () => {
  const rig = openRig();
  rig.declare(['m1']);
  rig.tmux.script = () => ({ kind: 'refused', server: '100:1', fence: `f${rig.tmux.looks}` });
  const { controller } = start(rig);
  controller.wake(LOCAL);
  await rig.clock.advance(20 * SECOND);
  expect(rig.tmux.looks).toBeLessThan(40);
});

test('a worker ends with the last layout of its container, and begins anew with the next', async () => {
  const rig = await openRunningRig(['m1']);
  const { controller } = start(rig);
  rig.editLayout({ deleting: { reason: 'DeleteRequested', at: 1 } });
  controller.wake(LOCAL);
  await rig.clock.advance(SECOND);
  expect([rig.store.layouts(), rig.clock.sleepers()]).toEqual([[], 0]);

  rig.declare([], { id: 'layout-again' as never });
  controller.wakeAll();
  await settle();
  expect(rig.clock.sleepers()).toBe(1);
});

test('a layout declared while the last pass ends is not forgotten', async () => {
  const rig = await openRunningRig([]);
  rig.editLayout({ deleting: { reason: 'DeleteRequested', at: 1 } });
  const { open, remove } = gate(rig);
  const { controller } = start(rig);
  controller.wake(LOCAL);
  await settle();
  await open();
  await remove();
  rig.store.transact((tx) => {
    tx.insertLayout({
      id: 'layout-next' as never,
      container: LOCAL,
      spec: { ...EMPTY, name: 'next' },
      source: { kind: 'apply', name: 'apply', path: '' },
    });
  });
  controller.wake(LOCAL);
  await rig.clock.advance(SECOND);
  expect(rig.layout()).toMatchObject({ spec: { name: 'next' }, health: 'Healthy' });
});

const EMPTY = {
  name: 'empty',
  container: 'local',
  session: 'next',
  labels: {},
  slots: [],
  arrangement: 'tiled',
  updateStrategy: { type: 'RollingUpdate', maxUnavailable: 1 },
  suspend: false,
} as const;

test('stop waits for the pass under way, and nothing begins after it', async () => {
  const rig = await openRunningRig(['m1']);
  const { open, remove, waiting } = gate(rig);
  const { controller } = start(rig);
  controller.wake(LOCAL);
  await settle();
  let isStopped = false;
  const stopped = controller.stop().then(() => {
    isStopped = true;
  });
  await settle();
  expect([isStopped, waiting()]).toEqual([false, 1]);
  await open();
  await stopped;
  controller.wake(LOCAL);
  controller.wakeAll();
  await rig.clock.advance(5 * SECOND);
  expect(waiting()).toBe(0);
  await remove();
});

test('recovery looks at every container once, and waits for none longer than its deadline', async () => {
  const rig = openRig();
  rig.declare(['m1']);
  const { remove } = gate(rig);
  const { controller } = start(rig);
  let isOver = false;
  const recovered = controller.recover(2 * SECOND).then(() => {
    isOver = true;
  });
  await rig.clock.advance(2 * SECOND - 1);
  expect(isOver).toBe(false);
  await rig.clock.advance(1);
  await recovered;
  await remove();
  expect(rig.tmux.looks).toBe(1);
});

test('recovery of what answers ends with its passes', async () => {
  const rig = openRig();
  rig.declare(['m1']);
  const { controller } = start(rig);
  await controller.recover(60 * SECOND);
  expect(rig.pane('m1').startedAt).toBeDefined();
  expect(rig.clock.sleepers()).toBe(0);
});

test('a pass that recovery stopped waiting for is not joined by a second one', async () => {
  const rig = openRig();
  rig.declare(['m1']);
  const { waiting, remove } = gate(rig);
  const { controller } = start(rig);
  const recovered = controller.recover(SECOND);
  await rig.clock.advance(SECOND);
  await recovered;
  controller.wake(LOCAL);
  await settle();
  expect(waiting()).toBe(1);
  await remove();
  await rig.clock.advance(2 * SECOND);
  expect(rig.layout().state).toBe('ready');
});

test('a container that hangs does not hold back another', async () => {
  const rig = await openRunningRig(['m1']);
  const other = openRig();
  const bench = 'bench' as ContainerId;
  rig.store.transact((tx) => {
    tx.insertLayout({
      id: 'layout-bench' as never,
      container: bench,
      spec: EMPTY,
      source: { kind: 'apply', name: 'apply', path: '' },
    });
  });
  const { remove } = gate(rig);
  const tmux = { of: (container: ContainerId) => (container === bench ? other.tmux : rig.tmux) };
  const controller = startController({ ...rig.deps, tmux, log: () => {} });
  controller.wakeAll();
  await rig.clock.advance(3 * SECOND);
  expect([rig.tmux.looks > 0, other.tmux.looks]).toEqual([true, 4]);
  await remove();
  await controller.stop();
});
