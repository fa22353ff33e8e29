import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { FoundPane, ServerPanes } from '../../../src/domain/found-pane.ts';
import { type RealTmux, startRealTmux } from '../../support/real-tmux.ts';
import { created, createOp, newPaneId, seen } from '../../support/tmux-ops.ts';
import { until } from '../../support/until.ts';

const run = promisify(execFile);

interface Foreign {
  readonly socket: string;
  readonly tmux: (...args: readonly string[]) => Promise<string>;
}

function start(): RealTmux {
  const tmux = startRealTmux();
  onTestFinished(() => tmux.stop());
  return tmux;
}

/** A person's own tmux server beside ours, ended after the test. */
async function openForeign(tower: RealTmux, name = 'default'): Promise<Foreign> {
  const env = tower.host.env as NodeJS.ProcessEnv;
  const tmux = async (...args: readonly string[]): Promise<string> =>
    (await run('tmux', ['-u', '-L', name, '-f', '/dev/null', ...args], { env })).stdout.trim();
  await tmux('new-session', '-d', '-s', 'mine', '-x', '80', '-y', '24', '--', 'cat', '-');
  onTestFinished(async () => {
    await tmux('kill-server').catch(() => 'it was not there');
  });
  return { socket: join(dirname(tower.host.socketPath), name), tmux };
}

function panesOf(answer: ServerPanes | undefined): readonly FoundPane[] {
  if (answer?.kind !== 'seen') throw new Error(`not seen: ${JSON.stringify(answer)}`);
  return answer.panes;
}

test('panes of our server and of a person’s are told apart, with all there is to tell of them', async () => {
  const tower = start();
  const { epoch } = seen(await tower.server.look());
  const owner = newPaneId();
  const made = created(
    (
      await tower.server.run([
        createOp(epoch, {
          pane: owner,
          place: { kind: 'new-session', session: 'work', width: 80, height: 24 },
          title: 'Ünïcode ␞ ☃',
          process: { argv: ['cat', '-'], env: {}, workingDir: '/usr' },
        }),
      ])
    )[0],
  );
  const foreign = await openForeign(tower);
  const [own, theirs] = await tower.server.findPanes([]);
  expect(own).toMatchObject({
    kind: 'seen',
    panes: [
      {
        epoch,
        pane: made.id,
        owner,
        pid: made.pid,
        session: 'work',
        title: 'Ünïcode ␞ ☃',
        workingDir: '/usr',
        command: 'cat',
        dead: false,
        focused: true,
        tty: expect.stringMatching(/^\/dev\/pts\/\d+$/),
      },
    ],
  });
  expect(theirs).toMatchObject({ kind: 'seen', socket: foreign.socket });
  expect(panesOf(theirs)).toMatchObject([{ session: 'mine', command: 'cat', pane: '%0' }]);
  expect(panesOf(theirs)[0]).not.toHaveProperty('owner');
  expect(panesOf(theirs)[0]?.epoch).not.toBe(epoch);
});

test('a server that does not run has no panes, and none is started by asking', async () => {
  const tower = start();
  expect(await tower.server.findPanes([])).toEqual([{ kind: 'seen', panes: [] }]);
  expect(existsSync(tower.host.socketPath)).toBe(false);
  const foreign = await openForeign(tower);
  await foreign.tmux('kill-server');
  await until(async () => {
    const theirs = (await tower.server.findPanes([foreign.socket])).at(-1);
    return theirs?.kind === 'seen' && theirs.panes.length === 0;
  });
  const gone = join(dirname(foreign.socket), 'never-was');
  expect((await tower.server.findPanes([gone])).at(-1)).toEqual({
    kind: 'seen',
    socket: gone,
    panes: [],
  });
});

test('a pane keeps its number while its place changes, and looking changes nothing', async () => {
  const tower = start();
  const { tmux, socket } = await openForeign(tower);
  await tmux('split-window', '-t', '=mine:', '--', 'cat', '-');
  const everything = () => tmux('list-panes', '-a', '-F', '#{pane_id} #{pane_pid} #{pane_index}');
  const clients = () => tmux('list-clients');
  const before = await everything();
  const find = async () =>
    panesOf((await tower.server.findPanes([])).find((answer) => answer.socket === socket)).map(
      ({ pane, paneIndex, focused }) => ({ pane, paneIndex, focused }),
    );
  expect(await find()).toEqual([
    { pane: '%0', paneIndex: 0, focused: false },
    { pane: '%1', paneIndex: 1, focused: true },
  ]);
  expect(await everything()).toBe(before);
  expect(await clients()).toBe('');
  await tmux('kill-pane', '-t', '%0');
  expect(await find()).toEqual([{ pane: '%1', paneIndex: 0, focused: true }]);
});

test('of a server that hangs nothing is known, and the others are seen all the same', async () => {
  const tower = start();
  const [stuck, well] = [await openForeign(tower, 'stuck'), await openForeign(tower, 'well')];
  const pid = Number(await stuck.tmux('display-message', '-p', '#{pid}'));
  process.kill(pid, 'SIGSTOP');
  onTestFinished(() => void process.kill(pid, 'SIGCONT'));
  const answers = await tower.server.findPanes([]);
  expect(answers.map(({ socket, kind }) => [socket, kind])).toEqual([
    [undefined, 'seen'],
    [stuck.socket, 'unknown'],
    [well.socket, 'seen'],
  ]);
  expect(answers[1]).toMatchObject({ reason: 'TmuxTimeout' });
});
