import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fingerprint, untilQuiet } from './quiet.ts';
import { type Figure, figure, showSummary } from './report.ts';
import { format, summarize } from './statistics.ts';
import { cpuMs, manifestOf, rssMb, startTower, type Tower } from './tower.ts';

const LAYOUTS = 40;
const PANES = 4 * LAYOUTS;
const IDLE_SECONDS = Number(process.env['BENCH_IDLE_SECONDS'] ?? '60');

/** The daemon as a whole: many layouts from one apply, repair, recovery, idling, the command line. */
export async function benchWholeDaemon(): Promise<{ figures: Figure[]; details: string[] }> {
  const raw = await measureRaw();
  const applied = await measureApply();
  const tower = await startTower();
  try {
    await apply(tower, manifestOf(LAYOUTS));
    await untilReady(tower);
    const cli = await measureCli(tower);
    const repair = await measureRepair(tower);
    await untilReady(tower);
    const recovery = await measureRecovery(tower);
    await untilReady(tower);
    await sleep(3_000);
    const idle = await measureIdle(tower);
    const applyRatio = applied.p50 / raw.p50;
    return {
      figures: [
        figure(
          `${LAYOUTS} layouts × 4 from one apply to all panes running ÷ one raw command`,
          applyRatio.toFixed(2),
          {
            target: '≤ 2',
            met: applyRatio <= 2,
          },
        ),
        figure('command line round trip, `get layouts`', format(cli.p50), {
          target: '≤ 120 ms',
          met: cli.p50 <= 120,
        }),
        figure('pane killed by hand and back, p95', format(repair.p95), {
          target: '≤ 1500 ms',
          met: repair.p95 <= 1_500,
        }),
        figure(`recovery of ${LAYOUTS} layouts before the socket answers`, format(recovery.p50), {
          target: '≤ 500 ms',
          met: recovery.p50 <= 500,
        }),
        figure(`idle CPU, ${PANES} panes`, `${idle.cpuPercent.toFixed(2)} % of a core`, {
          target: '< 1 %',
          met: idle.cpuPercent < 1,
        }),
        figure(`database writes while idle for ${IDLE_SECONDS} s`, String(idle.writes), {
          target: '0',
          met: idle.writes === 0,
        }),
        figure('resident memory', `${idle.rss.toFixed(0)} MB`, {
          target: '< 150 MB',
          met: idle.rss < 150,
        }),
      ],
      details: [
        `${PANES} panes from one apply: ${showSummary(applied)}`,
        `${PANES} panes from one raw tmux command: ${showSummary(raw)}`,
        `\`agenttower get layouts\`: ${showSummary(cli)}`,
        `kill-pane to the pane running again: ${showSummary(repair)}`,
        `daemon start with ${LAYOUTS} layouts, spawn to first answer: ${showSummary(recovery)}`,
      ],
    };
  } finally {
    await tower.stop();
  }
}

/** One tmux command that builds all sessions, until tmux lists every pane. */
async function measureRaw() {
  const durations: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const tower = await startTower();
    await tower.tmux('-f', '/dev/null', 'new-session', '-d', '-s', 'keep', 'sleep', '100000');
    // tmux takes at most 16 KiB on its command line, so the one command reads a file.
    const file = join(tower.home, 'raw.conf');
    writeFileSync(
      file,
      rawCommands(tower.home)
        .map((words) => words.join(' '))
        .join('\n'),
    );
    const from = performance.now();
    await tower.tmux('source-file', file);
    await untilPanes(tower, PANES + 1);
    durations.push(performance.now() - from);
    await tower.stop();
  }
  return summarize(durations.slice(1));
}

function rawCommands(home: string): readonly (readonly string[])[] {
  return Array.from({ length: LAYOUTS }, (_, index) => {
    const target = `=raw${index}:`;
    const dress = (key: number) => [
      ['set-option', '-p', '-t', target, 'remain-on-exit', 'on'],
      ['select-pane', '-t', target, '-T', `p${key}`],
      ['select-layout', '-t', target, 'tiled'],
      ['pipe-pane', '-t', target, '-O', `'exec cat >> ${join(home, `raw${index}-${key}.log`)}'`],
    ];
    return [
      ['new-session', '-d', '-s', `raw${index}`, '-x', '200', '-y', '50', 'sleep', '100000'],
      ...dress(0),
      ...[1, 2, 3].flatMap((key) => [
        ['split-window', '-t', target, 'sleep', '100000'],
        ...dress(key),
      ]),
    ];
  }).flat();
}

async function measureApply() {
  const durations: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const tower = await startTower();
    // The channel is open: one layout is there already.
    await apply(tower, manifestOf(1).replaceAll('bench0', 'first'));
    await untilReady(tower);
    const from = performance.now();
    await apply(tower, manifestOf(LAYOUTS));
    await untilPanes(tower, PANES + 4);
    durations.push(performance.now() - from);
    await tower.stop();
  }
  return summarize(durations.slice(1));
}

async function measureCli(tower: Tower) {
  const durations: number[] = [];
  for (let round = 0; round < 15; round += 1) {
    const from = performance.now();
    await tower.cli('get', 'layouts');
    durations.push(performance.now() - from);
  }
  return summarize(durations);
}

async function measureRepair(tower: Tower) {
  const durations: number[] = [];
  for (let round = 0; round < LAYOUTS; round += 1) {
    const target = `=bench${round}:.${1 + (round % 3)}`;
    const from = performance.now();
    await tower.tmux('kill-pane', '-t', target);
    await untilPanes(tower, 4, `bench${round}`);
    durations.push(performance.now() - from);
  }
  return summarize(durations);
}

async function measureRecovery(tower: Tower) {
  const durations: number[] = [];
  for (let round = 0; round < 5; round += 1) durations.push(await tower.restart());
  return summarize(durations);
}

async function measureIdle(tower: Tower) {
  await untilQuiet(tower);
  const before = { cpu: cpuMs(tower.pid()), files: fingerprint(tower) };
  await sleep(IDLE_SECONDS * 1_000);
  const cpu = cpuMs(tower.pid()) - before.cpu;
  const writes = fingerprint(tower) === before.files ? 0 : 1;
  return { cpuPercent: (cpu / (IDLE_SECONDS * 1_000)) * 100, writes, rss: rssMb(tower.pid()) };
}

async function apply(tower: Tower, text: string): Promise<void> {
  await tower.client.call('manifest.apply', { files: [{ path: '/bench.yaml', text }] });
}

async function untilReady(tower: Tower): Promise<void> {
  for (let attempt = 0; attempt < 3_000; attempt += 1) {
    const { items } = await tower.client.call<{ items: { health: string }[] }>('layout.list', {});
    if (items.length > 0 && items.every(({ health }) => health === 'Healthy')) return;
    await sleep(20);
  }
  throw new Error('the layouts did not become healthy');
}

async function untilPanes(tower: Tower, wanted: number, session = ''): Promise<void> {
  const args = session === '' ? ['-a'] : ['-s', '-t', `=${session}`];
  for (let attempt = 0; attempt < 5_000; attempt += 1) {
    const listed = await tower.tmux('list-panes', ...args, '-F', '#{pane_id}').catch(() => '');
    if (listed.split('\n').filter(Boolean).length >= wanted) return;
  }
  throw new Error(`${wanted} panes did not appear`);
}
