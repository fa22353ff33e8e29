import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import type { Epoch, LayoutId, PaneId, SlotId } from '../src/domain/ids.ts';
import type { CreateOp } from '../src/domain/tmux-ops.ts';
import { startRealTmux } from '../tests/support/real-tmux.ts';
import { type Figure, figure, showSummary } from './report.ts';
import { race } from './statistics.ts';

const run = promisify(execFile);
const ROUNDS = 30;

/** A four-pane layout with logs: over an open channel, as one raw command, as one process per command. */
export async function benchCreateLayout(): Promise<{ figures: Figure[]; details: string[] }> {
  const tower = startRealTmux();
  const seen = await tower.server.look();
  if (seen.kind !== 'seen') throw new Error(seen.message);
  const { epoch } = seen;
  const log = (name: string): string => join(tower.directory, `${name}.log`);
  const env = tower.host.env as NodeJS.ProcessEnv;
  const tmux = (args: readonly string[]) => run('tmux', ['-L', 'agenttower', ...args], { env });
  const timed = async (work: () => Promise<unknown>, session: string): Promise<number> => {
    const from = performance.now();
    await work();
    const ms = performance.now() - from;
    await tmux(['kill-session', '-t', `=${session}`]);
    return ms;
  };
  const summaries = await race(ROUNDS, {
    channel: (round) => {
      const session = `c${round + 1}`;
      return timed(() => tower.server.run(createOps(epoch, session, log)), session);
    },
    raw: (round) => {
      const session = `r${round + 1}`;
      return timed(() => tmux(joined(rawCommands(session, log))), session);
    },
    processes: (round) => {
      const session = `p${round + 1}`;
      return timed(async () => {
        for (const command of rawCommands(session, log)) await tmux(command);
      }, session);
    },
  });
  await tower.stop();
  const { channel, raw, processes } = summaries;
  if (!channel || !raw || !processes) throw new Error('nothing measured');
  const ratio = channel.p50 / raw.p50;
  return {
    figures: [
      figure('4-pane layout, open channel ÷ one raw tmux command', ratio.toFixed(2), {
        target: '≤ 1.5',
        met: ratio <= 1.5,
      }),
      figure(
        '4-pane layout, one process per command ÷ open channel',
        (processes.p50 / channel.p50).toFixed(1),
        {
          target: 'for comparison',
          met: true,
        },
      ),
    ],
    details: [
      `4 panes over an open channel: ${showSummary(channel)}`,
      `4 panes with one raw tmux command: ${showSummary(raw)}`,
      `4 panes with one process per tmux command: ${showSummary(processes)}`,
    ],
  };
}

function createOps(
  epoch: Epoch,
  session: string,
  log: (name: string) => string,
): readonly CreateOp[] {
  const layout = randomUUID() as LayoutId;
  return [0, 1, 2, 3].map((index) => {
    const pane = randomUUID() as PaneId;
    return {
      kind: 'create',
      epoch,
      fence: { slot: randomUUID() as SlotId, expect: '', next: pane },
      layout,
      pane,
      place:
        index === 0
          ? { kind: 'new-session', session, width: 200, height: 50 }
          : { kind: 'session', session },
      process: {
        argv: ['sleep', '1000'],
        env: {},
        workingDir: '/tmp',
        logFile: log(`${session}-${index}`),
      },
      title: `s${index}`,
      arrangement: 'tiled',
    };
  });
}

/** The same session by hand: panes, titles, remain-on-exit, arrangement, logs. */
function rawCommands(
  session: string,
  log: (name: string) => string,
): readonly (readonly string[])[] {
  const target = `=${session}:`;
  const dress = (index: number): readonly (readonly string[])[] => [
    ['set-option', '-p', '-t', target, 'remain-on-exit', 'on'],
    ['select-pane', '-t', target, '-T', `s${index}`],
    ['select-layout', '-t', target, 'tiled'],
    ['pipe-pane', '-t', target, '-O', `exec cat >> ${log(`${session}-${index}`)}`],
  ];
  return [
    ['new-session', '-d', '-s', session, '-x', '200', '-y', '50', '-c', '/tmp', 'sleep', '1000'],
    ...dress(0),
    ...[1, 2, 3].flatMap((index) => [
      ['split-window', '-t', target, '-c', '/tmp', 'sleep', '1000'],
      ...dress(index),
    ]),
  ];
}

function joined(commands: readonly (readonly string[])[]): readonly string[] {
  return commands.flatMap((command, index) => (index === 0 ? command : [';', ...command]));
}
