import {
  QUEUE_FAILPOINTS,
  type QueueFailpoint,
  ROUTE_FAILPOINTS,
  type RouteFailpoint,
} from '../agents/failpoints.ts';
import { refuse } from '../domain/errors.ts';
import type { OpenStore } from '../drivers/store/open-store.ts';
import { armFailpoints, parseFailpoints } from '../lib/failpoint.ts';
import { FAILPOINTS, withFailpoints, withStoreFailpoints } from '../reconcile/failpoints.ts';
import type { TmuxServers } from '../reconcile/ports.ts';

const NAMES = [...FAILPOINTS, ...QUEUE_FAILPOINTS, ...ROUTE_FAILPOINTS];
const VARIABLE = 'AGENTTOWER_FAILPOINTS';

/** How the effects are wrapped before anything uses them. */
export interface Wrap {
  readonly store: (store: OpenStore) => OpenStore;
  readonly loop: <Deps extends { readonly store: OpenStore; readonly tmux: TmuxServers }>(
    deps: Deps,
  ) => Deps;
  /** Passes a place of a delivery. */
  readonly queue: (name: QueueFailpoint) => Promise<void>;
  /** Passes a place of a turn of the routes. */
  readonly routes: (name: RouteFailpoint) => void;
}

/** Wraps nothing, unless AGENTTOWER_FAILPOINTS names places to fail at. Throws `validation_failed`. */
export function openFailpoints(env: Readonly<Record<string, string | undefined>>): Wrap {
  const asked = env[VARIABLE];
  if (asked === undefined || asked === '') {
    return {
      store: (store) => store,
      loop: (deps) => deps,
      queue: async () => {},
      routes: () => {},
    };
  }
  const points = armFailpoints(parse(asked), () => process.kill(process.pid, 'SIGKILL'));
  return {
    store: (store) => withStoreFailpoints(store, points),
    // The store is wrapped already: the loop's tmux is what is left.
    loop: (deps) => ({ ...deps, tmux: withFailpoints(deps, points).tmux }),
    queue: (name) => points.pass(name),
    routes: (name) => points.reach(name),
  };
}

function parse(text: string): ReturnType<typeof parseFailpoints<(typeof NAMES)[number]>> {
  try {
    return parseFailpoints(text, NAMES);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw refuse('validation_failed', `${VARIABLE}: ${reason}`, { field: VARIABLE, reason });
  }
}
