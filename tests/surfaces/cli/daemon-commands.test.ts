import { describe, expect, test } from 'vitest';
import { failure, run } from './fake-world.ts';
import { DAEMON_STATUS, source } from './views.ts';

const status = (): unknown => DAEMON_STATUS;

describe('ensure-daemon', () => {
  test('leaves a daemon that answers alone', async () => {
    const outcome = await run(['ensure-daemon'], { daemon: { status } });
    expect(outcome.out).toBe(
      'agenttowerd ready: pid=77 socket=/state/agenttowerd.sock state=/state/agenttower.sqlite3\n',
    );
    expect(outcome.starts).toBe(0);
  });

  test('starts one that is not there and waits until it answers', async () => {
    const outcome = await run(['ensure-daemon', '--json'], {
      daemon: { status },
      isRunning: false,
    });
    expect(JSON.parse(outcome.out)).toEqual({
      ok: true,
      started: true,
      pid: 77,
      socket_path: '/state/agenttowerd.sock',
      state_path: '/state/agenttower.sqlite3',
    });
    expect([outcome.starts, outcome.exitCode]).toEqual([1, 0]);
  });

  test('shows what the daemon logged when it ends at once', async () => {
    const started = {
      hasExited: () => true,
      logTail: () => Promise.resolve('config.toml:3:1: unknown key\u001b[2J\n'),
    };
    const outcome = await run(['ensure-daemon'], { isRunning: false, started });
    expect(outcome.exitCode).toBe(7);
    expect(outcome.err).toContain('config.toml:3:1: unknown key\n');
    expect(outcome.err).toContain('error: agenttowerd ended before it was ready');
    expect(outcome.sleptMs).toBeLessThanOrEqual(1_020);
  });

  test('waits for another daemon that was started at the same time and is not ready yet', async () => {
    let looks = 0;
    const started = {
      hasExited: () => true,
      logTail: () =>
        Promise.resolve('error: the daemon with pid 77 holds …\ncode: daemon_running\n'),
    };
    const daemon = {
      status,
      ping: () => {
        looks += 1;
        if (looks < 200) throw failure('daemon_unreachable', 'not yet');
      },
    };
    const outcome = await run(['ensure-daemon'], { daemon, started });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.out).toContain('agenttowerd ready: pid=77');
    expect(outcome.sleptMs).toBeGreaterThan(2_000);
  });

  test('gives a daemon that is slow to start five seconds', async () => {
    const started = { hasExited: () => false, logTail: () => Promise.resolve('') };
    const outcome = await run(['ensure-daemon'], { isRunning: false, started });
    expect([outcome.exitCode, outcome.sleptMs]).toEqual([7, 5_000]);
  });

  test('starts nothing when AGENTTOWER_SOCKET points elsewhere', async () => {
    const outcome = await run(['ensure-daemon'], {
      isRunning: false,
      paths: { socket: '/mnt/agenttowerd.sock', socketSource: 'env_override' },
    });
    expect([outcome.exitCode, outcome.starts]).toEqual([7, 0]);
    expect(outcome.err).toContain('unset AGENTTOWER_SOCKET');
  });
});

describe('stop-daemon', () => {
  test('ends when nobody answers any more and the process has gone, so that the next can start', async () => {
    let isUp = true;
    const commandLines = ['agenttowerd', 'agenttowerd', undefined];
    const asked: string[] = [];
    const outcome = await run(['stop-daemon'], {
      machine: {
        readText: (path) => {
          asked.push(path);
          return Promise.resolve(commandLines.shift());
        },
      },
      daemon: {
        status,
        shutdown: () => (isUp = false),
        ping: () => {
          if (!isUp) throw failure('daemon_unreachable', 'gone');
        },
      },
    });
    expect(outcome.out).toBe('agenttowerd stopped (pid=77); the panes go on without it\n');
    expect(outcome.exitCode).toBe(0);
    expect(asked).toEqual(Array(3).fill('/proc/77/cmdline'));
  });

  test('says so when the process does not end', async () => {
    let isUp = true;
    const outcome = await run(['stop-daemon'], {
      machine: { readText: () => Promise.resolve('agenttowerd') },
      daemon: {
        status,
        shutdown: () => (isUp = false),
        ping: () => {
          if (!isUp) throw failure('daemon_unreachable', 'gone');
        },
      },
    });
    expect(outcome.err).toContain('no longer answers, but has not ended yet');
    expect(outcome.err).toContain('kill -9 77');
    expect(outcome.exitCode).toBe(1);
  });

  test('stopped already is success', async () => {
    const outcome = await run(['stop-daemon', '--json'], { isRunning: false });
    expect(JSON.parse(outcome.out)).toEqual({ ok: true, stopped: false });
    expect(outcome.exitCode).toBe(0);
  });
});

describe('config', () => {
  test('paths are lines a shell may eval', async () => {
    const outcome = await run(['config', 'paths'], { paths: { logsDir: "/home/o'neil/my logs" } });
    expect(outcome.out).toBe(
      [
        'CONFIG_FILE=/config/config.toml',
        'STATE_DB=/state/agenttower.sqlite3',
        'EVENTS_FILE=/state/events.jsonl',
        "LOGS_DIR='/home/o'\\''neil/my logs'",
        'SOCKET=/state/agenttowerd.sock',
        'CACHE_DIR=/cache',
        'SOCKET_SOURCE=host_default',
        'RUN_DIR=/state/run',
        '',
      ].join('\n'),
    );
  });

  test('init says what it wrote', async () => {
    expect((await run(['config', 'init'])).out).toBe('wrote /config/config.toml\n');
  });
});

describe('doctor', () => {
  const daemon = {
    status,
    'container.list': () => ({
      items: [
        {
          id: 'local',
          name: 'local',
          engine: 'local',
          state: 'running',
          observed: true,
          message: '',
          layouts: 1,
        },
      ],
    }),
    'engine.list': () => ({
      items: [{ name: 'docker', state: 'ok', code: null, message: '', unused: false }],
    }),
    'source.list': () => ({ items: [source('cluster')] }),
  };

  test('finds nothing wrong with a good machine', async () => {
    const outcome = await run(['doctor'], { daemon });
    expect(outcome.out).toMatchInlineSnapshot(`
      "ok    node             v20.20.0
      ok    tmux             tmux 3.3a
      ok    git              git 3.3a
      ok    inotify          524288 watches per user
      ok    config           /config/config.toml
      ok    daemon           pid 77, version 1.2.3
      ok    engine docker    answers
      ok    container local  local, running
      ok    source cluster   ready
      "
    `);
    expect(outcome.exitCode).toBe(0);
  });

  test('tells of each engine what it says', async () => {
    const answered = { code: 'docker_unavailable', message: 'nobody listens', unused: false };
    const outcome = await run(['doctor'], {
      daemon: {
        ...daemon,
        'engine.list': () => ({
          items: [
            { ...answered, name: 'docker', state: 'failed' },
            { ...answered, name: 'podman', state: 'failed', unused: true },
          ],
        }),
      },
    });
    expect(outcome.out).toMatch(/fail {2}engine docker +nobody listens\n.*docker ps/);
    expect(outcome.out).toMatch(/ok {4}engine podman +not in use: nobody listens\n/);
    expect(outcome.exitCode).toBe(1);
  });

  test('says what is wrong and what to do, and ends with 1', async () => {
    const outcome = await run(['doctor'], {
      isRunning: false,
      machine: {
        nodeVersion: 'v18.1.0',
        firstLineOf: ([program]) => Promise.resolve(program === 'tmux' ? 'tmux 2.9a' : undefined),
        modeOf: (path) =>
          Promise.resolve(path.startsWith('/state') ? { mode: 0o755, isOurs: true } : undefined),
        readText: () => Promise.resolve('100\n'),
        checkConfig: () => Promise.reject(new Error('config.toml:1:1: unknown key')),
      },
    });
    expect(outcome.out).toMatchSnapshot();
    expect(outcome.exitCode).toBe(1);
  });

  test.each([
    ['tmux 3.2', 'ok'],
    ['tmux next-3.5', 'ok'],
    ['tmux 3.1c', 'warn'],
    ['tmux 2.6', 'warn'],
    ['tmux 2.5', 'fail'],
    [undefined, 'fail'],
  ])('%s is %s', async (line, result) => {
    const outcome = await run(['doctor', '--json'], {
      daemon,
      machine: { firstLineOf: () => Promise.resolve(line) },
    });
    expect(JSON.parse(outcome.out).checks).toContainEqual(
      expect.objectContaining({ name: 'tmux', result }),
    );
  });
});
