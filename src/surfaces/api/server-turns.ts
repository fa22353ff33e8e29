/** Steps taken before the event loop gets its turn: reading, timers, other connections. */
const STEPS_PER_SLICE = 256;

/**
 * Round robin over members that have work: each gets one step a round, so that one with a thousand requests
 * waits behind nobody and nobody waits behind it. `step` answers whether the member may have more.
 */
export function createTurns<Member>(step: (member: Member) => boolean): {
  add(member: Member): void;
} {
  const waiting = new Set<Member>();
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled || waiting.size === 0) return;
    isScheduled = true;
    setImmediate(runSlice);
  }

  function runSlice(): void {
    isScheduled = false;
    for (let steps = 0; steps < STEPS_PER_SLICE && waiting.size > 0; ) {
      for (const member of waiting) {
        steps += 1;
        if (!step(member)) waiting.delete(member);
      }
    }
    schedule();
  }

  return {
    add(member) {
      waiting.add(member);
      schedule();
    },
  };
}
