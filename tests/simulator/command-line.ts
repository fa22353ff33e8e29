import { parseArgs } from 'node:util';

export interface Orders {
  readonly from: number;
  readonly seeds: number;
  readonly jobs: number;
  /** One history is replayed and told in full. */
  readonly isReplay: boolean;
}

export const USAGE = `Simulates histories of the whole loop, one per seed.

  npm run simulate -- --seeds 1000000 [--from N] [--jobs N]   runs many and tells of those that failed
  npm run simulate -- --seed N                                replays one and tells every step of it`;

/** What the words of the command line ask for. Throws a sentence when they make no sense. */
export function parseOrders(words: readonly string[], cpus: number): Orders {
  const { values } = parseArgs({
    args: [...words],
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      from: { type: 'string' },
      jobs: { type: 'string' },
    },
  });
  const { seed } = values;
  if (seed !== undefined) {
    return { from: count('seed', seed, 0), seeds: 1, jobs: 1, isReplay: true };
  }
  return {
    from: count('from', values.from, 1),
    seeds: count('seeds', values.seeds, 1_000),
    jobs: count('jobs', values.jobs, cpus),
    isReplay: false,
  };
}

function count(name: string, text: string | undefined, otherwise: number): number {
  const number = text === undefined ? otherwise : Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`--${name} takes a whole number, not "${text}"`);
}
