import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestContainer, TestContainers } from '../tests/support/docker.ts';
import { BENCH_KEYS, layoutOf, untilObserved } from './container-layouts.ts';
import { type Figure, figure, showSummary } from './report.ts';
import { format, type Summary, summarize } from './statistics.ts';
import type { Tower } from './tower.ts';
import { wayToHang } from './ways-to-hang.ts';

const ROUNDS = Number(process.env['BENCH_HANG_ROUNDS'] ?? '8');
/** Three times as long as a look at the one that hangs is waited for. */
const SLICE_MS = 10_000;

interface Bench {
  readonly container: TestContainer;
  readonly layouts: readonly string[];
}

/** What nine containers see of a tenth that hangs: times while all are well, and while it does, slice by slice. */
export async function benchHang(
  tower: Tower,
  all: readonly Bench[],
  containers: TestContainers,
): Promise<{ figures: Figure[]; details: string[] }> {
  const well = all.slice(0, -1);
  const victim = all.at(-1)?.container;
  if (victim === undefined) throw new Error('no container');
  const way = wayToHang(victim, containers);
  const quiet = emptyTimes();
  const hanging = emptyTimes();
  const victims = panesToKill(well);
  const slice = async (into: Times) => {
    await tower.takePasses();
    const from = performance.now();
    const end = sleep(SLICE_MS);
    for (const [nth, pane] of victims.splice(0, well.length).entries()) {
      await sleep(from + (nth * SLICE_MS) / well.length - performance.now());
      into.repairs.push(await timeRepair(tower, pane));
    }
    await end;
    const others = (await tower.takePasses()).filter(({ container }) => container !== victim.name);
    into.passes.push(...others.map(({ tookMs }) => tookMs));
  };
  // Both begin and end with the same acts, and take turns at being first: a machine that gets slower hits both alike.
  const quietly = async () => {
    await way.goOn();
    await slice(quiet);
  };
  const hangingly = async () => {
    await way.hang();
    await slice(hanging);
    await way.goOn();
    await untilObserved(tower, victim.name);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const pair = [quietly, hangingly];
    for (const act of round % 2 === 0 ? pair : pair.toReversed()) await act();
  }
  return reportHang(quiet, hanging);
}

interface Times {
  readonly passes: number[];
  readonly repairs: number[];
}

function emptyTimes(): Times {
  return { passes: [], repairs: [] };
}

function reportHang(quiet: Times, hanging: Times): { figures: Figure[]; details: string[] } {
  const [passes, passesThen, repairs, repairsThen] = [
    quiet.passes,
    hanging.passes,
    quiet.repairs,
    hanging.repairs,
  ].map(summarize) as [Summary, Summary, Summary, Summary];
  return {
    figures: [
      ratio('p99 of passes', passesThen.p99 / passes.p99),
      ratio('repair', repairsThen.p50 / repairs.p50),
      ratio('p95 of repairs', repairsThen.p95 / repairs.p95),
    ],
    details: [
      `pass over a container, all well: ${showSummary(passes)}, p99 ${format(passes.p99)}`,
      `pass over a container, another one hangs: ${showSummary(passesThen)}, p99 ${format(passesThen.p99)}`,
      `repair in a container, all well: ${showSummary(repairs)}`,
      `repair in a container, another one hangs: ${showSummary(repairsThen)}`,
    ],
  };
}

function ratio(title: string, value: number): Figure {
  const name = `${title} in nine containers while a tenth hangs ÷ while all are well`;
  return figure(name, value.toFixed(2), { target: '≤ 1.1', met: value <= 1.1 });
}

interface PaneToKill {
  readonly container: TestContainer;
  readonly layout: string;
  readonly slot: number;
}

/** Every pane once, those of all containers in turn: one that is killed twice is a fight. */
function panesToKill(benches: readonly Bench[]): PaneToKill[] {
  return BENCH_KEYS.flatMap((_, slot) =>
    [0, 1, 2, 3].flatMap((nth) =>
      benches.map(({ container, layouts }) => ({ container, layout: layouts[nth] ?? '', slot })),
    ),
  );
}

/** From killing a pane to its successor running. */
async function timeRepair(tower: Tower, { container, layout, slot }: PaneToKill): Promise<number> {
  const before = (await layoutOf(tower, layout)).panes[slot];
  const killed = container.exec('tmux', 'kill-pane', '-t', before?.tmux_pane_id ?? '');
  const from = performance.now();
  await untilReplaced(tower, layout, { slot, pid: before?.pid ?? null });
  const took = performance.now() - from;
  await killed;
  return took;
}

async function untilReplaced(
  tower: Tower,
  name: string,
  { slot, pid }: { readonly slot: number; readonly pid: number | null },
): Promise<void> {
  for (;;) {
    const now = (await layoutOf(tower, name)).panes[slot]?.pid ?? null;
    if (now !== null && now !== pid) return;
    await sleep(1);
  }
}
