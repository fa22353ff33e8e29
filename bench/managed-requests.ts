import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, figure, showSummary } from './report.ts';
import { format, type Summary, summarize } from './statistics.ts';
import { startTower, type Tower } from './tower.ts';

const ROUNDS = 30;
/** Of `1m+2s`. */
const PANES = 3;

/** What the reference daemon took for the same on a machine of two cores, in milliseconds. */
const REFERENCE = {
  answer: 111,
  answerMeanwhile: 3_700,
  panes: 2_860,
  remove: 121,
  recreate: 1_720,
  ready: 5_320,
} as const;
/** The last second of becoming ready is settle time, which nobody can be faster at. */
const SETTLE_MS = 1_000;

interface Answered {
  readonly layout_id: string;
  readonly panes: readonly { readonly pane_id: string }[];
}

interface Samples {
  readonly answer: number[];
  readonly answerMeanwhile: number[];
  readonly panes: number[];
  readonly ready: number[];
  readonly remove: number[];
  readonly recreate: number[];
}

/** Requests for layouts and panes: how soon they are answered, and how soon what they ask for is there. */
export async function benchManagedRequests(): Promise<{ figures: Figure[]; details: string[] }> {
  const tower = await startTower();
  try {
    writeCatalog(tower.home);
    const cold = await measureCold(tower);
    const samples = await measureRounds(tower);
    return report(cold, samples);
  } finally {
    await tower.stop();
  }
}

/** The first layout of all: no tmux server, no channel. */
async function measureCold(tower: Tower): Promise<number> {
  const marks = watchMarks(tower.home);
  const created = await create(tower, 'cold');
  const ms = await marks.untilRun(PANES);
  await remove(tower, created);
  return ms;
}

async function measureRounds(tower: Tower): Promise<Samples> {
  const samples: Samples = {
    answer: [],
    answerMeanwhile: [],
    panes: [],
    ready: [],
    remove: [],
    recreate: [],
  };
  for (let round = 0; round < ROUNDS; round += 1) await measureRound(tower, round, samples);
  return samples;
}

async function measureRound(tower: Tower, round: number, samples: Samples): Promise<void> {
  const marks = watchMarks(tower.home);
  const from = performance.now();
  const created = await create(tower, `r${round}`);
  samples.answer.push(performance.now() - from);
  samples.panes.push(await marks.untilRun(PANES));
  await untilState(tower, created, 'ready');
  samples.ready.push(performance.now() - from);

  const [pane] = created.panes;
  if (pane === undefined) throw new Error('a layout without panes');
  const removal = performance.now();
  await tower.client.call('managed.pane.remove', { pane_id: pane.pane_id });
  samples.remove.push(performance.now() - removal);
  const again = watchMarks(tower.home);
  await tower.client.call('managed.pane.recreate', { predecessor_pane_id: pane.pane_id });
  samples.recreate.push(await again.untilRun(1));
  await remove(tower, created);
  await measureMeanwhile(tower, round, samples);
}

/** Four layouts one right after the other: each but the first is asked for while those before it are being made. */
async function measureMeanwhile(tower: Tower, round: number, samples: Samples): Promise<void> {
  const made: Answered[] = [];
  for (let index = 0; index < 4; index += 1) {
    const from = performance.now();
    made.push(await create(tower, `m${round}-${index}`));
    if (index > 0) samples.answerMeanwhile.push(performance.now() - from);
  }
  for (const created of made) await remove(tower, created);
}

function report(cold: number, samples: Samples): { figures: Figure[]; details: string[] } {
  const of = (name: keyof Samples): Summary => summarize(samples[name]);
  const [answer, meanwhile, panes] = [of('answer'), of('answerMeanwhile'), of('panes')];
  const beats = (name: keyof typeof REFERENCE, ms: number): Figure => {
    const ratio = REFERENCE[name] / ms;
    return figure(`${WORDS[name]}: reference ÷ ours`, ratio.toFixed(0), {
      target: '≥ 10',
      met: ratio >= 10,
    });
  };
  const readyWork = Math.max(1, of('ready').p50 - SETTLE_MS);
  const readyRatio = (REFERENCE.ready - SETTLE_MS) / readyWork;
  return {
    figures: [
      figure('answer to a request for a layout, p50', format(answer.p50), {
        target: '≤ 10 ms',
        met: answer.p50 <= 10,
      }),
      figure('the same while others are being made, p50', format(meanwhile.p50), {
        target: '≤ 10 ms',
        met: meanwhile.p50 <= 10,
      }),
      figure('all panes of `1m+2s` run, open channel, p50', format(panes.p50), {
        target: '≤ 30 ms',
        met: panes.p50 <= 30,
      }),
      figure('all panes of the very first layout run', format(cold), {
        target: '≤ 250 ms',
        met: cold <= 250,
      }),
      beats('answer', answer.p50),
      beats('answerMeanwhile', meanwhile.p50),
      beats('panes', panes.p50),
      beats('remove', of('remove').p50),
      beats('recreate', of('recreate').p50),
      figure('`1m+2s` ready, settle time left out: reference ÷ ours', readyRatio.toFixed(0), {
        target: '≥ 10',
        met: readyRatio >= 10,
      }),
    ],
    details: (Object.keys(samples) as (keyof Samples)[]).map(
      (name) => `${WORDS[name]}: ${showSummary(of(name))}`,
    ),
  };
}

const WORDS: Readonly<Record<keyof Samples, string>> = {
  answer: 'request for a layout answered',
  answerMeanwhile: 'request answered while others are being made',
  panes: 'all panes of `1m+2s` run after the request',
  ready: '`1m+2s` ready after the request',
  remove: 'pane removed, until the answer',
  recreate: 'pane recreated, until it runs',
};

async function create(tower: Tower, session: string): Promise<Answered> {
  return await tower.client.call<Answered>('managed.layout.create', {
    container_id: 'local',
    template_name: 'team',
    tmux_session_name: session,
  });
}

async function remove(tower: Tower, { layout_id }: Answered): Promise<void> {
  for (;;) {
    const { state } = await tower.client.call<{ state: string }>('managed.layout.remove', {
      layout_id,
    });
    if (state === 'removed') return;
    await sleep(20);
  }
}

async function untilState(tower: Tower, { layout_id }: Answered, wanted: string): Promise<void> {
  for (let attempt = 0; attempt < 5_000; attempt += 1) {
    const { state } = await tower.client.call<{ state: string }>('managed.layout.detail', {
      layout_id,
    });
    if (state === wanted) return;
    await sleep(5);
  }
  throw new Error(`layout ${layout_id} did not become ${wanted}`);
}

/** `1m+2s` under labels of its own, so that many can be there at once; each pane leaves a file when it begins. */
function writeCatalog(home: string): void {
  const config = join(home, '.config/opensoft/agenttower');
  const write = (directory: string, name: string, content: object): void => {
    mkdirSync(join(config, directory), { recursive: true });
    writeFileSync(join(config, directory, `${name}.yaml`), JSON.stringify({ name, ...content }));
  };
  mkdirSync(marksOf(home));
  const mark = `echo > "${marksOf(home)}/$$"; exec sleep 100000`;
  write('launch_commands', 'mark', { command: ['sh', '-c', mark] });
  const pane = (role: string, label_pattern: string): object => ({
    role,
    capability: 'worker',
    label_pattern,
    default_launch_command_ref: 'mark',
  });
  const slave = pane('slave', '{layout}-s{ordinal}');
  write('managed_templates', 'team', { panes: [pane('master', '{layout}-m'), slave, slave] });
}

/** From now on: how long until so many more panes run, by the times of their files. */
function watchMarks(home: string): { untilRun(count: number): Promise<number> } {
  const before = new Set(readdirSync(marksOf(home)));
  const from = Date.now();
  return {
    untilRun: async (count) => {
      for (let attempt = 0; attempt < 10_000; attempt += 1) {
        const fresh = readdirSync(marksOf(home)).filter((name) => !before.has(name));
        if (fresh.length >= count) {
          const times = fresh.map((name) => statSync(join(marksOf(home), name)).mtimeMs);
          return Math.max(...times) - from;
        }
        await sleep(1);
      }
      throw new Error(`${count} panes did not begin`);
    },
  };
}

function marksOf(home: string): string {
  return join(home, 'marks');
}
