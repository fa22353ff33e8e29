import { expect } from 'vitest';

/** So often that chance alone leaves nothing out, if it can come up at all. */
const ROUNDS = 8;

/**
 * Runs a random test, and again while something that has to come up in it has not: among a few dozen random runs one
 * kind may well be missing, and a generator that never makes it is no test.
 */
export async function untilAllMet(
  run: () => Promise<void>,
  { met, wanted }: { readonly met: ReadonlySet<string>; readonly wanted: readonly string[] },
): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    await run();
    if (wanted.every((one) => met.has(one))) return;
  }
  expect([...met]).toEqual(expect.arrayContaining([...wanted]));
}
