import { expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/drivers/system/clock.ts';
import { randomIds } from '../../../src/drivers/system/ids.ts';

test('a sleep ends at once when its signal aborts, or has aborted', async () => {
  const stop = new AbortController();
  const asleep = systemClock.sleep(2 ** 40, stop.signal);
  stop.abort();
  await asleep;
  await systemClock.sleep(Number.POSITIVE_INFINITY, stop.signal);
  expect(stop.signal.aborted).toBe(true);
});

test.each([2 ** 31, 2 ** 40, Number.POSITIVE_INFINITY])(
  'a sleep of %d ms is not the instant a timer would make of it',
  async (ms) => {
    vi.useFakeTimers();
    try {
      let isAwake = false;
      const asleep = systemClock.sleep(ms).then(() => {
        isAwake = true;
      });
      await vi.advanceTimersByTimeAsync(2 ** 31 - 2);
      expect(isAwake).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      await asleep;
    } finally {
      vi.useRealTimers();
    }
  },
);

test('a sleep of nothing, or less, ends', async () => {
  await systemClock.sleep(0);
  await systemClock.sleep(-5);
  await systemClock.sleep(Number.NaN);
  expect(systemClock.monotonic()).toBeLessThanOrEqual(systemClock.monotonic());
  expect(systemClock.now()).toBeGreaterThan(Date.UTC(2024, 0));
});

test('ids have their form and do not repeat', () => {
  const agents = Array.from({ length: 1_000 }, () => randomIds.agentId());
  expect(new Set(agents).size).toBe(1_000);
  expect(agents.every((id) => /^agt_[0-9a-f]{12}$/.test(id))).toBe(true);
  expect(randomIds.uuid()).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
});
