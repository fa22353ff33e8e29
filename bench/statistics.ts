/** Median, 95th and 99th percentile, and extremes of some durations in milliseconds. */
export interface Summary {
  readonly runs: number;
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export function summarize(durations: readonly number[]): Summary {
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (fraction: number): number =>
    sorted[Math.min(sorted.length - 1, Math.ceil(fraction * sorted.length) - 1)] ?? Number.NaN;
  const [p50, p95, p99] = [at(0.5), at(0.95), at(0.99)];
  return { runs: sorted.length, min: at(0.0001), p50, p95, p99, max: at(1) };
}

/** Runs each contender in turn, round by round, so that a slow moment of the machine hits all of them alike. */
export async function race(
  rounds: number,
  contenders: Readonly<Record<string, (round: number) => Promise<number>>>,
): Promise<Record<string, Summary>> {
  const durations = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(contenders)) {
      const ms = await run(round);
      // Round -1 warms up.
      if (round >= 0) durations.get(name)?.push(ms);
    }
  }
  return Object.fromEntries([...durations].map(([name, values]) => [name, summarize(values)]));
}

export function format(ms: number): string {
  return ms >= 100 ? `${ms.toFixed(0)} ms` : `${ms.toFixed(2)} ms`;
}
