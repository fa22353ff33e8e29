import {
  QUEUE_FAILPOINTS,
  type QueueFailpoint,
  ROUTE_FAILPOINTS,
  type RouteFailpoint,
} from '../agents/failpoints.ts';
import { refuse } from '../domain/errors.ts';
import type { OpenStore } from '../drivers/store/open-store.ts';
import {
  armFailpoints,
  type Failpoint,
  type Failpoints,
  parseFailpoints,
} from '../lib/failpoint.ts';
import { FAILPOINTS, withStoreFailpoints, withTmuxFailpoints } from '../reconcile/failpoints.ts';
import type { TmuxServers } from '../reconcile/ports.ts';

const NAMES = [...FAILPOINTS, ...QUEUE_FAILPOINTS, ...ROUTE_FAILPOINTS];
type Name = (typeof NAMES)[number];
const VARIABLE = 'AGENTTOWER_FAILPOINTS';

/** How the effects are wrapped before anything uses them. */
export interface Wrap {
  readonly store: (store: OpenStore) => OpenStore;
  readonly tmux: (tmux: TmuxServers) => TmuxServers;
  /** Passes a place of a delivery. */
  readonly queue: (name: QueueFailpoint) => Promise<void>;
  /** Passes a place of a turn of the routes. */
  readonly routes: (name: RouteFailpoint) => void;
}

/** Before the places: they count from the first SIGUSR2 on, so that a start has no part in them. */
const ON_SIGNAL = 'on-signal:';

/** Wraps nothing, unless AGENTTOWER_FAILPOINTS names places to fail at. Throws `validation_failed`. */
export function openFailpoints(env: Readonly<Record<string, string | undefined>>): Wrap {
  const asked = env[VARIABLE];
  if (asked === undefined || asked === '') {
    return {
      store: (store) => store,
      tmux: (tmux) => tmux,
      queue: async () => {},
      routes: () => {},
    };
  }
  const points = asked.startsWith(ON_SIGNAL)
    ? armOnSignal(parse(asked.slice(ON_SIGNAL.length)))
    : armFailpoints(parse(asked), die);
  return {
    store: (store) => withStoreFailpoints(store, points),
    tmux: (tmux) => withTmuxFailpoints(tmux, points),
    queue: (name) => points.pass(name),
    routes: (name) => points.reach(name),
  };
}

function armOnSignal(plan: readonly Failpoint<Name>[]): Failpoints<Name> {
  let points = armFailpoints<Name>([], die);
  process.once('SIGUSR2', () => {
    points = armFailpoints(plan, die);
  });
  return { reach: (name) => points.reach(name), pass: (name) => points.pass(name) };
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function parse(text: string): readonly Failpoint<Name>[] {
  try {
    return parseFailpoints(text, NAMES);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw refuse('validation_failed', `${VARIABLE}: ${reason}`, { field: VARIABLE, reason });
  }
}
