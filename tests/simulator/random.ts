/** A stream of chance that is the same for the same seed. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, limit). */
  below(limit: number): number;
  chance(probability: number): boolean;
  /** One of them; `undefined` when there is none. */
  pick<T>(from: readonly T[]): T | undefined;
  /** One of a list that is never empty. */
  oneOf<T>(from: readonly [T, ...T[]]): T;
}

/** mulberry32, after the seed was mixed so that neighbouring seeds have nothing in common. */
export function makeRandom(seed: number): Random {
  let state = mix(seed + 0x9e37_79b9);
  const next = (): number => {
    state = (state + 0x6d2b_79f5) | 0;
    return mix(state) / 0x1_0000_0000;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (from) => from[below(from.length)],
    oneOf: (from) => from[below(from.length)] ?? from[0],
  };
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 15), 0x85eb_ca6b | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
