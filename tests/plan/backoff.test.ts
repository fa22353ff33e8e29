import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import {
  afterExit,
  afterVanishing,
  backoffMs,
  isContested,
  isCrashLoop,
  recent,
} from '../../src/plan/backoff.ts';
import { aPane, aRunningSlot, aSlot, MINUTE, NOW, slotId } from '../support/builders.ts';

const WINDOW = DEFAULT_POLICY.crashWindowMs;

test('a pause is the doubled base plus at most a quarter, never above the cap', () => {
  fc.assert(
    fc.property(
      fc.record({
        failures: fc.integer({ min: 1, max: 10_000 }),
        name: fc.string(),
        backoffBaseMs: fc.integer({ min: 1, max: 10_000 }),
        backoffCapMs: fc.integer({ min: 1, max: 1_000_000 }),
      }),
      ({ failures, name, backoffBaseMs, backoffCapMs }) => {
        const policy = { ...DEFAULT_POLICY, backoffBaseMs, backoffCapMs };
        const pause = backoffMs(aSlot('m1', { id: slotId(name) }), failures, policy);
        const doubled = backoffBaseMs * 2 ** (failures - 1);
        expect(pause).toBeGreaterThanOrEqual(Math.min(doubled, backoffCapMs));
        expect(pause).toBeLessThanOrEqual(Math.min(Math.round(doubled * 1.25), backoffCapMs));
      },
    ),
  );
});

test('slots that fail together do not come back together', () => {
  const pauses = ['m1', 's1', 's2', 's3'].map((key) => backoffMs(aSlot(key), 3, DEFAULT_POLICY));
  expect(new Set(pauses).size).toBe(4);
});

test('exits and vanishings of the last ten minutes are remembered, older ones dropped', () => {
  const times = [NOW - WINDOW, NOW - WINDOW + 1, NOW - MINUTE];
  const slot = aRunningSlot('m1', { exits: times, vanishings: times });
  expect(afterExit(slot, aPane('m1'), NOW, DEFAULT_POLICY)).toMatchObject({
    exits: [NOW - WINDOW + 1, NOW - MINUTE, NOW],
    vanishings: times,
  });
  expect(afterVanishing(slot, NOW, DEFAULT_POLICY)).toMatchObject({
    exits: times,
    vanishings: [NOW - WINDOW + 1, NOW - MINUTE, NOW],
  });
});

test('a clock that ran backwards keeps what it now takes for the future', () => {
  expect(recent([NOW + MINUTE], NOW, DEFAULT_POLICY)).toEqual([NOW + MINUTE]);
});

test('what happened while the clock was a year ahead does not count for a year', () => {
  const ahead = [0, 1, 2, 3, 4].map((seconds) => NOW + 365 * 24 * 60 * MINUTE + seconds * 1_000);
  const slot = aSlot('m1', { exits: ahead, vanishings: ahead, failures: 1 });
  expect(isContested(slot, NOW, DEFAULT_POLICY)).toBe(false);
  expect(isCrashLoop(slot, NOW, DEFAULT_POLICY)).toBe(false);
  expect(afterVanishing(slot, NOW, DEFAULT_POLICY)).toMatchObject({
    nextAttemptAt: undefined,
    vanishings: [NOW],
  });
});

test('five exits in ten minutes are a crash loop until a healthy minute', () => {
  const exits = [5, 4, 3, 2, 1].map((minutes) => NOW - minutes * MINUTE);
  const looping = (changes: object) =>
    isCrashLoop(aSlot('m1', { exits, failures: 5, ...changes }), NOW, DEFAULT_POLICY);
  expect(looping({})).toBe(true);
  expect(looping({ exits: exits.slice(1) })).toBe(false);
  expect(looping({ failures: 0 })).toBe(false);
});

test('five vanishings in ten minutes are contested', () => {
  const vanishings = [5, 4, 3, 2, 1].map((minutes) => NOW - minutes * MINUTE);
  expect(isContested(aSlot('m1', { vanishings }), NOW, DEFAULT_POLICY)).toBe(true);
  expect(isContested(aSlot('m1', { vanishings }), NOW + 5 * MINUTE, DEFAULT_POLICY)).toBe(false);
});
