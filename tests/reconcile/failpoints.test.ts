import { expect, test } from 'vitest';
import { armFailpoints, parseFailpoints } from '../../src/lib/failpoint.ts';
import {
  FAILPOINTS,
  withStoreFailpoints,
  withTmuxFailpoints,
} from '../../src/reconcile/failpoints.ts';
import { reconcile } from '../../src/reconcile/pass.ts';
import { openFaultyTmux } from '../simulator/faulty-tmux.ts';
import { checkTouch } from '../simulator/invariants.ts';
import { makeOperator } from '../simulator/operator.ts';
import { makeCalmFaults } from '../simulator/pass-faults.ts';
import { watchStore } from '../simulator/watched-store.ts';
import { makeWorld } from '../simulator/world.ts';

test.each(FAILPOINTS)(
  'a daemon that dies at %s goes on where it was, with one pane per slot',
  async (name) => {
    const world = makeWorld({ seed: 1, onTouch: checkTouch });
    world.isCalm = true;
    makeOperator(world).act();
    const [site] = world.sites;
    const faults = makeCalmFaults();
    const server = openFaultyTmux(world, site, faults);
    const deps = { ...world, store: watchStore(world, faults), tmux: { of: () => server } };
    const container = world.store.containers()[0]!;
    const points = armFailpoints(parseFailpoints(`${name}=throw`, FAILPOINTS), () => {});
    const failing = {
      ...deps,
      store: withStoreFailpoints(deps.store, points),
      tmux: withTmuxFailpoints(deps.tmux, points),
    };
    await expect(reconcile(container, failing)).rejects.toThrow(`failpoint ${name}`);

    for (let pass = 0; pass < 20; pass += 1) {
      await reconcile(container, deps);
      world.clock.advance(2_000);
    }
    const [layout] = world.store.layouts();
    expect(layout?.slots.map(({ pane }) => pane?.state)).toEqual(layout?.slots.map(() => 'ready'));
    expect(site.container.panes()).toHaveLength(layout?.slots.length ?? -1);
  },
);
