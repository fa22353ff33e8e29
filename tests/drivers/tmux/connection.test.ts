import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ObservedPane } from '../../../src/domain/observed.ts';
import type { OpenTmuxServer } from '../../../src/drivers/tmux/server.ts';
import { type RealTmux, startRealTmux } from '../../support/real-tmux.ts';
import { tmuxDialect } from '../../support/this-tmux.ts';
import { created, createOp, seen } from '../../support/tmux-ops.ts';
import { until } from '../../support/until.ts';

const { hasChannel } = tmuxDialect;
let real: RealTmux;

beforeEach(() => {
  real = startRealTmux();
});
afterEach(() => real.stop());

describe('the server', () => {
  test('is started by the first look, and hides the session that keeps it', async () => {
    expect(seen(await real.server.look())).toMatchObject({ sessions: [], panes: [] });
    expect(await real.tmux('list-sessions', '-F', '#{session_name}')).toBe('_agenttower');
  });

  test('reads no configuration file and has our defaults, which a person may change', async () => {
    await real.server.look();
    expect(await real.tmux('show-options', '-gv', 'history-limit')).toBe('50000');
    expect(await real.tmux('show-options', '-gv', 'mouse')).toBe('on');
    expect(await real.tmux('show-options', '-sv', 'escape-time')).toBe('10');
    await real.tmux('set-option', '-g', 'mouse', 'off');
    await real.open().look();
    expect(await real.tmux('show-options', '-gv', 'mouse')).toBe('off');
  });

  test('killed, it is another one at the next look, and its end is a wake', async () => {
    const { epoch } = seen(await real.server.look());
    const wakes = real.wakes();
    await real.tmux('kill-server');
    if (hasChannel) await until(() => real.wakes() > wakes);
    const after = seen(await real.server.look());
    expect(after.epoch).not.toBe(epoch);
    expect(after.panes).toEqual([]);
  });

  test('killed again and again it is never mistaken for one that cannot be seen', async () => {
    for (let i = 0; i < 5; i += 1) {
      seen(await real.server.look());
      await real.tmux('kill-server');
    }
    seen(await real.server.look());
  });

  test('stopped, it is unknown within the deadline, and the same one when it goes on', async () => {
    const { epoch } = seen(await real.server.look());
    const pid = await real.serverPid();
    process.kill(pid, 'SIGSTOP');
    try {
      const [first, second] = await Promise.all([real.server.look(), real.server.look()]);
      expect(first).toMatchObject({ kind: 'unknown', reason: 'TmuxTimeout' });
      expect(second).toMatchObject({ kind: 'unknown', reason: 'TmuxTimeout' });
      const [outcome] = await real.server.run([createOp(epoch)]);
      expect(outcome).toMatchObject({ kind: 'unknown' });
      expect(await real.server.look()).toMatchObject({ kind: 'unknown', reason: 'TmuxTimeout' });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expect(seen(await real.server.look()).epoch).toBe(epoch);
  });

  test('hanging makes its container doubtful once, and again when it answers', async () => {
    let doubts = 0;
    const server = real.open({ suspect: () => void (doubts += 1) });
    await server.look();
    const pid = await real.serverPid();
    process.kill(pid, 'SIGSTOP');
    try {
      await server.look();
      const before = doubts;
      expect(before).toBeGreaterThan(0);
      await server.look();
      expect(doubts).toBe(before);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const hung = doubts;
    seen(await server.look());
    expect(doubts).toBe(hung + 1);
    seen(await server.look());
    expect(doubts).toBe(hung + 1);
  });

  test('survives clients that vanish with ops under way, and those that come after them', async () => {
    const { epoch } = seen(await real.server.look());
    for (let i = 0; i < 20; i += 1) {
      const gone = real.open();
      seen(await gone.look());
      const ops = Array.from({ length: 6 }, (_, j) => {
        const place = { kind: 'new-session', session: `${i}-${j}`, width: 80, height: 24 } as const;
        return createOp(epoch, { place });
      });
      const underWay = gone.run(ops);
      await gone.close();
      const next = real.open();
      expect(seen(await next.look()).epoch).toBe(epoch);
      expect((await underWay).map((outcome) => outcome.kind)).toEqual(ops.map(() => 'unknown'));
    }
  });

  test('with its socket file deleted goes on serving us, and new clients after it', async () => {
    const { epoch } = seen(await real.server.look());
    rmSync(real.host.socketPath);
    expect(seen(await real.server.look()).epoch).toBe(epoch);
    // Over a channel the look itself needs no file: it is asked for, and not waited for.
    await until(() => existsSync(real.host.socketPath));

    await real.server.close();
    expect(seen(await real.open().look()).epoch).toBe(epoch);
    expect(existsSync(real.host.socketPath)).toBe(true);
  });
});

test('a person who has tmux end what nobody looks at ends neither our session nor the layouts’', async () => {
  const server = real.open({ ownsServer: false });
  const place = { kind: 'new-session', session: 'mine', width: 80, height: 24 } as const;
  await server.run([createOp(seen(await server.look()).epoch, { place })]);
  await real.tmux('set-option', '-g', 'destroy-unattached', 'on');
  const { epoch } = seen(await server.look());
  expect((await server.run([createOp(epoch)])).map((outcome) => outcome.kind)).toEqual(['done']);
  await server.close();
  await until(() => clientPids().length === 0);
  const again = seen(await real.open({ ownsServer: false }).look());
  expect(again.epoch).toBe(epoch);
  expect(again.sessions.map((session) => session.name).sort()).toEqual(['mine', 'work']);
});

describe('the way there', () => {
  test('answers many at once, each with its own answer', async () => {
    const { epoch } = seen(await real.server.look());
    const ops = Array.from({ length: 10 }, (_, i) =>
      createOp(epoch, { place: { kind: 'new-session', session: `s${i}`, width: 80, height: 24 } }),
    );
    const [outcomes, looks] = await Promise.all([
      Promise.all(ops.map((op) => real.server.run([op]))),
      Promise.all(ops.map(() => real.server.look())),
    ]);
    expect(looks.map((look) => look.kind)).toEqual(ops.map(() => 'seen'));
    const { panes } = seen(await real.server.look());
    for (const [i, op] of ops.entries()) {
      const pane = panes.find((one) => one.paneId === op.pane);
      expect(pane).toMatchObject({ id: created(outcomes[i]?.[0]).id, sessionName: `s${i}` });
    }
  });

  test('to a tmux before 3.2 is no channel, and its processes get their environment all the same', async () => {
    const old = real.open(hasChannel ? { tmuxVersion: '3.1c' } : {});
    const { epoch } = seen(await old.look());
    const layout = createOp(epoch).layout;
    const env = { GREETING: "it's $HOME; #{pane_id} %H" };
    const argv = ['sh', '-c', 'echo "[$GREETING]"; exec cat'];
    const place = { kind: 'session', session: 'work' } as const;
    const outcomes = await old.run([
      createOp(epoch, { layout, process: { argv, env } }),
      createOp(epoch, { layout, place, process: { argv, env } }),
    ]);
    for (const outcome of outcomes) {
      const { id } = created(outcome);
      const screen = () => real.tmux('capture-pane', '-p', '-t', id);
      await until(async () => (await screen()).includes("[it's $HOME; #{pane_id} %H]"));
    }
    expect(clientPids()).toEqual([]);
  });

  test('is refused to a tmux whose panes cannot be given a title', async () => {
    const old = real.open({ tmuxVersion: '2.5' });
    expect(await old.look()).toMatchObject({
      kind: 'unknown',
      reason: 'TmuxTooOld',
      message: expect.stringMatching(/has tmux 2\.5; 2\.6 or newer is needed.*install tmux/),
    });
  });

  test('tells how to install tmux when there is none', async () => {
    const without = real.open({ tmuxArgv: () => ['no-such-tmux'] });
    expect(await without.look()).toMatchObject({
      kind: 'unknown',
      reason: 'TmuxMissing',
      message: expect.stringContaining('apt-get install tmux'),
    });
    const wrapped = real.open({ tmuxArgv: () => ['sh', '-c', 'exec no-such-tmux'] });
    expect(await wrapped.look()).toMatchObject({ reason: 'TmuxMissing' });
  });

  test('in a container that is stopped, or restarts under the look, concludes nothing', async () => {
    const stopped = real.open({
      incarnation: async () => ({ kind: 'stopped', message: 'exited 2 minutes ago' }),
    });
    expect(await stopped.look()).toEqual({
      kind: 'stopped',
      container: 'local',
      message: 'exited 2 minutes ago',
    });
    let life = 0;
    const restarting = real.open({
      incarnation: async () => {
        life += 1;
        return { kind: 'running', id: `life ${life}` };
      },
    });
    expect(await restarting.look()).toMatchObject({ kind: 'unknown' });
  });

  test('looks into the container that has the name now, while the one that had it goes on', async () => {
    const other = startRealTmux();
    try {
      let now = real;
      const server = real.open({
        incarnation: async () => {
          // It also finds out which tmux there is.
          const life = await now.host.incarnation();
          return { ...life, id: now === real ? 'the first' : 'the second' };
        },
        tmuxArgv: (...how) => now.host.tmuxArgv(...how),
        get env() {
          return now.host.env;
        },
      });
      const before = seen(await server.look());
      await server.run([createOp(before.epoch)]);
      now = other;
      const after = seen(await server.look());
      expect(after.epoch).not.toBe(before.epoch);
      expect(after.panes).toEqual([]);
      expect(await server.run([createOp(after.epoch)])).toMatchObject([{ kind: 'done' }]);
      expect(seen(await other.server.look()).panes).toHaveLength(1);
      expect(seen(await real.server.look()).panes).toHaveLength(1);
      now = real;
      expect(seen(await server.look())).toMatchObject({ epoch: before.epoch, panes: [{}] });
    } finally {
      await other.stop();
    }
  });

  test.each([
    ['ends with an error', 'echo "permission denied" >&2; exit 1', 'TmuxFailed'],
    ['says nothing', 'sleep 1000', 'TmuxTimeout'],
  ])('to a program that %s is unknown, never empty', async (_what, script, reason) => {
    const broken = real.open({ tmuxArgv: () => ['sh', '-c', script] });
    expect(await broken.look()).toMatchObject({ kind: 'unknown', reason });
  });
});

describe.runIf(hasChannel)('the channel', () => {
  test('survives the death of its client: the next look opens another', async () => {
    const { epoch } = seen(await real.server.look());
    const wakes = real.wakes();
    process.kill(clientPids()[0]!);
    await until(() => real.wakes() > wakes);
    expect(seen(await real.server.look()).epoch).toBe(epoch);
    expect(seen(await real.server.look()).epoch).toBe(epoch);
  });

  test('hung, it is given up: what it was asked is unknown, and the next look opens another', async () => {
    const behindPipe = real.open({
      tmuxArgv: (args) => ['sh', '-c', '"$0" "$@" | cat', ...real.host.tmuxArgv(args)],
    });
    const { epoch } = seen(await behindPipe.look());
    const [pipe] = ownProcesses((words) => words === 'cat\0');
    process.kill(pipe!, 'SIGSTOP');
    const asked = await Promise.all([behindPipe.look(), behindPipe.run([createOp(epoch)])]);
    expect(asked[0]).toMatchObject({ kind: 'unknown', reason: 'TmuxTimeout' });
    expect(asked[1]).toMatchObject([{ kind: 'unknown' }]);
    expect(seen(await behindPipe.look()).epoch).toBe(epoch);
    await until(() => !ownProcesses((words) => words === 'cat\0').includes(pipe!));
  });

  test('shares the server with that of another daemon', async () => {
    const other = real.open();
    const { epoch } = seen(await real.server.look());
    expect(seen(await other.look()).epoch).toBe(epoch);
    const op = createOp(epoch);
    const outcomes = await Promise.all([real.server.run([op]), other.run([op])]);
    expect(
      outcomes
        .flat()
        .map((outcome) => outcome.kind)
        .sort(),
    ).toEqual(['done', 'refused']);
    expect(clientPids()).toHaveLength(2);
  });

  test('of a tmux without client flags is one plain client per batch', async () => {
    const old = real.open({
      tmuxArgv: (args) =>
        args[0] === '-C'
          ? ['sh', '-c', 'echo "attach-session: unknown flag -f" >&2; exit 1']
          : real.host.tmuxArgv(args),
    });
    const { epoch } = seen(await old.look());
    const outcomes = await Promise.all([
      old.run([createOp(epoch)]),
      old.run([
        createOp(epoch, { place: { kind: 'new-session', session: 'b', width: 80, height: 24 } }),
      ]),
    ]);
    expect(outcomes.flat().map((outcome) => outcome.kind)).toEqual(['done', 'done']);
    expect(seen(await old.look()).panes).toHaveLength(2);
    await until(() => clientPids().length === 0);
  });

  test('that turns out to be something else is left for plain clients', async () => {
    const banner = real.open({
      tmuxArgv: (args) =>
        args[0] === '-C'
          ? ['sh', '-c', 'echo "Welcome to this machine"; sleep 1000']
          : real.host.tmuxArgv(args),
    });
    const { epoch } = seen(await banner.look());
    const outcomes = await banner.run([createOp(epoch), createOp(epoch)]);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['done', 'error']);
    expect(outcomes[1]).toEqual({ kind: 'error', message: 'duplicate session: work' });
  });
});

describe.runIf(hasChannel)('a wake', () => {
  beforeEach(() => hears(real.server, 1));

  test.each<[string, (pane: ObservedPane) => Promise<unknown> | boolean]>([
    ['its program ends', (pane) => process.kill(pane.pid)],
    ['somebody kills it', (pane) => real.tmux('kill-pane', '-t', pane.id)],
    ['somebody kills its session', (pane) => real.tmux('kill-session', '-t', pane.sessionId)],
    ['somebody splits it', (pane) => real.tmux('split-window', '-t', pane.id)],
  ])('comes when %s, in a session nobody is attached to', async (_what, act) => {
    const { epoch } = seen(await real.server.look());
    const layout = createOp(epoch).layout;
    const place = { kind: 'session', session: 'work' } as const;
    await real.server.run([createOp(epoch, { layout }), createOp(epoch, { layout, place })]);
    const [, pane] = seen(await real.server.look()).panes;
    await runs(pane!.pid, 'sleep');
    const before = real.wakes();
    await act(pane!);
    await wakes(before);
  });

  test.each([
    ['ours', true],
    ['a person’s', false],
  ])('comes each time a program ends on a server that is %s', async (_whose, ownsServer) => {
    const server = real.open({ ownsServer });
    await hears(server, 2);
    const { epoch } = seen(await server.look());
    const layout = createOp(epoch).layout;
    const place = { kind: 'session', session: 'work' } as const;
    await server.run([createOp(epoch, { layout }), createOp(epoch, { layout, place })]);
    for (const { pid } of seen(await server.look()).panes) {
      await runs(pid, 'sleep');
      const before = real.wakes();
      process.kill(pid);
      await wakes(before);
      seen(await server.look());
    }
  });

  test('comes when a person’s shell ends, too', async () => {
    await real.server.look();
    await real.tmux('new-session', '-d', '-s', 'mine', 'sleep', '1000');
    await real.tmux('split-window', '-d', '-t', '=mine:', 'sleep', '1000');
    const [, pane] = seen(await real.server.look()).panes;
    await runs(pane!.pid, 'sleep');
    const before = real.wakes();
    process.kill(pane!.pid);
    await wakes(before);
  });
});

test.runIf(hasChannel)(
  'a wake comes when somebody kills a pane of ours on a person’s server',
  async () => {
    const server = real.open({ ownsServer: false });
    await hears(server, 1);
    const { epoch } = seen(await server.look());
    const layout = createOp(epoch).layout;
    const place = { kind: 'session', session: 'work' } as const;
    await server.run([createOp(epoch, { layout }), createOp(epoch, { layout, place })]);
    const [, pane] = seen(await server.look()).panes;
    const before = real.wakes();
    await real.tmux('kill-pane', '-t', pane!.id);
    await wakes(before);
    expect(await real.tmux('show-hooks', '-g')).not.toContain('agenttower');
  },
);

/** Under heavy load a driver may do without a channel for some seconds, and then hears nothing. */
async function hears(server: OpenTmuxServer, channels: number): Promise<void> {
  await until(
    async () => {
      seen(await server.look());
      return clientPids().length === channels;
    },
    { timeoutMs: 20_000 },
  );
}

/**
 * A wake comes. When a pane closes, tmux 3.3a has a helper note that down and hears of no other child meanwhile; the
 * end of the next one lets it collect both.
 */
async function wakes(before: number): Promise<void> {
  await until(async () => {
    await real.tmux('run-shell', '-b', 'true');
    return real.wakes() > before;
  });
}

/** Before it runs its own program a process is a copy of the server, which takes a signal and lives on. */
async function runs(pid: number, program: string): Promise<void> {
  await until(() => readFileSync(`/proc/${pid}/comm`, 'utf8') === `${program}\n`);
}

/** Control-mode clients of this test's server. */
function clientPids(): readonly number[] {
  return ownProcesses((words, name) => words.includes('\0-C\0') && name.startsWith('tmux: client'));
}

/** Processes of this test, by the words of their command line (each ends with NUL) and their short name. */
function ownProcesses(matches: (words: string, name: string) => boolean): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/environ`, 'utf8').includes(
            `TMUX_TMPDIR=${real.directory}\0`,
          ) &&
          matches(
            readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
            readFileSync(`/proc/${pid}/comm`, 'utf8'),
          )
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}
