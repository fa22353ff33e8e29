import { spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { CreateOp, TmuxOp } from '../../../src/domain/tmux-ops.ts';
import type { OpenTmuxServer } from '../../../src/drivers/tmux/server.ts';
import { type RealTmux, startRealTmux } from '../../support/real-tmux.ts';
import { tmuxDialect, tmuxVersion } from '../../support/this-tmux.ts';
import { created, createOp, newLayoutId, seen } from '../../support/tmux-ops.ts';
import { until } from '../../support/until.ts';

let real: RealTmux;

beforeEach(() => {
  real = startRealTmux();
});
afterEach(() => real.stop());

test('a tmux that no channel can be opened to has our session besides', async () => {
  const old = real.open({ tmuxVersion: tmuxDialect.hasChannel ? '3.1c' : tmuxVersion });
  await create(old, 'a');
  seen(await old.look());
  expect(await real.tmux('list-sessions', '-F', '#{session_name}')).toBe('_agenttower\na');
});

describe.runIf(tmuxDialect.hasChannel)('on a server of our own', () => {
  test('nothing is to be seen but the panes that were made', async () => {
    await makeSessions('a', 'b');
    await until(async () => (await listed()) === 'a pane-a\nb pane-b');
    expect(await real.tmux('list-sessions', '-F', '#{session_name}')).toBe('a\nb');
    expect(await standsIn()).toBe('a');
  });

  test('a daemon that comes to panes adds nothing, not even for a moment', async () => {
    await makeSessions('a');
    await until(async () => (await listed()) === 'a pane-a');
    await real.server.close();
    const newest = await real.tmux('display-message', '-p', '-t', '=a:', '#{session_id}');
    const next = real.open();
    expect(seen(await next.look()).panes).toHaveLength(1);
    await create(next, 'b');
    expect(seen(await next.look()).sessions.map(({ id }) => Number(id.slice(1)))).toEqual([
      Number(newest.slice(1)),
      Number(newest.slice(1)) + 1,
    ]);
  });

  test('while no channel can be opened nothing more is to be seen, and the last kill is answered', async () => {
    const plain = real.open({
      tmuxArgv: (args, ...rest) =>
        args[0] === '-C' ? ['sh', '-c', 'exit 1'] : real.host.tmuxArgv(args, ...rest),
    });
    for (const name of ['a', 'b']) await create(plain, name);
    await until(async () => {
      seen(await plain.look());
      return (await listed()) === 'a pane-a\nb pane-b';
    });
    const { epoch, panes } = seen(await plain.look());
    const kills = panes.map(({ id, paneId }): TmuxOp => {
      return { kind: 'kill', guard: { epoch, pane: id, owner: paneId ?? never() } };
    });
    expect(await plain.run(kills)).toEqual([{ kind: 'done' }, { kind: 'done' }]);
    expect(seen(await plain.look())).toMatchObject({ epoch, panes: [] });
    await create(plain, 'a');
    await real.tmux('kill-session', '-t', '=a');
    expect(seen(await plain.look())).toMatchObject({ epoch, panes: [] });
  });

  test('somebody in our session keeps it, and loses nothing', async () => {
    await real.server.look();
    attachTerminal('_agenttower');
    await until(async () => (await real.tmux('list-clients')).split('\n').length === 2);
    await makeSessions('a');
    await until(async () => (await standsIn()) === 'a');
    expect(await listed()).toContain('_agenttower ');
    await real.tmux('detach-client', '-s', '=_agenttower');
    await until(async () => {
      seen(await real.server.look());
      return (await listed()) === 'a pane-a';
    });
  });

  test('the session the channel stands in, killed by hand, takes nothing else along', async () => {
    await makeSessions('a', 'b', 'c');
    await until(async () => (await standsIn()) === 'a');
    const before = seen(await real.server.look());
    for (const [name, left] of [
      ['a', 'b pane-b\nc pane-c'],
      ['b', 'c pane-c'],
    ] as const) {
      const wakes = real.wakes();
      await real.tmux('kill-session', '-t', `=${name}`);
      await until(() => real.wakes() > wakes);
      expect(seen(await real.server.look()).epoch).toBe(before.epoch);
      expect(await listed()).toBe(left);
    }
    const [, , c] = before.panes;
    expect(seen(await real.server.look()).panes).toEqual([c]);
  });

  test('with the last session killed by hand it lives on, and shows nobody an error', async () => {
    await makeSessions('a');
    await until(async () => (await listed()) === 'a pane-a');
    const { epoch, panes } = seen(await real.server.look());
    await real.tmux('set-option', '-g', 'mouse', 'off');
    await real.tmux('split-window', '-d', '-t', '=a:', 'sleep', '1000');
    await real.tmux('kill-pane', '-t', panes[0]!.id);
    await real.tmux('kill-session', '-t', '=a');
    const after = seen(await real.server.look());
    expect(after).toMatchObject({ epoch, panes: [] });
    expect(await real.tmux('show-options', '-gv', 'mouse')).toBe('off');
    await create(real.server, 'a');
    seen(await real.server.look());
    await until(async () => (await listed()) === 'a pane-a');
    expect(await real.tmux('list-panes', '-a', '-F', '#{pane_in_mode}')).toBe('0');
  });

  test('the panes it kills itself may be the last of the session the channel stands in', async () => {
    const [a = never(), b = never()] = await makeSessions('a', 'b');
    const second = await create(real.server, 'a', { layout: a.op.layout });
    await until(async () => (await standsIn()) === 'a');
    const client = await clientNames();
    const { epoch } = seen(await real.server.look());
    const kills = [a, second].map(({ id, op }): TmuxOp => {
      return { kind: 'kill', guard: { epoch, pane: id, owner: op.pane } };
    });
    const outcomes = await real.server.run([...kills, createOp(epoch, placeIn('c'))]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'done', 'done']);
    expect(seen(await real.server.look()).panes.map(({ id }) => id)).toContain(b.id);
    expect(await listed()).toBe('b pane-b\nc pane-c');
    expect(await clientNames()).toBe(client);
  });

  test('the last pane of all is killed over the channel that stands beside it', async () => {
    const [a = never()] = await makeSessions('a');
    await until(async () => (await listed()) === 'a pane-a');
    const client = await clientNames();
    const { epoch } = seen(await real.server.look());
    const guard = { epoch, pane: a.id, owner: a.op.pane };
    const outcomes = await real.server.run([{ kind: 'kill', guard }]);
    expect(outcomes).toEqual([{ kind: 'done' }]);
    expect(seen(await real.server.look())).toMatchObject({ epoch, panes: [] });
    expect(await standsIn()).toBe('_agenttower');
    expect(await clientNames()).toBe(client);
  });

  test('somebody may kill sessions as fast as they like: there is a channel for the next', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `s${i}`);
    await makeSessions(...names);
    for (let left = names.length; left > 1; left -= 1) {
      const name = await until(standsIn);
      await real.tmux('kill-session', '-t', `=${name}`);
      await until(async () => {
        seen(await real.server.look());
        return (await clientNames()) !== '';
      });
    }
    expect((await listed()).split('\n')).toHaveLength(1);
  });

  test('a person’s window keeps its name, and the way it gets one, when panes end beside it', async () => {
    await real.server.look();
    await real.tmux('new-session', '-d', '-s', 'mine', 'sleep', '1000');
    await real.tmux('new-session', '-d', '-s', 'named', '-n', '##{pid} $x', 'sleep', '1000');
    const format = '#{session_name}:#{?automatic-rename,,#{window_name}}';
    const windows = () => real.tmux('list-windows', '-a', '-F', format);
    await until(async () => {
      seen(await real.server.look());
      return (await windows()) === 'mine:\nnamed:#{pid} $x';
    });
    for (const session of ['mine', 'named', 'mine', 'named']) {
      await real.tmux('split-window', '-d', '-t', `=${session}:`, 'sleep', '1000');
      const before = real.wakes();
      await real.tmux('kill-pane', '-t', `=${session}:.1`);
      await until(() => real.wakes() > before);
    }
    expect(await windows()).toBe('mine:\nnamed:#{pid} $x');
  });

  test('the channel brings nothing of its surroundings into the session it stands in', async () => {
    await makeSessions('a');
    const before = await real.tmux('show-environment', '-t', '=a:');
    await until(async () => (await standsIn()) === 'a');
    await real.server.close();
    seen(await real.open({ env: { ...real.host.env, SSH_AUTH_SOCK: '/mine' } }).look());
    expect(await standsIn()).toBe('a');
    expect(await real.tmux('show-environment', '-t', '=a:')).toBe(before);
  });

  test('a terminal of any size gets the whole session to itself, as if nobody else were there', async () => {
    const made = (await makeSessions('a', 'b')).slice(0, 1).map(({ op }) => op);
    await until(async () => (await standsIn()) === 'a');
    attachTerminal('a', '103x31');
    attachTerminal('b', '57x19');
    const sizes = () => real.tmux('list-windows', '-a', '-F', '#{window_width}x#{window_height}');
    // One line is the status line’s.
    await until(async () => (await sizes()) === '103x30\n57x18');
    await real.tmux('kill-session', '-t', '=b');
    for (const { layout } of made) await create(real.server, 'a', { layout });
    attachTerminal('a', '91x29');
    await until(async () => (await sizes()) === '91x28');
  });

  test('a session that ends sends the people in it back to their shell', async () => {
    await makeSessions('a', 'b');
    await until(async () => (await standsIn()) === 'a');
    const terminal = attachTerminal('a');
    const ended = new Promise((resolve) => terminal.once('exit', resolve));
    await until(async () => (await real.tmux('list-clients')).split('\n').length === 2);
    await real.tmux('kill-session', '-t', '=a');
    await ended;
    seen(await real.server.look());
    expect(await standsIn()).toBe('b');
  });
});

test.runIf(tmuxDialect.hasChannel)(
  'on a person’s server the channel keeps to its own session',
  async () => {
    const server = real.open({ ownsServer: false });
    await create(server, 'a');
    seen(await server.look());
    await create(server, 'b');
    seen(await server.look());
    expect(await standsIn()).toBe('_agenttower');
    expect(await real.tmux('list-sessions', '-F', '#{session_name}')).toBe('_agenttower\na\nb');
  },
);

test('on a person’s server that lost our session the death of a pane shows nobody an error', async () => {
  const server = real.open({ ownsServer: false });
  const { id } = await create(server, 'a');
  await server.close();
  await until(async () => (await clientNames()) === '');
  await real.tmux('kill-session', '-t', '=_agenttower');
  await real.tmux('respawn-pane', '-k', '-t', id, 'true');
  await until(async () => (await real.tmux('list-panes', '-a', '-F', '#{pane_dead}')) === '1');
  await real.tmux('new-session', '-d', '-s', 'mine', 'sleep', '1000');
  const modes = () => real.tmux('list-panes', '-a', '-F', '#{session_name} #{pane_in_mode}');
  expect(await modes()).toBe('a 0\nmine 0');
});

/** Makes sessions with a pane each, and looks at them. */
async function makeSessions(...names: readonly string[]) {
  const made = [];
  for (const name of names) made.push(await create(real.server, name));
  seen(await real.server.look());
  return made;
}

/** Makes a pane in a session, which is there already when its layout is given. */
async function create(
  server: OpenTmuxServer,
  session: string,
  changes: Partial<Pick<CreateOp, 'layout'>> = {},
) {
  const { epoch } = seen(await server.look());
  const place =
    changes.layout === undefined ? {} : { place: { kind: 'session', session } as const };
  const op = createOp(epoch, { ...placeIn(session), ...place, ...changes });
  return { op, id: created((await server.run([op]))[0]).id };
}

function placeIn(session: string) {
  const place = { kind: 'new-session', session, width: 200, height: 50 } as const;
  return { place, title: `pane-${session}`, layout: newLayoutId() };
}

/** What a person sees. */
function listed(): Promise<string> {
  return real.tmux('list-panes', '-a', '-F', '#{session_name} #{pane_title}');
}

/** Session of the control client. */
async function standsIn(): Promise<string | undefined> {
  const clients = await real.tmux('list-clients', '-F', '#{client_session}:#{client_flags}');
  return /^(.*):.*control-mode/m.exec(clients)?.[1];
}

function clientNames(): Promise<string> {
  return real.tmux('list-clients', '-F', '#{client_name}');
}

/** A person's terminal, attached to a session. */
function attachTerminal(session: string, size = '80x24') {
  const [columns, rows] = size.split('x');
  const attach = real.host.attachArgv(session).map((word) => `'${word}'`);
  const command = `stty cols ${columns} rows ${rows}; exec ${attach.join(' ')}`;
  const env = { ...real.host.env, TERM: 'xterm' } as NodeJS.ProcessEnv;
  const terminal = spawn('script', ['-qec', command, '/dev/null'], {
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  onTestFinished(() => void terminal.kill('SIGKILL'));
  return terminal;
}

function never(): never {
  throw new Error('nothing was made');
}
