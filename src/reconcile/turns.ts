import type { ContainerId } from '../domain/ids.ts';
import type { Clock } from '../lib/clock.ts';

/** One thing at a time in each container, first come first served: passes, and requests that must not meet one. */
export interface Turns {
  /** Runs `work` once everything before it in this container has ended. */
  take<T>(container: ContainerId, work: () => Promise<T>): Promise<T>;
  /** The same, unless its turn has not come within `patienceMs`: then `work` never runs, and nothing is answered. */
  takeWithin<T>(
    container: ContainerId,
    patienceMs: number,
    work: () => Promise<T>,
  ): Promise<T | undefined>;
  /** Resolves when everything that was waiting or under way has ended. */
  idle(): Promise<unknown>;
}

export function openTurns(clock: Clock): Turns {
  const last = new Map<ContainerId, Promise<unknown>>();

  const take = <T>(container: ContainerId, work: () => Promise<T>): Promise<T> => {
    const before = last.get(container);
    const turn = before === undefined ? work() : before.then(work);
    // Whoever comes next waits for the end, whatever it was.
    const ended = turn.then(nothing, nothing).then(() => {
      if (last.get(container) === ended) last.delete(container);
    });
    last.set(container, ended);
    return turn;
  };

  return {
    take,
    takeWithin: async <T>(
      container: ContainerId,
      patienceMs: number,
      work: () => Promise<T>,
    ): Promise<T | undefined> => {
      let hasBegun = false;
      let isLate = false;
      const turn = take(container, async () => {
        if (isLate) return undefined;
        hasBegun = true;
        return work();
      });
      const waiting = new AbortController();
      await Promise.race([turn, clock.sleep(patienceMs, waiting.signal)]).finally(() =>
        waiting.abort(),
      );
      isLate = !hasBegun;
      return isLate ? undefined : turn;
    },
    idle: () => Promise.all(last.values()),
  };
}

function nothing(): void {}
