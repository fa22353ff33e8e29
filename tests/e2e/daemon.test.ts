import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/surfaces/api/client.ts';
import type { EventView } from '../../src/surfaces/api/protocol.ts';
import { until } from '../support/until.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { isAlive } from './support/processes.ts';
import { startTower, type Tower, type TowerOptions } from './support/tower.ts';

async function openTower(options: TowerOptions = {}): Promise<Tower> {
  const tower = await startTower(options);
  onTestFinished(() => tower.stop());
  return tower;
}

async function withTeam(): Promise<Tower> {
  const tower = await openTower();
  const text = layoutText('team', [pane('a'), pane('b')]);
  await tower.done('apply', '-f', writeIn(tower.directory, 'team.yaml', text), '--wait');
  return tower;
}

test('a second daemon refuses to start and ends with 2', async () => {
  const tower = await openTower();
  const second = await tower.daemon('run');
  expect(second).toMatchObject({ code: 2, stderr: expect.stringContaining('daemon_running') });
  expect(await tower.done('status')).toMatch(/agenttowerd/);
});

test('a daemon that cannot listen says why and ends: nothing of it stays behind', async () => {
  const tower = await openTower({ withoutDaemon: true });
  const { socket, stateDir } = tower.paths;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  writeFileSync(socket, 'a file in the way');
  const failed = await tower.daemon('run');
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('in the way') });
  rmSync(socket);
  expect(await tower.done('ensure-daemon')).toContain('agenttowerd ready');
});

test('stop-daemon leaves the panes alive, and ensure-daemon finds the same ones again', async () => {
  const tower = await withTeam();
  const before = await tower.panes();
  await tower.done('stop-daemon');
  expect(await tower.cli(['get', 'layouts'])).toMatchObject({ code: 7 });
  expect(await tower.panes()).toEqual(before);
  await tower.done('ensure-daemon');
  expect(await tower.done('ensure-daemon')).toContain('agenttowerd ready');
  await until(async () => (await tower.layout('team')).health === 'Healthy');
  expect(await tower.panes()).toEqual(before);
  const { panes } = await tower.layout('team');
  expect(panes.map(({ restarts, status }) => `${restarts} ${status}`)).toEqual([
    '0 Ready',
    '0 Ready',
  ]);
  expect(await tower.events('managed_layout_recovery_reattached')).toHaveLength(1);
  await tower.done('stop-daemon');
  expect(await tower.done('stop-daemon')).toContain('not running');
});

test('a pane that dies while the daemon is away is revived when it is back', async () => {
  const tower = await withTeam();
  const before = await tower.panes();
  const victim = await tower.slot('team/b');
  await tower.killDaemon('SIGKILL');
  process.kill(victim.pid ?? 0, 'SIGKILL');
  await until(() => !isAlive(victim.pid ?? 0));
  await tower.startDaemon();
  await until(async () => {
    const slot = await tower.slot('team/b');
    return slot.status === 'Ready' && slot.pid !== victim.pid;
  });
  const after = await tower.panes();
  expect(after.map(({ id, title }) => `${id} ${title}`)).toEqual(
    before.map(({ id, title }) => `${id} ${title}`),
  );
});

test('killed with its tmux server while it lags behind, it has everything back once', async () => {
  const tower = await withTeam();
  const before = await tower.panes();
  const { pid } = await tower.call<{ pid: number }>('status');
  process.kill(pid, 'SIGSTOP');
  // More news than its client's pipe holds: that client stays behind, and the server waits for it for ever.
  const names = Array.from(
    { length: 500 },
    (_, i) => `rename-window -t =team: ${i}-${'x'.repeat(1000)}`,
  );
  await tower.tmux('source-file', writeIn(tower.directory, 'renames', names.join('\n')));
  await tower.killDaemon('SIGKILL');
  await tower.tmux('kill-server');
  await tower.startDaemon();
  await tower.done('wait', 'layout/team', '--for', 'ready', '--timeout', '30s');
  const after = await tower.panes();
  expect(after.map(({ title }) => title).toSorted()).toEqual(['team-a', 'team-b']);
  expect(after.filter(({ tag }) => before.some((old) => old.tag === tag))).toEqual([]);
});

test('events.jsonl holds every event of the store, once and in order', async () => {
  const tower = await withTeam();
  await tower.done('stop', 'layout/team/a', '--reason', 'test');
  await tower.restartDaemon('SIGKILL');
  await tower.done('start', 'layout/team/a');
  await tower.done('wait', 'layout/team');
  await tower.done('delete', 'team', '--wait');
  const stored = await tower.events();
  const written = await until(() => {
    const lines = readFileSync(tower.paths.eventsFile, 'utf8').split('\n').filter(Boolean);
    const events = lines.map((line) => JSON.parse(line) as EventView);
    return events.length >= stored.length && events;
  });
  const ids = written.map(({ event_id }) => event_id);
  // At least once: a crash between writing and noting it may write the last ones again.
  expect([...new Set(ids)]).toEqual(stored.map(({ event_id }) => event_id));
  expect(stored.map(({ seq }) => seq)).toEqual(
    stored.map(({ seq }) => seq).toSorted((a, b) => a - b),
  );
  const types = new Set(stored.map(({ event_type }) => event_type));
  for (const type of [
    'managed_layout_created',
    'managed_pane_created',
    'slot_held',
    'slot_hold_ended',
    'layout_removed',
  ]) {
    expect(types).toContain(type);
  }
});

test('events are streamed to a watcher, from the one it names on and without gaps', async () => {
  const tower = await withTeam();
  const client = await connect({ socketPath: tower.paths.socket });
  onTestFinished(() => client.close());
  const seen: EventView[] = [];
  const onEvent = (event: EventView): void => void seen.push(event);
  const streaming = client
    .stream('events.watch', { since_seq: 2 }, onEvent, new AbortController().signal)
    .catch((error: unknown) => error);
  await tower.done('restart', 'layout/team/a');
  await tower.done('wait', 'layout/team');
  await tower.done('delete', 'team', '--wait');
  const stored = (await tower.events()).filter(({ seq }) => seq > 2);
  await until(() => seen.length >= stored.length);
  expect(seen).toEqual(stored);
  await tower.killDaemon('SIGTERM');
  await streaming;
});

test('paths and doctor agree on a fresh installation', async () => {
  const tower = await openTower();
  const told = await tower.done('config', 'paths');
  expect(told).toContain(tower.paths.socket);
  const doctor = await tower.cli(['doctor', '--json']);
  expect(JSON.parse(doctor.stdout)).toMatchObject({ ok: true });
  expect(doctor.code).toBe(0);
});

describe('a state directory that cannot be used is told in one clear error', () => {
  // Root may write anywhere: there a directory that is in fact a file stands for one that cannot be written.
  test('a file in its place', async () => {
    const tower = await openTower({ withoutDaemon: true });
    mkdirSync(join(tower.paths.stateDir, '..'), { recursive: true });
    writeFileSync(tower.paths.stateDir, '');
    const refused = await tower.daemon('run');
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(tower.paths.stateDir),
    });
    expect(refused.stderr).not.toMatch(/^\s+at /m);
    const ensured = await tower.cli(['ensure-daemon']);
    expect(ensured.code).not.toBe(0);
    expect(ensured.stderr).toContain(tower.paths.stateDir);
  });

  test.skipIf(process.getuid?.() === 0)('a directory without the right to write', async () => {
    const tower = await openTower({ withoutDaemon: true });
    mkdirSync(tower.paths.stateDir, { recursive: true, mode: 0o700 });
    chmodSync(tower.paths.stateDir, 0o500);
    const refused = await tower.daemon('run');
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(tower.paths.stateDir),
    });
    expect(refused.stderr).not.toMatch(/^\s+at /m);
  });

  test('one that others may write to', async () => {
    const tower = await openTower({ withoutDaemon: true });
    mkdirSync(tower.paths.stateDir, { recursive: true });
    chmodSync(tower.paths.stateDir, 0o777);
    const refused = await tower.daemon('run');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('path_unsafe') });
  });

  test('a database of a newer program', async () => {
    const tower = await openTower();
    await tower.killDaemon('SIGTERM');
    const db = new Database(tower.paths.database);
    db.exec('UPDATE schema_version SET version = 9999');
    db.close();
    const refused = await tower.daemon('run');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('database_newer') });
    expect(await tower.cli(['ensure-daemon'])).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('database_newer'),
    });
  });

  test('a database that is none', async () => {
    const tower = await openTower();
    await tower.killDaemon('SIGTERM');
    writeFileSync(
      tower.paths.database,
      'this is no database, but it is long enough to be looked at. '.repeat(40),
    );
    const refused = await tower.daemon('run');
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('database_unusable'),
    });
    expect(refused.stderr).not.toMatch(/^\s+at /m);
  });
});

test('a broken config.toml is told with its line, and the daemon does not start', async () => {
  const tower = await openTower({ withoutDaemon: true, config: '[loop]\nresink = "1s"\n' });
  const refused = await tower.daemon('run');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/config\.toml:2:1/) });
});

test('sources of config.toml are followed from the start', async () => {
  const tower = await openTower({ withoutDaemon: true });
  const agents = join(tower.directory, 'agents');
  writeIn(agents, 'team.yaml', layoutText('team', [pane('a')]));
  mkdirSync(tower.paths.configDir, { recursive: true });
  writeFileSync(tower.paths.configFile, `[[sources]]\nkind = "directory"\npath = "${agents}"\n`);
  await tower.startDaemon();
  await until(async () => (await tower.layouts()).some(({ health }) => health === 'Healthy'));
  expect(await tower.done('source', 'list')).toContain('agents');
});
