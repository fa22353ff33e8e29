import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { describeWithEngine, openContainers, type TestContainer } from '../support/docker.ts';
import { until } from '../support/until.ts';
import { startTower, type Tower } from './support/tower.ts';

const PACKAGE = dirname(inject('dist'));
const MODULES = new URL('../../node_modules', import.meta.url).pathname;

/** Says one thing on a socket and prints what comes back. */
const ASK = `
  const socket = require('net').connect(process.argv[1]);
  socket.on('connect', () => socket.write(process.argv[2] + '\\n'));
  socket.on('error', (error) => { console.log(JSON.stringify({ failed: error.code })); process.exit(0); });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
    if (text.includes('\\n')) { process.stdout.write(text); process.exit(0); }
  });`;

const SOCKET = '/run/agenttower/agenttowerd.sock';
const DENIED = { ok: false, error: { code: 'host_only', details: {} } };

interface Answer {
  readonly ok: boolean;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly details?: object };
  readonly failed?: string;
}

interface Listed {
  readonly items: readonly { readonly layout_id: string; readonly state: string }[];
}

describeWithEngine('docker', 'the same program inside a container', () => {
  const engine = openContainers('docker');
  let tower: Tower;
  let a: TestContainer;
  let b: TestContainer;
  let stranger: TestContainer;

  beforeAll(async () => {
    const config = `[containers]\nname_contains = ["${engine.prefix}bench"]\n`;
    tower = await startTower({ config });
    const mounts = [
      `${tower.paths.runDir}:/run/agenttower:ro`,
      `${PACKAGE}:/opt/agenttower:ro`,
      `${MODULES}:${MODULES}:ro`,
    ];
    const start = (name: string, args: readonly string[] = []) =>
      engine.start({ name, withNode: true, mounts, args });
    [a, b, stranger] = await Promise.all([
      // Allowed to make namespaces of its own, as a container that runs containers is.
      start('bench-a', ['--cap-add=SYS_ADMIN', '--security-opt=seccomp=unconfined']),
      start('bench-b'),
      start('other'),
    ]);
    await until(
      async () => {
        const { result } = await ask(a, 'status');
        const { result: beside } = await ask(b, 'status');
        return [result, beside].every((seen) => callerOf(seen) !== null);
      },
      { timeoutMs: 30_000, label: 'the daemon knows both containers' },
    );
  }, 120_000);
  afterAll(async () => {
    await tower?.stop();
    await engine.close();
  }, 60_000);

  test('is taken for the container it is in, and makes, lists and removes layouts there', async () => {
    const [inA, inB] = [await created(a, 'from-a'), await created(b, 'from-b')];
    expect([await listed(a), await listed(b)]).toEqual([[inA], [inB]]);
    // Two processes in A see the same.
    expect(await ask(a, 'managed.layout.list')).toEqual(await ask(a, 'managed.layout.list'));
    const { items } = await tower.call<Listed>('managed.layout.list');
    expect(items.map(({ layout_id }) => layout_id).toSorted()).toEqual([inA, inB].toSorted());
    await until(
      async () =>
        (await a.exec('tmux', 'list-sessions', '-F', '#{session_name}'))
          .split('\n')
          .includes('from-a'),
      { timeoutMs: 20_000, label: 'the session is in A' },
    );

    // What happens is told to either alone.
    const [told] = await Promise.all([cli(a, 'get', 'events'), settled(b, inB)]);
    expect(told).toContain('from-a');
    expect(told).not.toMatch(/from-b|bench-b/);
    const described = await cli(a, 'describe', 'agent/from-a/m1', '-o', 'json');
    expect(JSON.parse(described)).toMatchObject({ container_name: a.name, label: 'm1' });
    await expect(cli(a, 'describe', 'agent/from-b/m1')).rejects.toThrow(/no layout from-b/);

    expect(await ask(a, 'managed.layout.detail', { layout_id: inB })).toMatchObject(DENIED);
    expect(await ask(a, 'managed.layout.remove', { layout_id: inB })).toMatchObject(DENIED);
    await settled(a, inA);
    await cli(a, 'managed', 'layout', 'remove', inA);
    await until(async () => (await listed(a)).length === 0, { label: 'A has no layout any more' });
    expect(await listed(b)).toEqual([inB]);
  }, 90_000);

  test('gets nothing of another container, by whatever name it calls it', async () => {
    for (const container_id of [
      b.name,
      b.id,
      b.id.slice(0, 12),
      stranger.name,
      'local',
      'nobody',
    ]) {
      const params = { container_id, template_name: '1m+2s', tmux_session_name: 'x' };
      for (const method of ['managed.layout.create', 'managed.layout.list', 'managed.pane.list']) {
        expect([method, container_id, await ask(a, method, params)]).toMatchObject([
          method,
          container_id,
          DENIED,
        ]);
      }
    }
    const { result } = await ask(a, 'container.list');
    expect(JSON.stringify(result)).not.toContain(b.name);
  }, 60_000);

  test('is refused what is the host’s', async () => {
    for (const method of [
      'app.hello',
      'app.managed_layout_list',
      'shutdown',
      'events.follow_open',
      'queue.list',
      'manifest.apply',
    ]) {
      expect([method, await ask(a, method)]).toMatchObject([method, DENIED]);
    }
  });

  describe('is not believed', () => {
    test('for a hostname', async () => {
      await a.exec('sh', '-c', `hostname ${b.id.slice(0, 12)} && hostname`);
      const forged = ['env', `HOSTNAME=${b.id.slice(0, 12)}`, `AGENTTOWER_CONTAINER_ID=${b.id}`];
      expect(await askBy(a, forged, ofContainer(b))).toMatchObject(DENIED);
      expect(callerOf((await askBy(a, forged, ['status'])).result)).toContain('bench-a');
    });

    test('for another way to the socket', async () => {
      await a.exec('sh', '-c', `mkdir -p /tmp/own && ln -sf ${SOCKET} /tmp/own/link.sock`);
      await a.exec(
        'sh',
        '-c',
        `touch /tmp/own/bound.sock && mount --bind ${SOCKET} /tmp/own/bound.sock`,
      );
      for (const path of ['/tmp/own/link.sock', '/tmp/own/bound.sock']) {
        expect([path, await askBy(a, [], [...ofContainer(b), path])]).toMatchObject([path, DENIED]);
        const { result } = await askBy(a, [], ['status', {}, path]);
        expect(callerOf(result)).toContain('bench-a');
      }
    });

    test('from a namespace inside the container, which is not even the container', async () => {
      const nested = ['unshare', '--pid', '--mount', '--fork'];
      expect(callerOf((await askBy(a, nested, ['status'])).result)).toBeNull();
      expect(await askBy(a, nested, ofContainer(b))).toMatchObject(DENIED);
      expect(await askBy(a, nested, ['managed.layout.list', { container_id: a.id }])).toMatchObject(
        DENIED,
      );
    });

    test('in a container that the daemon was not told of', async () => {
      expect(callerOf((await ask(stranger, 'status')).result)).toBeNull();
      expect(await ask(stranger, 'managed.layout.list', { container_id: b.id })).toMatchObject(
        DENIED,
      );
      expect((await ask(stranger, 'managed.layout.list')).result).toMatchObject({ items: [] });
    });

    test('as another user', async () => {
      const uid = 1_000;
      const request = JSON.stringify({ method: 'ping' });
      const said = await engine.cli(
        'exec',
        '-u',
        String(uid),
        a.id,
        'node',
        '-e',
        ASK,
        SOCKET,
        request,
      );
      expect(JSON.parse(said)).toEqual({ failed: 'EACCES' });
    });
  });

  test('finds the mounted socket by itself, and config doctor says so', async () => {
    const { summary, checks } = JSON.parse(await cli(a, 'config', 'doctor', '--json')) as {
      summary: { exit_code: number };
      checks: Record<string, { status: string; detail: string }>;
    };
    expect([summary.exit_code, Object.keys(checks).length]).toEqual([0, 6]);
    expect(checks['socket_resolved']?.detail).toBe(`${SOCKET} (mounted_default)`);
    expect(checks['container_identity']).toMatchObject({ status: 'pass' });
    expect(checks['container_identity']?.detail).toContain('bench-a');
    const host = await tower.cli(['config', 'doctor']);
    expect([host.code, host.stdout]).toEqual([0, expect.stringContaining('host_context')]);
    await expect(cli(stranger, 'config', 'doctor')).rejects.toThrow('docker exec');
  }, 30_000);

  test('in an own pane, knows which pane it is', async () => {
    const id = await created(a, 'doctored');
    await settled(a, id);
    const target = 'doctored:0.0';
    const command =
      'node /opt/agenttower/dist/agenttower.js config doctor > /tmp/said; touch /tmp/done';
    await a.exec('tmux', 'send-keys', '-t', target, command, 'Enter');
    await until(async () => a.exec('sh', '-c', 'ls /tmp/done 2>/dev/null || true'), {
      timeoutMs: 20_000,
      label: 'the doctor has looked',
    });
    expect(await a.exec('cat', '/tmp/said')).toMatch(/^tmux_pane_match\tpass\tpane_match: /m);
  }, 60_000);

  test('reaches a daemon that was started anew, because the directory is mounted and not the socket', async () => {
    await tower.restartDaemon('SIGKILL');
    await until(async () => callerOf((await ask(a, 'status')).result), {
      timeoutMs: 20_000,
      label: 'A is known again',
    });
    expect(readFileSync(tower.paths.daemonLog, 'utf8')).not.toContain('error_fatal');
    const files = await a.exec('ls', '-A', '/run/agenttower');
    expect(files).toBe('agenttowerd.sock');
  }, 40_000);
});

function callerOf(result: Answer['result']): string | null {
  return (
    (result?.['caller'] as { readonly container: string | null } | undefined)?.container ?? null
  );
}

async function askBy(
  container: TestContainer,
  how: readonly string[],
  [method, params = {}, socket = SOCKET]: readonly [string, object?, string?],
): Promise<Answer> {
  const request = JSON.stringify({ method, params });
  return JSON.parse(await container.exec(...how, 'node', '-e', ASK, socket, request)) as Answer;
}

function ofContainer({ id }: TestContainer): readonly [string, object] {
  return ['managed.layout.list', { container_id: id }];
}

/** The command line, inside. */
function cli(container: TestContainer, ...args: readonly string[]): Promise<string> {
  return container.exec('node', '/opt/agenttower/dist/agenttower.js', ...args);
}

function ask(container: TestContainer, method: string, params: object = {}): Promise<Answer> {
  return askBy(container, [], [method, params]);
}

const CREATE = ['managed', 'layout', 'create', '--template', '1m+2s', '--json'];

async function created(container: TestContainer, session: string): Promise<string> {
  const printed = await cli(container, ...CREATE, '--session', session);
  return (JSON.parse(printed) as { readonly layout_id: string }).layout_id;
}

/** Without a mount for logs, panes run and are `degraded`. */
function settled(container: TestContainer, layout_id: string): Promise<unknown> {
  return until(
    async () => {
      const { result } = await ask(container, 'managed.layout.detail', { layout_id });
      return result?.['state'] !== 'creating';
    },
    { timeoutMs: 30_000, label: 'the panes are settled' },
  );
}

async function listed(container: TestContainer): Promise<readonly string[]> {
  const page = JSON.parse(await cli(container, 'managed', 'layout', 'list', '--json')) as Listed;
  return page.items.filter(({ state }) => state !== 'removed').map(({ layout_id }) => layout_id);
}
