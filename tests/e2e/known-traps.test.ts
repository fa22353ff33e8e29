import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import {
  type Created,
  type Layout,
  type ManagedClient,
  NAMESPACES,
  openClient,
} from './support/managed-client.ts';
import { readEvents, writeCatalog, writeTemplate } from './support/managed-files.ts';
import { startTower, type Tower } from './support/tower.ts';

/** What an earlier implementation of the same contract fell for, one test each. */

let tower: Tower;
let client: ManagedClient;
let socketDirectory: string;
let wasThereBefore: boolean;
beforeAll(async () => {
  tower = await startTower({ withoutDaemon: true });
  tower.env['USER'] = 'somebody-else';
  tower.env['LOGNAME'] = 'somebody-else';
  socketDirectory = join(tower.env['TMUX_TMPDIR'] ?? '', `tmux-${process.getuid?.()}`);
  wasThereBefore = existsSync(socketDirectory);
  writeCatalog(tower.paths.configDir);
  await tower.startDaemon();
  client = await openClient(tower.paths.socket, 'managed');
});
afterAll(() => tower.stop());

async function make(session: string, template: string): Promise<Layout> {
  return client.settled((await client.create(session, template)).layout_id);
}

const keysOf = (value: object): readonly string[] => Object.keys(value).toSorted();

async function inSession(session: string) {
  return (await tower.panes()).filter((pane) => pane.session === session);
}

test('a machine on which tmux never ran, without a directory for its socket, is none the worse', async () => {
  expect(wasThereBefore).toBe(false);
  expect((await make('fresh', 'pair')).state).toBe('ready');
  expect(existsSync(socketDirectory)).toBe(true);
});

test('a session whose name only begins like the one wanted is another session', async () => {
  await tower.tmux('new-session', '-d', '-s', 'record', 'sleep 1000');
  expect((await make('rec', 'solo')).state).toBe('ready');
  expect(await inSession('rec')).toHaveLength(1);
  expect((await inSession('record')).map(({ tag }) => tag)).toEqual(['']);
});

test('a daemon killed while it makes a layout goes on making it, and calls nothing failed that lives', async () => {
  writeTemplate(tower.paths.configDir, 'slow-pair', ['{layout}-a', '{layout}-b'], 'slow');
  const { layout_id, panes } = await client.create('interrupted', 'slow-pair');
  await until(async () => (await inSession('interrupted')).length === 2);
  const pids = (await inSession('interrupted')).map(({ pid }) => pid);
  await tower.restartDaemon('SIGKILL');
  expect((await client.settled(layout_id)).state).toBe('ready');
  expect((await inSession('interrupted')).map(({ pid }) => pid)).toEqual(pids);
  const told = readEvents(tower.paths.eventsFile).filter(({ pane_id }) =>
    panes.some((pane) => pane.pane_id === pane_id),
  );
  expect(JSON.stringify(told)).not.toContain('failed');
});

test('ten panes of one layout share the room evenly', async () => {
  const labels = Array.from({ length: 10 }, (_, index) => `{layout}-${index}`);
  writeTemplate(tower.paths.configDir, 'ten', labels, 'quick');
  expect((await make('wide', 'ten')).panes.map(({ state }) => state)).toEqual(
    labels.map(() => 'ready'),
  );
  const format = '#{pane_width} #{pane_height} #{window_width} #{window_height}';
  const shown = await tower.tmux('list-panes', '-s', '-t', '=wide', '-F', format);
  const sizes = shown.split('\n').map((line) => line.split(' ').map(Number));
  expect(sizes).toHaveLength(10);
  for (const [width = 0, height = 0, wholeWidth = 0, wholeHeight = 0] of sizes) {
    expect(width * height).toBeGreaterThan((wholeWidth * wholeHeight) / 10 / 2);
  }
});

test('one template serves many layouts of a container side by side', async () => {
  const states = await Promise.all(['left', 'right'].map((session) => make(session, 'pair')));
  expect(states.map(({ state }) => state)).toEqual(['ready', 'ready']);
});

test('a layout that failed can be removed whole, and gives back its names and its place', async () => {
  const made = await make('fallen', 'pair');
  await tower.tmux('kill-session', '-t', '=fallen');
  await until(async () => (await client.detail(made.layout_id)).state === 'failed');
  const params = { layout_id: made.layout_id };
  expect(await client.get('layout.remove', params)).toEqual({ ...params, state: 'removed' });
  expect((await make('fallen', 'pair')).state).toBe('ready');
});

test('what became of a pane is an event, and its reason reaches the operator', async () => {
  writeTemplate(tower.paths.configDir, 'doomed', ['{layout}-a'], 'dies');
  const [pane] = (await make('brief', 'doomed')).panes;
  expect(pane).toMatchObject({ state: 'degraded', failed_stage: 'launch_command' });
  const told = await until(() => {
    const events = readEvents(tower.paths.eventsFile);
    const own = events.filter(({ pane_id }) => pane_id === pane?.pane_id);
    return own.some(({ event_type }) => event_type === 'managed_pane_state_changed') && own;
  });
  const exited = told.find(({ event_type }) => event_type === 'managed_pane_launch_command_exited');
  expect(exited?.payload).toEqual({ exit_code: 7, elapsed_ms: expect.any(Number) });
  expect(told.at(-1)?.payload).toMatchObject({ failed_stage: 'launch_command' });
});

test('whose panes they are is told by who runs the daemon, not by what $USER says', async () => {
  expect((await make('owned', 'solo')).state).toBe('ready');
  const [pane] = await inSession('owned');
  expect(statSync(`/proc/${pane?.pid}`).uid).toBe(process.getuid?.());
});

test('a process of the host is one whatever files the machine has: the daemon looks for none', async () => {
  const hello = { method: 'app.hello', params: { client_app_contract_major: 1 } };
  expect(await tower.call(hello.method, hello.params)).toMatchObject({ state: 'ok' });
  const root = new URL('../../src/', import.meta.url).pathname;
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  expect(sources.length).toBeGreaterThan(200);
  const believers = sources.filter((file) =>
    /dockerenv/.test(readFileSync(join(root, file), 'utf8')),
  );
  // A client may guess where its socket is: who it is, the daemon finds out by itself.
  expect(believers).toEqual(['drivers/system/client-socket.ts']);
});

test('both namespaces answer alike over the real socket, field by field', async () => {
  const shapes = await Promise.all(
    NAMESPACES.map(async (namespace) => {
      const on = await openClient(tower.paths.socket, namespace);
      const created = await on.get<Created>('layout.create', {
        container_id: 'local',
        template_name: 'solo',
        tmux_session_name: namespace === 'managed' ? 'plain' : 'app',
      });
      const detail = await on.settled(created.layout_id);
      const [pane] = detail.panes;
      return [created, detail, pane ?? {}].map(keysOf);
    }),
  );
  expect(shapes[0]).toEqual(shapes[1]);
});
