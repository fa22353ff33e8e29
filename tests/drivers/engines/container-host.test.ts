import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type EngineContainer, incarnationOf } from '../../../src/domain/containers.ts';
import type { ContainerId } from '../../../src/domain/ids.ts';
import { type CliEngine, openCliEngine } from '../../../src/drivers/engines/cli-engine.ts';
import {
  type ContainerHost,
  openContainerHost,
} from '../../../src/drivers/engines/container-host.ts';
import type { Incarnation } from '../../../src/drivers/tmux/host.ts';
import { type OpenTmuxServer, openTmuxServer } from '../../../src/drivers/tmux/server.ts';
import {
  type ContainerOptions,
  describeWithEngine,
  type EngineCli,
  openContainers,
  type TestContainer,
  type TestContainers,
} from '../../support/docker.ts';
import { realClock, TEST_INSTALLATION } from '../../support/real-tmux.ts';
import { created, createOp, seen } from '../../support/tmux-ops.ts';
import { until } from '../../support/until.ts';

let containers: TestContainers;
let engine: CliEngine;
let opened: OpenTmuxServer[] = [];

const openEngine = (cli: EngineCli, env: NodeJS.ProcessEnv) =>
  openCliEngine({ name: cli, kind: cli, env, clock: realClock });

afterEach(async () => {
  for (const server of opened) await server.close();
  opened = [];
});
interface Bench {
  readonly container: TestContainer;
  readonly host: ContainerHost;
  readonly server: OpenTmuxServer;
  /** How often the driver told that something changed. */
  readonly changes: () => number;
  /** Command lines of the processes inside that match. */
  readonly processes: (pattern: RegExp) => Promise<readonly string[]>;
}

async function startBench(options: ContainerOptions): Promise<Bench> {
  const container = await containers.start(options);
  let changes = 0;
  let record = await describeNow(container);
  const host = openContainerHost({
    key: container.name as ContainerId,
    engine,
    clock: realClock,
    record: () => record,
    life: async (): Promise<Incarnation> => {
      record = await describeNow(container);
      return record.state === 'running'
        ? { kind: 'running', id: incarnationOf(record) }
        : { kind: 'stopped', message: record.status };
    },
  });
  const server = openOn(host, () => {
    changes += 1;
  });
  return {
    container,
    host,
    server,
    changes: () => changes,
    processes: async (pattern) =>
      (await container.exec('ps', '-eo', 'args=')).split('\n').filter((line) => pattern.test(line)),
  };
}

function openOn(host: ContainerHost, onChange: () => void = () => {}): OpenTmuxServer {
  const server = openTmuxServer({
    host,
    installation: TEST_INSTALLATION,
    clock: realClock,
    onChange,
  });
  opened.push(server);
  return server;
}

async function describeNow({ id }: TestContainer): Promise<EngineContainer> {
  const listed = await engine.list(30_000);
  if (!listed.ok) throw new Error(listed.error.message);
  const found = listed.value.containers.find((one) => one.id === id);
  if (found === undefined) throw new Error(`${id} is not listed`);
  return found;
}

const inSession = (session: string) =>
  ({ kind: 'new-session', session, width: 80, height: 24 }) as const;

describeWithEngine('docker', 'tmux in a container of Docker', () => behaves('docker'));
describeWithEngine('podman', 'tmux in a container of Podman', () => behaves('podman'));

function behaves(cli: EngineCli): void {
  beforeAll(() => {
    containers = openContainers(cli);
    engine = openEngine(cli, process.env);
  });
  afterAll(async () => {
    engine.close();
    await containers.close();
  }, 60_000);

  test('is its own user’s default server, where a person finds the panes', async () => {
    const { host, server, container } = await startBench({ name: 'own', user: 'bench' });
    const { epoch, container: key, panes } = seen(await server.look());
    expect({ key, panes }).toEqual({ key: container.name, panes: [] });
    expect(host.homeDir).toBe('/home/bench');
    const process = { argv: ['sh', '-c', 'echo "$(id -un) $LC_ALL $PWD"; cat'], env: {} };
    const op = createOp(epoch, { place: inSession('work'), title: 'Ünïcode ☃', process });
    const { id } = created((await server.run([op]))[0]);
    expect(seen(await server.look()).panes).toMatchObject([{ id, title: 'Ünïcode ☃' }]);
    expect(await container.exec('tmux', 'ls', '-F', '#{session_name}')).toContain('work');
    await until(async () =>
      (await container.exec('tmux', 'capture-pane', '-p', '-t', id)).includes(
        'bench C.UTF-8 /home/bench',
      ),
    );
    expect(await container.exec('ls', '/tmp')).toContain('tmux-1000');
    expect(await container.exec('tmux', 'show-options', '-g', 'mouse')).toBe('mouse off');
  });

  test('tells at once when a pane of ours dies, though its hooks are a person’s', async () => {
    const { server, container, changes } = await startBench({ name: 'wakes', user: 'bench' });
    const { epoch } = seen(await server.look());
    const process = { argv: ['sh', '-c', 'read line; exit 3'], env: {} };
    const layout = createOp(epoch).layout;
    const ops = [
      createOp(epoch, { layout, place: inSession('work'), process }),
      createOp(epoch, { layout, place: { kind: 'session', session: 'work' }, process }),
    ];
    const outcomes = await server.run(ops);
    for (const [i, op] of ops.entries()) {
      await until(async () => seen(await server.look()).panes.length === 2);
      const before = changes();
      const { id } = created(outcomes[i]);
      await container.exec('tmux', 'send-keys', '-t', id, 'Enter');
      // tmux 3.3a now and then misses the end of a child; that of another one lets it collect both.
      await until(async () => {
        await container.exec('tmux', 'run-shell', '-b', 'true');
        return changes() > before;
      });
      const dead = seen(await server.look()).panes.find((pane) => pane.paneId === op.pane);
      expect(dead).toMatchObject({ dead: true, exitCode: 3 });
    }
  });

  test('without tmux there says what would install it', async () => {
    const { server, container } = await startBench({ name: 'bare', image: 'no-tmux' });
    const message = expect.stringMatching(
      new RegExp(`tmux is not installed in .*${cli} exec -u root ${container.name} .*tmux`),
    );
    expect(await server.look()).toMatchObject({ kind: 'unknown', reason: 'TmuxMissing', message });
  });

  test('as a user the container does not have says whom to set', async () => {
    const { server } = await startBench({ name: 'nobody', user: '4711' });
    expect(await server.look()).toMatchObject({ kind: 'seen' });
    const env = { ...process.env, USER: 'nobody-of-that-name' };
    const other = openEngine(cli, env);
    const record = await describeNow(await containers.start({ name: 'without-user' }));
    const host = openContainerHost({
      key: 'x' as ContainerId,
      engine: other,
      clock: realClock,
      record: () => record,
      life: async () => ({ kind: 'running', id: incarnationOf(record) }),
    });
    expect(await host.incarnation()).toMatchObject({
      kind: 'unknown',
      reason: 'BenchUserUnresolved',
      message: expect.stringContaining('nobody-of-that-name'),
    });
  });

  test.each([
    ['that is not there', '/nowhere', 'nowhere'],
    ['behind a symbolic link', '/var/run', 'link'],
  ])('knows its socket as tmux names it, where TMUX_TMPDIR is one %s', async (_what, tmp, name) => {
    const args = ['-e', `TMUX_TMPDIR=${tmp}`, '-e', 'HOME=here'];
    const { server, host, container } = await startBench({ name, args });
    const { epoch } = seen(await server.look());
    await server.run([createOp(epoch, { place: inSession('work') })]);
    const said = await container.exec('tmux', 'display-message', '-p', '#{socket_path}');
    expect(said.trim()).toBe(host.socketPath);
    expect(host.socketPath).not.toContain(tmp);
  });

  test('restarted is another epoch, and stopped is neither empty nor unknown', async () => {
    const { server, container, changes } = await startBench({ name: 'lives', user: 'bench' });
    const { epoch } = seen(await server.look());
    await server.run([createOp(epoch, { place: inSession('work') })]);
    const before = changes();
    await containers.cli('stop', '-t', '1', container.id);
    await until(() => changes() > before);
    expect(await server.look()).toMatchObject({ kind: 'stopped' });
    const late = await server.run([createOp(epoch, { place: inSession('late') })]);
    expect(late).toMatchObject([{ kind: 'unknown' }]);
    await containers.cli('start', container.id);
    const again = seen(await server.look());
    expect(again.panes).toEqual([]);
    expect(again.epoch).not.toBe(epoch);
  });

  test('leaves no client inside when ours is killed', async () => {
    const { server, processes, changes } = await startBench({ name: 'orphans', user: 'bench' });
    seen(await server.look());
    expect(await processes(/attach-session/)).toHaveLength(1);
    await server.close();
    await until(async () => (await processes(/attach-session/)).length === 0);
    expect(changes()).toBe(0);
  });

  test('that hangs is given up inside too, and goes on as the same when it can', async () => {
    const { server, container, processes } = await startBench({ name: 'hangs', user: 'bench' });
    const { epoch } = seen(await server.look());
    const pid = await container.exec('tmux', 'display-message', '-p', '#{pid}');
    await container.exec('kill', '-STOP', pid);
    expect(await server.look()).toMatchObject({ kind: 'unknown', reason: 'TmuxTimeout' });
    expect(await server.look()).toMatchObject({ kind: 'unknown', reason: 'TmuxTimeout' });
    // The control client's end reaches it only when the server goes on; the plain ones have their own limit.
    await until(async () => (await processes(/new-session -d -s _agent/)).length === 1);
    await container.exec('kill', '-CONT', pid);
    expect(seen(await server.look()).epoch).toBe(epoch);
    await until(async () => (await processes(/attach-session/)).length === 1);
  });

  test.each([
    ['file', 'rm -f /tmp/tmux-1000/default'],
    ['directory', 'rm -rf /tmp/tmux-1000'],
  ])(
    'with the %s of its socket deleted stays the only one, for the next client too',
    async (what, remove) => {
      const first = await startBench({ name: `lost-${what}`, user: 'bench' });
      const { server, container, host, processes } = first;
      const { epoch } = seen(await server.look());
      const { id } = created(
        (await server.run([createOp(epoch, { place: inSession('work') })]))[0],
      );
      await container.exec('sh', '-c', remove);
      expect(seen(await server.look()).panes).toMatchObject([{ id }]);
      await server.close();
      const next = openOn(host);
      expect(seen(await next.look())).toMatchObject({ epoch, panes: [{ id }] });
      expect(await container.exec('tmux', 'list-panes', '-t', '=work:', '-F', '#{pane_id}')).toBe(
        id,
      );
      expect(await processes(/^tmux.* new-session/)).toHaveLength(1);
    },
  );

  test('that lost its socket and hangs is given time, not a second one', async () => {
    const { server, container, host, processes } = await startBench({
      name: 'lost-hangs',
      user: 'bench',
    });
    const { epoch } = seen(await server.look());
    const pid = await container.exec('tmux', 'display-message', '-p', '#{pid}');
    await server.close();
    await container.exec('kill', '-STOP', pid);
    await container.exec('rm', '/tmp/tmux-1000/default');
    const next = openOn(host);
    expect(await next.look()).toMatchObject({ kind: 'unknown' });
    await container.exec('kill', '-CONT', pid);
    expect(seen(await next.look()).epoch).toBe(epoch);
    expect(await processes(/^tmux.* new-session/)).toHaveLength(1);
  });

  test('paused is not looked into, and the same one afterwards', async () => {
    const { server, container } = await startBench({ name: 'pauses', user: 'bench' });
    const { epoch } = seen(await server.look());
    await containers.cli('pause', container.id);
    try {
      expect(await server.look()).toMatchObject({ kind: 'stopped' });
    } finally {
      await containers.cli('unpause', container.id);
    }
    expect(seen(await server.look()).epoch).toBe(epoch);
  });
}
