import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { ObservedPane } from '../../../src/domain/observed.ts';
import type { TmuxOp } from '../../../src/domain/tmux-ops.ts';
import { reconcile } from '../../../src/reconcile/pass.ts';
import type { TmuxServer } from '../../../src/reconcile/ports.ts';
import { openRig, slotWith, UNANSWERED } from '../../reconcile/fixture.ts';
import { aHold, LOCAL } from '../../support/builders.ts';
import { startRealTmux } from '../../support/real-tmux.ts';
import { newLayoutId, seen } from '../../support/tmux-ops.ts';

/** The loop on a real tmux, behind an engine that can stop answering and keep what it was given. */
function start() {
  const real = startRealTmux();
  onTestFinished(() => real.stop());
  const rig = openRig({ logs: { prepare: () => ({ problem: 'no logs here' }) } });
  const kept: TmuxOp[][] = [];
  let engine: 'answers' | 'swallows' | 'silent' = 'answers';
  let beforeRun: (() => Promise<void>) | undefined;
  const most = { panes: 0 };
  const panes = async (): Promise<readonly ObservedPane[]> => {
    const ours = seen(await real.server.look()).panes.filter(({ paneId }) => paneId !== undefined);
    most.panes = Math.max(most.panes, ours.length);
    return ours;
  };
  const server: TmuxServer = {
    look: async () =>
      engine === 'silent'
        ? { kind: 'unknown', container: LOCAL, reason: 'EngineUnreachable', message: 'no answer' }
        : real.server.look(),
    run: async (ops) => {
      if (engine !== 'answers') {
        kept.push([...ops]);
        return ops.map(() => UNANSWERED);
      }
      const before = beforeRun;
      beforeRun = undefined;
      await before?.();
      return real.server.run(ops);
    },
  };
  const pass = async () => {
    const deps = {
      ...rig.deps,
      ids: { ...rig.deps.ids, uuid: () => randomUUID() },
      tmux: { of: () => server },
    };
    const { plan } = await reconcile(LOCAL, deps);
    await panes();
    return plan;
  };
  return {
    rig,
    most,
    panes,
    pass,
    set: (next: typeof engine) => {
      engine = next;
    },
    /** What the engine kept takes effect now, in a batch of its own. */
    deliver: async () => {
      for (const ops of kept) await real.server.run(ops);
      await panes();
    },
    beforeNextRun: (act: () => Promise<void>) => {
      beforeRun = act;
    },
    settle: async () => {
      for (let turn = 0; turn < 40; turn += 1) {
        const plan = await pass();
        if (plan.actions.length > 0) continue;
        if (plan.wakeAt === undefined) return;
        await rig.clock.advance(plan.wakeAt - rig.clock.now());
      }
      throw new Error('it does not settle');
    },
  };
}

type World = ReturnType<typeof start>;

/** A create was sent and not answered, its engine was silent for longer than that is waited for, and answers again. */
async function giveUp(): Promise<World> {
  const world = start();
  const { rig, pass, set } = world;
  // Beside another pane, so that no name of a session stands in the way of a second one.
  const slots = ['m1', 's1'].map((key) => slotWith(key, { command: ['sleep', '1000'] }));
  rig.declare(slots, { id: newLayoutId() });
  rig.edit('s1', { hold: aHold() });
  await world.settle();
  const beside = await world.panes();
  expect(beside.length).toBe(1);
  rig.edit('s1', { hold: undefined });
  set('swallows');
  await pass();
  expect(rig.pane('s1')).toMatchObject({ state: 'creating' });
  set('silent');
  await rig.clock.advance(rig.policy.creatingTtlMs + 1);
  await pass();
  const history = rig.events().filter(({ type }) => type === 'managed_pane_state_changed');
  expect(history.at(-1)?.payload).toMatchObject({ new_state: 'failed' });
  expect(await world.panes()).toEqual(beside);
  set('answers');
  return world;
}

test.each<[string, (world: World) => Promise<void>]>([
  ['before its engine answers again', (world) => world.deliver()],
  [
    'between the look that misses it and the next create',
    async (world) => world.beforeNextRun(() => world.deliver()),
  ],
  [
    'after its successor was made',
    async (world) => {
      await world.settle();
      await world.deliver();
    },
  ],
  ['never', async () => {}],
])('a create that was given up and takes effect %s makes no second pane', async (_when, happen) => {
  const world = await giveUp();
  await happen(world);
  await world.settle();
  const found = await world.panes();
  const [beside, late] = [world.rig.pane('m1'), world.rig.pane('s1')];
  expect(found.length).toBe(2);
  expect(new Set(found.map(({ paneId }) => paneId))).toEqual(new Set([beside.id, late.id]));
  expect(late.state).toBe('ready');
  expect(world.most.panes).toBe(2);
});
