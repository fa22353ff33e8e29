import type { Failpoints } from '../lib/failpoint.ts';
import type { Store, TmuxServer, TmuxServers } from './ports.ts';

/** Every effect of the loop, before and after: the places where a crash must do no harm. */
export const FAILPOINTS = [
  'store.transact.before',
  'store.transact.after',
  'tmux.look.before',
  'tmux.look.after',
  'tmux.run.before',
  'tmux.run.after',
] as const;
export type FailpointName = (typeof FAILPOINTS)[number];

/** For a store that others write to as well: requests are acknowledged only after `store.transact.after`. */
export function withStoreFailpoints<S extends Store>(
  store: S,
  points: Failpoints<FailpointName>,
): S {
  const transact: Store['transact'] = (write) => {
    points.reach('store.transact.before');
    const result = store.transact(write);
    points.reach('store.transact.after');
    return result;
  };
  return { ...store, transact };
}

/** Everybody's way to tmux: the loop's, and that of requests which send something themselves. */
export function withTmuxFailpoints(
  tmux: TmuxServers,
  points: Failpoints<FailpointName>,
): TmuxServers {
  const decorated = new WeakMap<TmuxServer, TmuxServer>();
  const of: TmuxServers['of'] = (container) => {
    const server = tmux.of(container);
    const known = decorated.get(server) ?? withServerFailpoints(server, points);
    decorated.set(server, known);
    return known;
  };
  return { of };
}

function withServerFailpoints(server: TmuxServer, points: Failpoints<FailpointName>): TmuxServer {
  return {
    look: async () => {
      await points.pass('tmux.look.before');
      const observation = await server.look();
      await points.pass('tmux.look.after');
      return observation;
    },
    run: async (ops) => {
      await points.pass('tmux.run.before');
      const outcomes = await server.run(ops);
      await points.pass('tmux.run.after');
      return outcomes;
    },
  };
}
