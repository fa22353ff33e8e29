import type { Clock } from '../../lib/clock.ts';
import type { StateKeeper } from './keeper.ts';
import type { StateStore } from './ports.ts';

export interface WatchStatesDeps {
  readonly store: Pick<StateStore, 'watchCommits'>;
  readonly keeper: Pick<StateKeeper, 'pass'>;
  readonly clock: Clock;
  /** Called with what went wrong in a pass; the next one comes all the same. */
  readonly onProblem: (error: unknown) => void;
}

const TICK_MS = 1_000;
/** Evidence ages without anyone saying so. */
const PERIOD_MS = 5_000;

/** Keeps what is known of agents in step with what happens: soon after every commit, and now and then. */
export function watchStates({ store, keeper, clock, onProblem }: WatchStatesDeps): {
  stop(): Promise<void>;
} {
  const stopping = new AbortController();
  let isWoken = true;
  let passedAt = Number.NEGATIVE_INFINITY;
  const unwatch = store.watchCommits(() => {
    isWoken = true;
  });
  const run = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(TICK_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      if (!isWoken && clock.monotonic() - passedAt < PERIOD_MS) continue;
      isWoken = false;
      passedAt = clock.monotonic();
      await keeper.pass().catch(onProblem);
    }
  };
  const running = run();
  return {
    stop: async () => {
      unwatch();
      stopping.abort();
      await running;
    },
  };
}
