import type { Clock } from '../lib/clock.ts';

/** A bell that can be rung many times and is heard once: keys are queued, not events. */
export interface Bell {
  /** Ends the present wait, or the next one if nobody waits. */
  ring(): void;
  /** Resolves when rung, or after `ms`. */
  wait(ms: number): Promise<void>;
}

export function makeBell(clock: Clock): Bell {
  let rung = false;
  let sleeper: AbortController | undefined;
  return {
    ring() {
      rung = true;
      sleeper?.abort('rung');
    },
    async wait(ms) {
      if (!rung) {
        sleeper = new AbortController();
        await clock.sleep(ms, sleeper.signal);
        sleeper = undefined;
      }
      rung = false;
    },
  };
}
