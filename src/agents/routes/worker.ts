import type { SkipReason } from '../../domain/routes.ts';
import { BATCH, type ConsumeDeps, consume } from './consume.ts';

export interface RoutesDeps extends ConsumeDeps {
  readonly store: ConsumeDeps['store'] & { lastSeq(): number };
  /** Called with what went wrong in a turn of a route; the next commit brings the next turn. */
  readonly onProblem: (error: unknown) => void;
}

/** What a route has done since the daemon started. */
export interface RouteRuntime {
  readonly eventsConsumed: number;
  readonly lastSkip?: { readonly reason: SkipReason; readonly at: number };
}

export interface RoutesWorker {
  runtime(routeId: string): RouteRuntime;
  stop(): void;
}

/**
 * Turns events into prompts as they come: each route in order of creation, some events at a time so that none keeps
 * the others waiting. It is woken by commits and asks nothing in between.
 */
export function startRoutes(deps: RoutesDeps): RoutesWorker {
  const { store, clock } = deps;
  const runtimes = new Map<string, RouteRuntime>();
  let seen = -1;
  let isStopped = false;
  let isWoken = false;

  const wake = (): void => {
    if (isWoken || isStopped) return;
    isWoken = true;
    setImmediate(() => {
      isWoken = false;
      if (!isStopped) turn();
    });
  };
  const turn = (): void => {
    const newest = store.lastSeq();
    if (newest === seen) return;
    let hasMore = false;
    for (const route of store.routes.list()) {
      if (!route.enabled) continue;
      try {
        const { taken, lastSkip } = consume(route, deps);
        const before = runtimes.get(route.id);
        if (taken > 0) {
          runtimes.set(route.id, {
            ...before,
            eventsConsumed: (before?.eventsConsumed ?? 0) + taken,
            ...(lastSkip !== undefined && { lastSkip: { reason: lastSkip, at: clock.now() } }),
          });
        }
        hasMore ||= taken === BATCH;
      } catch (error) {
        deps.onProblem(error);
      }
    }
    if (hasMore) wake();
    else seen = newest;
  };

  const unwatch = store.watchCommits(wake);
  wake();
  return {
    runtime: (id) => runtimes.get(id) ?? { eventsConsumed: 0 },
    stop: () => {
      isStopped = true;
      unwatch();
    },
  };
}
