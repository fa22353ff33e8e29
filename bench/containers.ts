import { execFile } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openContainers, requireEngine, type TestContainer } from '../tests/support/docker.ts';
import {
  apply,
  BENCH_KEYS,
  familyOf,
  forksOf,
  layoutText,
  removeAll,
  untilRunning,
  untilSeen,
} from './container-layouts.ts';
import { benchHang } from './hanging-container.ts';
import { untilQuiet } from './quiet.ts';
import { type Figure, figure, showSummary } from './report.ts';
import { format, summarize } from './statistics.ts';
import { cpuMs, startTower, type Tower } from './tower.ts';

const run = promisify(execFile);
const COUNT = 10;
const LAYOUTS_EACH = 4;
const PANES_EACH = BENCH_KEYS.length;
const ROUNDS = 12;
const IDLE_SECONDS = Number(process.env['BENCH_IDLE_SECONDS'] ?? '60');

/** Layouts in real containers: one, many, idling, and while one of them hangs. */
export async function benchContainers(): Promise<{ figures: Figure[]; details: string[] }> {
  const missing = requireEngine();
  if (missing !== undefined) return { figures: [], details: [`containers: ${missing}`] };
  const containers = openContainers();
  const tower = await startTower({
    config: `[engines]\nenabled = ["docker"]\n[containers]\nname_contains = ["${containers.prefix}"]\n`,
    tellsPasses: true,
  });
  try {
    const all: TestContainer[] = [];
    for (let index = 0; index < COUNT; index += 1) {
      all.push(await containers.start({ name: String(index) }));
    }
    await untilSeen(tower, COUNT);
    note('one layout at a time');
    const single = await measureSingle(tower, all);
    note('many at once');
    const many = await measureMany(tower, all);
    note('idle');
    const idle = await measureIdle(tower);
    note('one hangs');
    const hang = await benchHang(
      tower,
      all.map((container, index) => ({ container, layouts: namesOf(index) })),
      containers,
    );
    return {
      figures: [...single.figures, ...many, ...idle, ...hang.figures],
      details: [...single.details, ...hang.details],
    };
  } finally {
    await tower.stop();
    await containers.close();
  }
}

/** On stderr: this takes minutes. */
function note(text: string): void {
  console.error(`containers: ${text}`);
}

/** One layout of four panes: through us, cold and warm, and by hand with a process for each command. */
async function measureSingle(
  tower: Tower,
  all: readonly TestContainer[],
): Promise<{ figures: Figure[]; details: string[] }> {
  const cold: number[] = [];
  // The first layout of a container: nothing is open there, no tmux server runs.
  for (const [index, container] of all.entries()) {
    cold.push(await timeLayout(tower, container, `cold${index}`));
  }
  const [first] = all;
  if (first === undefined) throw new Error('no container');
  const warm: number[] = [];
  const raw: number[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    const ours = await timeLayout(tower, first, `warm${round + 1}`);
    const byHand = await timeRaw(first, `raw${round + 1}`);
    if (round < 0) continue;
    warm.push(ours);
    raw.push(byHand);
  }
  await removeAll(tower);
  const summaries = { cold: summarize(cold), warm: summarize(warm), raw: summarize(raw) };
  const ratio = summaries.raw.p50 / summaries.warm.p50;
  return {
    figures: [
      figure(
        'container: 4-pane layout from request to all panes running, open channel',
        format(summaries.warm.p50),
        {
          target: '≤ 40 ms',
          met: summaries.warm.p50 <= 40,
        },
      ),
      figure('container: the same, nothing open yet', format(summaries.cold.p50), {
        target: '≤ 300 ms',
        met: summaries.cold.p50 <= 300,
      }),
      figure('container: one `docker exec` per tmux command ÷ open channel', ratio.toFixed(1), {
        target: '≥ 10',
        met: ratio >= 10,
      }),
    ],
    details: [
      `container, 4 panes, open channel: ${showSummary(summaries.warm)}`,
      `container, 4 panes, cold: ${showSummary(summaries.cold)}`,
      `container, 4 panes, one \`docker exec\` per command: ${showSummary(summaries.raw)}`,
    ],
  };
}

async function timeLayout(tower: Tower, container: TestContainer, name: string): Promise<number> {
  const from = performance.now();
  await apply(tower, layoutText(name, container));
  await untilRunning(tower, new Set([name]));
  return performance.now() - from;
}

/** The same session by hand; as ours, without logs. */
async function timeRaw({ id }: TestContainer, session: string): Promise<number> {
  const tmux = (...args: readonly string[]) =>
    run('docker', ['exec', '-e', 'LC_ALL=C.UTF-8', id, 'tmux', ...args]);
  const target = `=${session}:`;
  const from = performance.now();
  await tmux('new-session', '-d', '-s', session, '-x', '200', '-y', '50', 'sleep', '1000');
  for (let index = 0; index < PANES_EACH; index += 1) {
    if (index > 0) await tmux('split-window', '-t', target, 'sleep', '1000');
    await tmux('set-option', '-p', '-t', target, 'remain-on-exit', 'on');
    await tmux('select-pane', '-t', target, '-T', `s${index}`);
    await tmux('select-layout', '-t', target, 'tiled');
  }
  const took = performance.now() - from;
  await tmux('kill-session', '-t', `=${session}`);
  return took;
}

/** Ten containers with four layouts of four panes each, from one apply; the channels are open. */
async function measureMany(tower: Tower, all: readonly TestContainer[]): Promise<Figure[]> {
  await apply(tower, all.map((each, index) => layoutText(`open${index}`, each)).join('\n---\n'));
  await untilRunning(tower, new Set(all.map((_, index) => `open${index}`)));
  await removeAll(tower);
  const names = all.flatMap((_, index) => namesOf(index));
  const texts = all.flatMap((each, index) => namesOf(index).map((name) => layoutText(name, each)));
  const from = performance.now();
  await apply(tower, texts.join('\n---\n'));
  await untilRunning(tower, new Set(names));
  const took = performance.now() - from;
  const total = names.length * PANES_EACH;
  return [
    figure(
      `${COUNT} containers × ${LAYOUTS_EACH} layouts × ${PANES_EACH} panes (${total}) from one apply to all running`,
      format(took),
      {
        target: '≤ 3000 ms',
        met: took <= 3_000,
      },
    ),
  ];
}

function namesOf(container: number): readonly string[] {
  return Array.from({ length: LAYOUTS_EACH }, (_, index) => `many${container}-${index}`);
}

/** The daemon and every process it has, and how many of those were started meanwhile. */
async function measureIdle(tower: Tower): Promise<Figure[]> {
  await untilQuiet(tower);
  const before = new Map(familyOf(tower.pid()).map((pid) => [pid, cpuMs(pid)]));
  const forks = forksOf();
  await sleep(IDLE_SECONDS * 1_000);
  const after = familyOf(tower.pid());
  const used = after.reduce((sum, pid) => sum + cpuMs(pid) - (before.get(pid) ?? 0), 0);
  const percent = (used / (IDLE_SECONDS * 1_000)) * 100;
  const started = after.filter((pid) => !before.has(pid)).length;
  const perSecond = (forksOf() - forks) / IDLE_SECONDS;
  return [
    figure(
      `idle CPU with ${COUNT} containers and ${COUNT * LAYOUTS_EACH} layouts, children included`,
      `${percent.toFixed(2)} % of a core`,
      {
        target: '< 2 %',
        met: percent < 2,
      },
    ),
    figure(
      'processes it started while idle',
      `${started} (the whole machine: ${perSecond.toFixed(1)} a second)`,
      {
        target: '0',
        met: started === 0,
      },
    ),
  ];
}
