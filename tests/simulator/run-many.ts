import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Chunk, ChunkResult, FailedSeed } from './worker.ts';

export interface ManyRuns {
  readonly seeds: number;
  readonly passes: number;
  readonly ops: number;
  /** By seed. */
  readonly failed: readonly FailedSeed[];
}

export interface ManyOptions {
  readonly from: number;
  readonly seeds: number;
  /** Processes side by side. */
  readonly jobs: number;
  readonly onProgress?: (done: number, failed: readonly FailedSeed[]) => void;
}

/** Seeds a worker runs before it reports. */
const CHUNK = 500;
const LOADER = fileURLToPath(new URL('../support/typescript.mjs', import.meta.url));
const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));

/** Runs many seeds in processes of their own. Rejects when one of them dies. */
export async function runMany({ from, seeds, jobs, onProgress }: ManyOptions): Promise<ManyRuns> {
  const chunks: Chunk[] = [];
  for (let at = from; at < from + seeds; at += CHUNK) {
    chunks.push({ from: at, seeds: Math.min(CHUNK, from + seeds - at) });
  }
  const totals = { seeds: 0, passes: 0, ops: 0 };
  const failed: FailedSeed[] = [];
  const take = (chunk: Chunk, result: ChunkResult): void => {
    totals.seeds += chunk.seeds;
    totals.passes += result.passes;
    totals.ops += result.ops;
    failed.push(...result.failed);
    onProgress?.(totals.seeds, result.failed);
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, () => work(chunks, take)));
  return { ...totals, failed: failed.toSorted((a, b) => a.seed - b.seed) };
}

/** One worker, fed with chunks until there are none. */
function work(chunks: Chunk[], take: (chunk: Chunk, result: ChunkResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = fork(WORKER, { execArgv: ['--import', LOADER, '--max-semi-space-size=32'] });
    let current: Chunk | undefined;
    const next = (): void => {
      current = chunks.shift();
      if (current === undefined) worker.disconnect();
      else worker.send(current);
    };
    worker.on('message', (result: ChunkResult) => {
      if (current !== undefined) take(current, result);
      next();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a worker ended with ${code}, after seed ${current?.from}`));
    });
    next();
  });
}
