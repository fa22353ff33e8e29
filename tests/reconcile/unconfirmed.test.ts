import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { recordUnconfirmed } from '../../src/reconcile/unconfirmed.ts';
import { makeManaged } from '../declare/managed/fixture.ts';
import { EPOCH, STOPPED, UNKNOWN } from '../support/builders.ts';
import { openRig, openRunningRig } from './fixture.ts';

test('what tmux never confirmed is given up without a look when its time is up, what it confirmed never is', async () => {
  const world = makeManaged();
  const { store, clock } = world;
  const { panes } = await world.create();
  const [first, second, third] = panes.map(({ id }) => id);
  if (first === undefined || second === undefined || third === undefined) throw new Error('few');
  store.transact((tx) => tx.updatePane(second, { epoch: EPOCH }));
  world.settle(third, 'ready');
  const give = () => recordUnconfirmed(store.layouts(), { store, clock, policy: DEFAULT_POLICY });
  const states = () =>
    [first, second, third].map((id) => {
      const { state, failedStage } = store.managed.pane(id) ?? {};
      return [state, failedStage];
    });
  clock.advance(DEFAULT_POLICY.creatingTtlMs);
  give();
  expect(states()[0]).toEqual(['creating', undefined]);
  clock.advance(1);
  give();
  expect(states()).toEqual([
    ['failed', 'pane_create'],
    ['creating', undefined],
    ['ready', undefined],
  ]);
  const told = world.events().length;
  give();
  expect(world.events()).toHaveLength(told);
});

describe('deleted while its container cannot be seen', () => {
  const DELETING = { reason: 'DeleteRequested', at: 0 } as const;

  test.each([
    ['unknown', UNKNOWN],
    ['stopped', STOPPED],
  ])('and %s, a layout that was never begun is over, and is told of', async (_kind, shows) => {
    const rig = openRig();
    rig.tmux.shows = shows;
    rig.declare(['m1', 's1']);
    await rig.pass();
    expect(rig.store.layouts()).toHaveLength(1);
    rig.editLayout({ deleting: DELETING });
    await rig.pass();
    expect(rig.store.layouts()).toEqual([]);
    expect(rig.news()).toEqual(['layout_removed']);
    expect(rig.tmux.ops).toEqual([]);
  });

  test('a layout of which a pane was ever begun waits for a look, and a suspended one for its operator', async () => {
    const begun = await openRunningRig(['m1', 's1']);
    begun.tmux.shows = UNKNOWN;
    begun.editLayout({ deleting: DELETING });
    await begun.pass();
    expect(begun.store.layouts()).toHaveLength(1);

    const suspended = openRig();
    suspended.tmux.shows = UNKNOWN;
    suspended.declare(['m1']);
    suspended.editLayout({
      deleting: { reason: 'NoLongerDeclared', at: 0 },
      suspended: { by: 'me', reason: 'care', at: 0 },
    });
    await suspended.pass();
    expect(suspended.store.layouts()).toHaveLength(1);
  });
});
