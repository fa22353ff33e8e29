import { expect, test } from 'vitest';
import { runMany } from './run-many.ts';
import seeds from './seeds.json' with { type: 'json' };
import { describeFailure, simulate } from './simulate.ts';

test.each(seeds)('seed %i, which once failed, holds all invariants', async (seed) => {
  const { failure } = await simulate(seed);
  expect(failure && (await describeFailure(seed))).toBeUndefined();
});

test('the same seed gives the same history', async () => {
  const once = await simulate(7, { traced: true });
  await simulate(8);
  expect(await simulate(7, { traced: true })).toEqual(once);
  expect(once.trace.length).toBeGreaterThan(50);
});

test('20,000 seeds hold all invariants', async () => {
  const { seeds, failed } = await runMany({ from: 1, seeds: 20_000, jobs: 2 });
  const [first] = failed;
  expect(first && (await describeFailure(first.seed))).toBeUndefined();
  expect(seeds).toBe(20_000);
});
