import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CliEngineOptions, openCliEngine } from '../../../src/drivers/engines/cli-engine.ts';
import type { Engine } from '../../../src/drivers/engines/engine.ts';
import { realClock } from '../../support/real-tmux.ts';
import { until } from '../../support/until.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

let directory: string;
let close: () => void = () => undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agenttower-engine-'));
});
afterEach(() => {
  close();
  rmSync(directory, { recursive: true, force: true });
});

/** An engine whose command line is this shell script; `$1` is its first argument, such as `ps`. */
function standIn(script: string, options: Partial<CliEngineOptions> = {}): Engine {
  const kind = options.kind ?? 'docker';
  const bin = join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, kind), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const env = { PATH: `${bin}:/usr/bin:/bin`, USER: 'ada', DIR: directory };
  const engine = openCliEngine({ name: 'test', kind, env, clock: realClock, ...options });
  close = () => engine.close();
  return engine;
}

/** What `ps` and `inspect` answer, as shell commands. */
function answers(ps: string, inspect: string): string {
  return `case "$1" in ps) ${ps} ;; inspect) ${inspect} ;; esac`;
}

const print = (text: string) => `printf '%s\\n' '${text}'`;

function inspected(id: string, changes: object = {}): object {
  return {
    Id: id,
    Name: `/${id.slice(0, 3)}`,
    Config: { Image: 'img', User: '1000:1000', Env: ['TOKEN=hunter2'], Labels: { team: 'x' } },
    State: { Status: 'running', StartedAt: '2026-01-01T00:00:00.5Z' },
    Mounts: [{ Type: 'bind', Source: '/src', Destination: '/dst', RW: true }],
    ...changes,
  };
}

const PS_BOTH = print(`${A} aaa Up 3 minutes\n${B} bbb Exited (0) 2 hours ago`);

describe('a listing', () => {
  test('is what ps and inspect say together, without any environment', async () => {
    const stopped = { State: { Status: 'exited', StartedAt: '0001-01-01T00:00:00Z' } };
    const array = JSON.stringify([inspected(A), inspected(B, { ...stopped, Mounts: null })]);
    const listed = await standIn(answers(PS_BOTH, print(array))).list(5_000);
    expect(listed).toMatchObject({ ok: true, value: { problems: new Map() } });
    expect(listed.ok && listed.value.containers).toEqual([
      {
        id: A,
        name: 'aaa',
        image: 'img',
        labels: { team: 'x' },
        mounts: [{ type: 'bind', source: '/src', target: '/dst', isWritable: true }],
        user: '1000:1000',
        workingDir: '',
        state: 'running',
        status: 'Up 3 minutes',
        startedAt: '2026-01-01T00:00:00.5Z',
      },
      expect.objectContaining({ id: B, state: 'exited', startedAt: '', mounts: [] }),
    ]);
    expect(JSON.stringify(listed)).not.toContain('hunter2');
  });

  test('of Podman is read the same, whose names have no slash', async () => {
    const podman = inspected(A, {
      Name: 'aaa',
      ImageName: 'localhost/img:latest',
      Config: { User: '', Labels: null },
      State: { Status: 'configured', StartedAt: '0001-01-01T00:00:00Z' },
    });
    const script = answers(print(`${A} aaa Created`), print(JSON.stringify([podman])));
    const listed = await standIn(script, { kind: 'podman' }).list(5_000);
    expect(listed.ok && listed.value.containers).toMatchObject([
      { name: 'aaa', image: 'localhost/img:latest', labels: {}, user: '', state: 'exited' },
    ]);
  });

  test('of an engine without containers is empty, and nothing is inspected', async () => {
    const listed = await standIn(answers('true', 'exit 1')).list(5_000);
    expect(listed).toEqual({ ok: true, value: { containers: [], problems: new Map() } });
  });

  test('keeps those that could be inspected, and names the others', async () => {
    const inspect = `${print(JSON.stringify([inspected(A)]))}; echo "Error: input/output error" >&2; exit 1`;
    const listed = await standIn(answers(PS_BOTH, inspect)).list(5_000);
    expect(listed.ok && listed.value.containers.map(({ id }) => id)).toEqual([A]);
    expect(listed.ok && [...listed.value.problems]).toEqual([
      [B, { code: 'docker_failed', message: expect.stringContaining('Error: input/output error') }],
    ]);
  });

  test('has no problem with one that was removed meanwhile', async () => {
    const inspect = `${print(JSON.stringify([inspected(A)]))}; echo "Error: No such container: ${B}" >&2; exit 1`;
    const listed = await standIn(answers(PS_BOTH, inspect)).list(5_000);
    expect(listed).toMatchObject({ ok: true, value: { problems: new Map() } });
    expect(listed.ok && listed.value.containers).toHaveLength(1);
  });

  test('takes nobody for gone whom it only leaves out: of that the engine must be sure', async () => {
    const there = standIn(answers('true', print(JSON.stringify([inspected(A)]))));
    const left = await there.list(5_000, { expected: [A] });
    expect(left).toMatchObject({ ok: true, value: { containers: [] } });
    expect(left.ok && left.value.problems.get(A)).toMatchObject({ code: 'docker_malformed' });

    const silent = await standIn('true').list(5_000, { expected: [A] });
    expect(silent).toMatchObject({ ok: false, error: { code: 'docker_malformed' } });

    const inspect = `echo '[]'; echo "Error: inspecting object: no such container ${A}" >&2; exit 125`;
    const gone = await standIn(answers('true', inspect)).list(5_000, { expected: [A] });
    expect(gone).toEqual({ ok: true, value: { containers: [], problems: new Map() } });
  });

  test('concludes nothing about a container in a state nobody knows', async () => {
    const odd = inspected(B, { State: { Status: 'levitating' } });
    const script = answers(PS_BOTH, print(JSON.stringify([inspected(A), odd])));
    const listed = await standIn(script).list(5_000);
    expect(listed.ok && listed.value.containers).toHaveLength(1);
    expect(listed.ok && listed.value.problems.get(B)).toMatchObject({ code: 'docker_malformed' });
  });
});

describe('an engine that does not answer as it should', () => {
  const refused = 'Got permission denied while trying to connect to the Docker daemon socket';
  test.each([
    [
      'refuses',
      `echo "${refused}" >&2; exit 1`,
      'docker_permission_denied',
      /sudo usermod -aG docker ada/,
    ],
    [
      'is down',
      'echo "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?" >&2; exit 1',
      'docker_unavailable',
      /systemctl start docker/,
    ],
    ['fails', 'echo "something else" >&2; exit 3', 'docker_failed', /failed \(3\).*something else/],
    ['fails silently', 'exit 3', 'docker_failed', /it said nothing/],
    ['is slow', 'sleep 1000', 'docker_timeout', /did not answer `docker ps -a` within 300 ms/],
    ['answers late', `sleep 1000; ${PS_BOTH}`, 'docker_timeout', /nothing is concluded/],
    ['answers half', `printf '%s' '${A} aa'`, 'docker_malformed', /cut off/],
    ['answers nonsense', 'echo Welcome', 'docker_malformed', /not a row of a container: "Welcome"/],
    ['cuts an id', print(`${A.slice(1)} aaa Up`), 'docker_malformed', /not a row/],
  ])('because it %s', async (_what, script, code, message) => {
    const listed = await standIn(script).list(300);
    expect(listed).toEqual({
      ok: false,
      error: { code, message: expect.stringMatching(message) },
    });
  });

  test.each([
    ['is slow', 'sleep 1000', 'docker_timeout'],
    ['answers half', `printf '%s' '[{"Id":"${A}"'`, 'docker_malformed'],
    [
      'answers half and fails',
      `printf '%s' '[{"Id":"${A}"'; echo EOF >&2; exit 1`,
      'docker_failed',
    ],
    ['answers something else', 'echo "{}"', 'docker_malformed'],
  ])('when asked for details, because it %s', async (_what, inspect, code) => {
    const listed = await standIn(answers(PS_BOTH, inspect)).list(1_000);
    expect(listed).toMatchObject({ ok: false, error: { code } });
  });

  test('because its command is not installed, or may not be run', async () => {
    const engine = standIn('true', { kind: 'podman', env: { PATH: '/nonexistent' } });
    expect(await engine.list(1_000)).toMatchObject({
      ok: false,
      error: {
        code: 'docker_unavailable',
        message: expect.stringMatching(/podman is not on .*PATH/),
      },
    });
  });

  test('over ssh is not told about local groups', async () => {
    const script = 'echo "ada@far: Permission denied (publickey)." >&2; exit 255';
    const listed = await standIn(script, { host: 'ssh://ada@far' }).list(1_000);
    expect(listed).toMatchObject({
      ok: false,
      error: { code: 'docker_permission_denied', message: expect.stringMatching(/with ssh$/) },
    });
  });

  test('says so without control characters', async () => {
    const listed = await standIn(`printf 'a\\033[31m\\nb' >&2; exit 1`).list(1_000);
    expect(!listed.ok && listed.error.message).toMatch(/: a \[31m b$/);
  });
});

describe('the events', () => {
  test('wake when they come, and are asked for again when they end', async () => {
    let changes = 0;
    const engine = standIn('echo container');
    engine.watch(() => {
      changes += 1;
    });
    await until(() => changes > 4);
  });

  test('are not listened to any longer once closed', async () => {
    let changes = 0;
    const engine = standIn('echo container; echo $$ > "$DIR/pid"; exec sleep 1000');
    const watch = engine.watch(() => {
      changes += 1;
    });
    await until(() => changes > 0);
    const pid = await until(() => Number(readFileSync(join(directory, 'pid'), 'utf8')));
    watch.close();
    const before = changes;
    await until(() => {
      try {
        return process.kill(pid, 0) && false;
      } catch {
        return true;
      }
    });
    expect(changes).toBe(before);
  });
});

describe('a command line', () => {
  const argv = ['tmux', '-V'];
  test.each([
    [{ kind: 'docker' }, ['docker']],
    [{ kind: 'docker', host: 'ssh://me@far' }, ['docker', '--host', 'ssh://me@far']],
    [{ kind: 'docker', context: 'far' }, ['docker', '--context', 'far']],
    [{ kind: 'podman', host: 'unix:///p' }, ['podman', '--url', 'unix:///p']],
    [{ kind: 'podman', context: 'far' }, ['podman', '--connection', 'far']],
  ] as const)('of %j names its endpoint', (endpoint, start) => {
    const engine = openCliEngine({ name: 'e', env: {}, clock: realClock, ...endpoint });
    expect(engine.execArgv('box', argv)).toEqual([...start, 'exec', '-i', 'box', ...argv]);
  });

  test('names the user and what is set for the program, and asks for a terminal for a person', () => {
    const engine = openCliEngine({ name: 'e', kind: 'docker', env: {}, clock: realClock });
    const options = { user: 'bench', env: { LANG: 'C.UTF-8' }, tty: true };
    expect(engine.execArgv('box', argv, options)).toEqual([
      'docker',
      'exec',
      '-it',
      '-u',
      'bench',
      '-e',
      'LANG=C.UTF-8',
      'box',
      'tmux',
      '-V',
    ]);
  });
});
