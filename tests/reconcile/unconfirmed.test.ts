import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { recordUnconfirmed } from '../../src/reconcile/unconfirmed.ts';
import { makeManaged } from '../declare/managed/fixture.ts';
import { EPOCH } from '../support/builders.ts';

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
