import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Orders, parseOrders, USAGE } from './command-line.ts';
import { describeFailure, type Run, simulate } from './simulate.ts';

/** Seeds a worker runs before it reports. */
const CHUNK = 500;
/** Failures told in one line each; the first is told in full. */
const MAX_TOLD = 20;

interface Chunk {
  readonly from: number;
  readonly seeds: number;
}

interface ChunkResult {
  readonly passes: number;
  readonly ops: number;
  readonly failed: readonly { readonly seed: number; readonly message: string }[];
}

if (process.send !== undefined) {
  process.on('message', (chunk: Chunk) => {
    void runChunk(chunk).then((result) => process.send?.(result));
  });
} else {
  process.exitCode = await start(process.argv.slice(2));
}

async function start(words: readonly string[]): Promise<number> {
  let orders: Orders;
  try {
    orders = parseOrders(words, availableParallelism());
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 3;
  }
  return orders.isReplay ? replay(orders.from) : runMany(orders);
}

async function replay(seed: number): Promise<number> {
  const run = await simulate(seed, { traced: true });
  if (run.failure !== undefined) {
    console.log(await describeFailure(run));
    return 1;
  }
  for (const line of run.trace) console.log(line);
  console.log(`seed ${seed} holds every invariant: ${run.steps} steps, ${run.passes} passes`);
  return 0;
}

async function runMany({ from, seeds, jobs }: Orders): Promise<number> {
  const started = performance.now();
  const totals = { seeds: 0, passes: 0, ops: 0 };
  const failed: ChunkResult['failed'][number][] = [];
  const chunks: Chunk[] = [];
  for (let at = from; at < from + seeds; at += CHUNK) {
    chunks.push({ from: at, seeds: Math.min(CHUNK, from + seeds - at) });
  }
  const take = (chunk: Chunk, result: ChunkResult): void => {
    totals.seeds += chunk.seeds;
    totals.passes += result.passes;
    totals.ops += result.ops;
    for (const one of result.failed) {
      failed.push(one);
      if (failed.length <= MAX_TOLD) console.log(`seed ${one.seed}: ${one.message}`);
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${totals.seeds} of ${seeds} seeds `);
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, () => work(chunks, take)));

  const seconds = (performance.now() - started) / 1_000;
  const pace = `${seconds.toFixed(1)} s, ${Math.round(totals.seeds / seconds)} per second`;
  if (process.stderr.isTTY) process.stderr.write('\r');
  console.log(
    `${totals.seeds} seeds from ${from}, ${totals.passes} passes, ${totals.ops} commands: ${failed.length} failed (${pace})`,
  );
  const first = failed.toSorted((a, b) => a.seed - b.seed)[0];
  if (first === undefined) return 0;
  console.log(await describeFailure(await simulate(first.seed)));
  return 1;
}

/** One worker process, fed with chunks until there are none. */
function work(chunks: Chunk[], take: (chunk: Chunk, result: ChunkResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = fork(fileURLToPath(import.meta.url));
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
      else reject(new Error(`a worker ended with ${code} at seed ${current?.from}`));
    });
    next();
  });
}

async function runChunk({ from, seeds }: Chunk): Promise<ChunkResult> {
  const failed: { seed: number; message: string }[] = [];
  let passes = 0;
  let ops = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const run: Run = await simulate(seed);
    passes += run.passes;
    ops += run.ops;
    if (run.failure !== undefined) failed.push({ seed, message: run.failure.message });
  }
  return { passes, ops, failed };
}
