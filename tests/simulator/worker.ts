import { simulate } from './simulate.ts';

/** A worker process: runs the chunks of seeds it is sent, and answers what became of each. */
export interface Chunk {
  readonly from: number;
  readonly seeds: number;
}

export interface ChunkResult {
  readonly passes: number;
  readonly ops: number;
  readonly failed: readonly FailedSeed[];
}

export interface FailedSeed {
  readonly seed: number;
  readonly message: string;
}

process.on('message', (chunk: Chunk) => {
  void runChunk(chunk).then((result) => process.send?.(result));
});

async function runChunk({ from, seeds }: Chunk): Promise<ChunkResult> {
  const failed: FailedSeed[] = [];
  let passes = 0;
  let ops = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const run = await simulate(seed);
    passes += run.passes;
    ops += run.ops;
    if (run.failure !== undefined) failed.push({ seed, message: run.failure.message });
  }
  return { passes, ops, failed };
}
