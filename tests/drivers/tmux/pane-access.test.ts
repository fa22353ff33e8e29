import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ServerPanes } from '../../../src/domain/found-pane.ts';
import { openPaneAccess, type PaneAccess } from '../../../src/drivers/tmux/pane-access.ts';
import { startRealTmux } from '../../support/real-tmux.ts';
import { tmuxSince } from '../../support/this-tmux.ts';

const tmux = startRealTmux();
let access: PaneAccess;
let theirSocket = '';
// Where tmux tells no lengths, separators in names cannot be told from our own.
const SESSION = tmuxSince('3.2') ? 'a\u241eb' : 'ab';

/** As a person runs it, on a server of their own beside ours. */
const theirs = (...args: readonly string[]) =>
  new Promise<string>((resolve, reject) => {
    const options = { env: tmux.host.env as NodeJS.ProcessEnv };
    execFile('tmux', ['-L', 'theirs', '-f', '/dev/null', ...args], options, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout.trim());
    });
  });

beforeAll(async () => {
  await tmux.server.look();
  const { host, installation, server } = tmux;
  theirSocket = join(dirname(host.socketPath), 'theirs');
  access = openPaneAccess({ host, installation, server });
  await theirs('new-session', '-d', '-s', SESSION, '-c', '/tmp', 'cat', '-');
});
afterAll(async () => {
  await theirs('kill-server').catch(() => undefined);
  await tmux.stop();
});

const at = (answers: readonly ServerPanes[], socket?: string): ServerPanes | undefined =>
  answers.find((answer) => answer.socket === socket);

test('panes of every server are found, whatever their names hold', async () => {
  await theirs('select-pane', '-t', '%0', '-T', 'title \u241e too');
  const found = await access.find();
  const pid = Number(await theirs('display-message', '-p', '-t', '%0', '#{pane_pid}'));
  expect(at(found, theirSocket)).toMatchObject({
    kind: 'seen',
    panes: [
      {
        socket: theirSocket,
        pane: '%0',
        pid,
        session: SESSION,
        windowIndex: 0,
        paneIndex: 0,
        workingDir: '/tmp',
        command: 'cat',
        title: 'title \u241e too',
        dead: false,
      },
    ],
  });
  expect(at(found)).toEqual({ kind: 'seen', panes: [] });
});

test('only the servers asked for are visited', async () => {
  expect((await access.find([])).map(({ socket }) => socket)).toEqual([undefined]);
});

test('a socket that nobody listens at is an answer: there are no panes', async () => {
  const nothing = join(tmux.directory, 'nothing');
  expect(at(await access.find([nothing]), nothing)).toEqual({
    kind: 'seen',
    socket: nothing,
    panes: [],
  });
});

test('a server that does not answer is unknown, and holds up nobody for long', async () => {
  const deaf = join(tmux.directory, 'deaf');
  const server = createServer(() => {}).listen(deaf);
  try {
    const found = await access.find([deaf, theirSocket]);
    expect(at(found, deaf)).toMatchObject({ kind: 'unknown' });
    expect(at(found, theirSocket)).toMatchObject({ kind: 'seen' });
  } finally {
    server.close();
  }
});

const trace = async () =>
  [
    await theirs('list-clients'),
    await theirs('list-buffers'),
    await theirs('show-options', '-s'),
    await theirs('show-options', '-g'),
    await theirs('show-hooks', '-g'),
  ].join('\n');

test('looking leaves no trace on their server', async () => {
  const before = await trace();
  await access.find();
  expect(await trace()).toBe(before);
});

test.each([
  ['in which nothing runs', true, 'seen'],
  ['that is paused or renamed', undefined, 'unknown'],
] as const)('of a container %s the panes are %s', async (_what, nothingRuns, kind) => {
  const { host, installation, server } = tmux;
  const stopped = {
    kind: 'stopped',
    message: 'it does not run',
    ...(nothingRuns && { nothingRuns }),
  } as const;
  const incarnation = async () => stopped;
  const there = openPaneAccess({ host: { ...host, incarnation }, installation, server });
  const found = await there.find([theirSocket]);
  expect(found.map((answer) => [answer.kind, answer.socket])).toEqual([
    [kind, undefined],
    [kind, theirSocket],
  ]);
});
