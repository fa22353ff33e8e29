import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';
import { type Broken, Violation } from './world.ts';

/** What is left out, the invariants that notice it, and the number of seeds that must be enough. */
const variants: readonly {
  readonly name: string;
  readonly broken: Broken;
  readonly noticedBy: readonly string[];
  readonly within: number;
}[] = [
  {
    name: 'creates without a fence',
    broken: { withoutFence: true },
    noticedBy: ['I1'],
    within: 200,
  },
  {
    name: 'ops of another life of the server',
    broken: { withoutEpoch: true },
    noticedBy: ['I3'],
    within: 1_000,
  },
  {
    name: 'a failed look taken for an empty server',
    broken: { unknownIsEmpty: true },
    noticedBy: ['I4'],
    within: 50,
  },
  {
    name: 'leftovers that nobody kills',
    broken: { leftoversStay: true },
    noticedBy: ['L1', 'I1'],
    within: 400,
  },
  {
    name: 'kills by pane id alone',
    broken: { withoutTag: true },
    noticedBy: ['I2', 'I5'],
    within: 4_000,
  },
  {
    name: 'intentions committed after the fact',
    broken: { intentAfterOp: true },
    noticedBy: ['I3'],
    within: 20,
  },
  {
    name: 'a settled plan that is never made again',
    broken: { believesForEver: true },
    noticedBy: ['I10'],
    within: 100,
  },
];

test.each(variants)('the simulator notices $name', async ({ broken, noticedBy, within }) => {
  for (let seed = 1; seed <= within; seed += 1) {
    const { failure } = await simulate(seed, { broken });
    if (failure === undefined) continue;
    if (!(failure instanceof Violation)) throw failure;
    expect(noticedBy).toContain(failure.invariant);
    return;
  }
  throw new Error(`${within} seeds went well`);
});
