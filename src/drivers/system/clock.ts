import type { Clock } from '../../lib/clock.ts';

/** The longest time a timer takes; longer sleeps end early, and whoever sleeps looks again. */
const MAX_SLEEP_MS = 2 ** 31 - 1;

/** This machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(Math.max(ms, 0), MAX_SLEEP_MS));
      signal?.addEventListener('abort', wake, { once: true });
    }),
};
