import { availableParallelism } from 'node:os';
import { type Orders, parseOrders, USAGE } from './command-line.ts';
import { runMany } from './run-many.ts';
import { describeFailure, simulate } from './simulate.ts';

/** Failures told in one line each; the first is told in full. */
const MAX_TOLD = 20;

process.exitCode = await start(process.argv.slice(2));

async function start(words: readonly string[]): Promise<number> {
  let orders: Orders;
  try {
    orders = parseOrders(words, availableParallelism());
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 3;
  }
  return orders.isReplay ? replay(orders.from) : explore(orders);
}

async function replay(seed: number): Promise<number> {
  const run = await simulate(seed, { traced: true });
  if (run.failure !== undefined) {
    console.log(await describeFailure(seed));
    return 1;
  }
  for (const line of run.trace) console.log(line);
  console.log(`seed ${seed} holds every invariant: ${run.steps} steps, ${run.passes} passes`);
  return 0;
}

async function explore({ from, seeds, jobs }: Orders): Promise<number> {
  const started = performance.now();
  let told = 0;
  const { passes, ops, failed } = await runMany({
    from,
    seeds,
    jobs,
    onProgress: (done, failures) => {
      for (const { seed, message } of failures.slice(0, MAX_TOLD - told)) {
        told += 1;
        console.log(`seed ${seed}: ${message}`);
      }
      if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${seeds} seeds `);
    },
  });
  const seconds = (performance.now() - started) / 1_000;
  if (process.stderr.isTTY) process.stderr.write('\r');
  console.log(
    `${seeds} seeds from ${from}, ${passes} passes, ${ops} commands: ${failed.length} failed (${seconds.toFixed(1)} s, ${Math.round(seeds / seconds)} per second)`,
  );
  const [first] = failed;
  if (first === undefined) return 0;
  console.log(await describeFailure(first.seed));
  return 1;
}
