import { describeFailure, simulate } from './simulate.ts';

const from = Number(process.argv[2] ?? 1);
const count = Number(process.argv[3] ?? 1000);
const started = performance.now();
let failed = 0;
const kinds = new Map<string, number>();
for (let seed = from; seed < from + count; seed += 1) {
  const run = await simulate(seed);
  if (run.failure === undefined) continue;
  failed += 1;
  const text = run.failure.message.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[%$@]\d+|\d+/g, '#');
  const kind = text.slice(0, 110);
  if (!kinds.has(kind)) console.log(seed, run.failure.message);
  kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  if (count === 1) console.log(await describeFailure(run));
}
console.log(kinds);
console.log(process.cpuUsage().user / 1000 / count, 'cpu ms per seed');
console.log(failed, 'failed;', (performance.now() - started) / count, 'ms per seed');
