import type { SkipReason } from '../../domain/routes.ts';
import { type Turn, type TurnDeps, takeTurn } from './take-turn.ts';

export interface RoutesDeps extends TurnDeps {
  /** Called with what went wrong in a turn; it is taken again later. */
  readonly onProblem: (error: unknown) => void;
}

/** What a route has done since the daemon started. */
export interface RouteRuntime {
  readonly eventsConsumed: number;
  readonly lastSkip?: { readonly reason: SkipReason; readonly at: number };
}

/** What all routes together have done since the daemon started. */
export interface RoutesStatus {
  /** The last turn that found events. */
  readonly lastTurnAt?: number;
  readonly eventsConsumed: number;
  readonly skips: Readonly<Partial<Record<SkipReason, number>>>;
  /** The last turn failed. */
  readonly isDegraded: boolean;
}

export interface RoutesWorker {
  runtime(routeId: string): RouteRuntime;
  status(): RoutesStatus;
  stop(): void;
}

const RETRY_MS = 1_000;
/** In a flood, what comes within this time shares a transaction; what comes alone does not wait. */
const GATHER_MS = 100;

/**
 * Turns events into prompts as they come, in short turns, so that everything else gets its time too. It is woken by
 * commits and asks nothing in between.
 */
export function startRoutes(deps: RoutesDeps): RoutesWorker {
  const { store, clock } = deps;
  const runtimes = new Map<string, RouteRuntime>();
  const stopping = new AbortController();
  let status: RoutesStatus = { eventsConsumed: 0, skips: {}, isDegraded: false };
  let isWoken = false;
  let isGathering = false;

  const wake = (): void => {
    if (isWoken || isGathering || stopping.signal.aborted) return;
    isWoken = true;
    setImmediate(() => {
      isWoken = false;
      if (!stopping.signal.aborted) turn();
    });
  };
  const gather = (): void => {
    isGathering = true;
    void clock.sleep(GATHER_MS, stopping.signal).then(() => {
      isGathering = false;
      wake();
    });
  };
  const turn = (): void => {
    try {
      const taken = takeTurn(deps);
      status = countTurn(status, taken, clock.now());
      countRuntimes(runtimes, taken, clock.now());
      if (taken.hasMore) wake();
      else if (taken.consumed.size > 0) gather();
    } catch (error) {
      status = { ...status, isDegraded: true };
      deps.onProblem(error);
      void clock.sleep(RETRY_MS, stopping.signal).then(wake);
    }
  };

  const unwatch = store.watchCommits(wake);
  wake();
  return {
    runtime: (id) => runtimes.get(id) ?? { eventsConsumed: 0 },
    status: () => status,
    stop: () => {
      stopping.abort();
      unwatch();
    },
  };
}

function countTurn(before: RoutesStatus, { consumed, skipped }: Turn, now: number): RoutesStatus {
  if (consumed.size === 0) return before.isDegraded ? { ...before, isDegraded: false } : before;
  const skips = { ...before.skips };
  for (const { reason } of skipped) skips[reason] = (skips[reason] ?? 0) + 1;
  const taken = [...consumed.values()].reduce((sum, count) => sum + count, 0);
  return {
    lastTurnAt: now,
    eventsConsumed: before.eventsConsumed + taken,
    skips,
    isDegraded: false,
  };
}

function countRuntimes(
  runtimes: Map<string, RouteRuntime>,
  { consumed, skipped }: Turn,
  now: number,
): void {
  for (const [id, count] of consumed) {
    const before = runtimes.get(id);
    runtimes.set(id, { ...before, eventsConsumed: (before?.eventsConsumed ?? 0) + count });
  }
  for (const { route, reason } of skipped) {
    const eventsConsumed = runtimes.get(route)?.eventsConsumed ?? 0;
    runtimes.set(route, { eventsConsumed, lastSkip: { reason, at: now } });
  }
}
