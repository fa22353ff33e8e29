import { existsSync, rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { tmuxSince } from '../support/this-tmux.ts';
import { until } from '../support/until.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

let tower: Tower;
beforeAll(async () => {
  tower = await startTower();
});
afterAll(() => tower.stop());
afterEach(async () => {
  const names = (await tower.layouts()).map(({ name }) => name);
  if (names.length > 0) await tower.done('delete', ...names, '--wait');
});

async function applied(name: string, panes: ReturnType<typeof pane>[]): Promise<void> {
  const file = writeIn(tower.directory, `${name}.yaml`, layoutText(name, panes));
  await tower.done('apply', '-f', file, '--wait');
}

/** Process ids by slot. */
async function pids(name: string): Promise<Record<string, number | null>> {
  const { panes } = await tower.layout(name);
  return Object.fromEntries(panes.map(({ slot, pid }) => [slot, pid]));
}

test('a pane killed by hand comes back, and its siblings keep their processes', async () => {
  await applied('team', [pane('a'), pane('b'), pane('c')]);
  const before = await pids('team');
  const victim = await tower.slot('team/b');
  await tower.tmux('kill-pane', '-t', victim.tmux_pane_id ?? '');
  const after = await until(async () => {
    const slot = await tower.slot('team/b');
    return slot.status === 'Ready' && slot.pane_id !== victim.pane_id && (await pids('team'));
  });
  expect(after).toEqual({ ...before, b: expect.any(Number) });
  expect(after['b']).not.toBe(before['b']);
  expect((await tower.panes()).map(({ title }) => title).toSorted()).toEqual([
    'team-a',
    'team-b',
    'team-c',
  ]);
});

test('a process that exits with 3 leaves a dead pane with that status, revived in place', async () => {
  const gate = `${tower.directory}/gate`;
  const dies = ['sh', '-c', `until test -e ${gate}; do sleep 0.05; done; rm ${gate}; exit 3`];
  await applied('team', [pane('a'), pane('b', { command: dies })]);
  const before = await tower.slot('team/b');
  const siblings = await pids('team');
  // While the layout is suspended nobody revives it, so that the dead pane can be looked at.
  await tower.done('suspend', 'layout/team');
  writeIn(tower.directory, 'gate', '');
  const dead = await until(async () =>
    (await tower.panes()).find(
      // tmux shows the death a moment before it knows the status.
      ({ id, dead, deadStatus }) => dead && deadStatus !== '' && id === before.tmux_pane_id,
    ),
  );
  expect(dead).toMatchObject({
    deadStatus: '3',
    tag: expect.stringContaining(before.pane_id ?? '?'),
  });
  await tower.done('resume', 'layout/team');
  const after = await until(async () => {
    const slot = await tower.slot('team/b');
    return slot.status === 'Ready' && slot.pid !== before.pid && slot;
  });
  expect(after.restarts).toBe(1);
  // Before 3.0 another pane takes the place of the dead one.
  expect(after.tmux_pane_id === before.tmux_pane_id).toBe(tmuxSince('3.0'));
  expect(await pids('team')).toMatchObject({ a: siblings['a'] });
  const replaced = (await tower.events('pane_replaced')).at(-1);
  expect(replaced?.payload).toMatchObject({ label: 'team-b', cause: 'ProcessExited' });
});

test('a command that crashes again and again shows CrashLoop, and its siblings are untouched', async () => {
  const crash = ['sh', '-c', 'exit 1'];
  const text = layoutText('team', [pane('a'), pane('b', { command: crash })]);
  const file = writeIn(tower.directory, 'team.yaml', text);
  const waiting = tower.cli(['apply', '-f', file, '--wait', '--timeout', '90s']);
  const sibling = await until(async () => {
    const slot = await tower.slot('team/a');
    return slot.status === 'Ready' && slot;
  });
  const finished = await waiting;
  expect(finished).toMatchObject({ code: 5, stderr: expect.stringMatching(/crash/i) });
  const layout = await tower.layout('team');
  expect(layout.conditions).toContainEqual(
    expect.objectContaining({ type: 'CrashLoop', status: 'True' }),
  );
  expect(layout.panes[1]).toMatchObject({ status: 'CrashLoop', exit_code: 1 });
  expect(layout.panes[1]?.next_attempt_at).not.toBeNull();
  expect(layout.panes[0]).toEqual(sibling);
  expect(await tower.done('get', 'layouts')).toContain('CrashLoop');
});

test('when the tmux server is killed the layouts are rebuilt once', async () => {
  await applied('one', [pane('a'), pane('b')]);
  await applied('two', [pane('a'), pane('b')]);
  const titles = ['one-a', 'one-b', 'two-a', 'two-b'];
  const before = await tower.panes();
  await tower.tmux('kill-server');
  const rebuilt = await until(
    async () => {
      const panes = await tower.panes();
      const isNew = panes.every(({ tag }) => before.every((old) => old.tag !== tag));
      const isTitled = panes.every(({ title }) => !title.startsWith('@MANAGED:'));
      const isWhole = isNew && isTitled && panes.length >= titles.length;
      return isWhole && (await areHealthy('one', 'two')) && panes;
    },
    { timeoutMs: 30_000 },
  );
  expect(rebuilt.map(({ title }) => title).toSorted()).toEqual(titles);
  // Another layout that comes and goes makes the daemon look and act several times more.
  await applied('three', [pane('a')]);
  await tower.done('delete', 'layout/three', '--wait');
  expect(await tower.panes()).toEqual(rebuilt);
});

test('a socket file that was deleted is made anew by its server, and no second server appears', async () => {
  await applied('team', [pane('a')]);
  const before = await tower.panes();
  const server = await tower.tmuxPid();
  const socket = (await tower.tmux('display-message', '-p', '#{socket_path}')).trim();
  rmSync(socket);
  await until(() => existsSync(socket), { label: 'the socket file is there again' });
  expect(await tower.tmuxPid()).toBe(server);
  expect(await tower.panes()).toEqual(before);
});

test('windows that a person linked into other sessions, or groups with them, get their panes back', async () => {
  await applied('api', [pane('a')]);
  await applied('web', [pane('a'), pane('b')]);
  // The one window of web is among those of api now, and of a session that was used later.
  await tower.tmux('link-window', '-d', '-s', '=web:', '-t', '=api:');
  await tower.tmux('new-session', '-d', '-s', 'mine', '-t', '=web');
  const { tmux_pane_id: victim, pid } = await tower.slot('web/b');
  await tower.tmux('kill-pane', '-t', victim ?? '');
  await until(async () => {
    const slot = await tower.slot('web/b');
    return slot.status === 'Ready' && slot.pid !== pid;
  });
  await tower.tmux('kill-session', '-t', '=mine');
});

test('a pane split by hand survives edits, restarts, kills and the delete of the layout', async () => {
  await applied('team', [pane('a'), pane('b')]);
  const { tmux_pane_id: target } = await tower.slot('team/a');
  const [foreign, pid] = (
    await tower.tmux(
      'split-window',
      '-d',
      '-t',
      target ?? '',
      '-P',
      '-F',
      '#{pane_id} #{pane_pid}',
      '--',
      'sleep',
      '100000',
    )
  ).split(' ');
  const mine = async () => (await tower.panes()).find(({ id }) => id === foreign);
  expect(
    await until(
      async () =>
        (await tower.call<{ unmanaged: unknown[] }>('layout.get', { name: 'team' })).unmanaged[0],
    ),
  ).toMatchObject({
    tmux_pane_id: foreign,
  });

  await applied('team', [pane('a', { env: { EDITED: '1' } }), pane('c')]);
  await tower.done('restart', 'layout/team');
  await tower.done('wait', 'layout/team');
  await tower.tmux('kill-pane', '-t', (await tower.slot('team/a')).tmux_pane_id ?? '');
  await until(async () => (await tower.slot('team/a')).status === 'Ready');
  await tower.done('stop', 'layout/team');
  await until(async () => (await tower.panes()).length === 1);
  await tower.done('start', 'layout/team');
  await tower.done('wait', 'layout/team');
  await tower.restartDaemon();
  await until(async () => (await tower.layout('team')).health === 'Healthy');
  await tower.done('delete', 'layout/team', '--wait');
  expect(await mine()).toMatchObject({ tag: '', pid: Number(pid), dead: false });
  expect(await tower.panes()).toHaveLength(1);
  await tower.tmux('kill-pane', '-t', foreign ?? '');
});

describe('while the tmux server is stopped', () => {
  test('nothing is done and Observed is False, and afterwards every process is the same', async () => {
    await applied('team', [pane('a'), pane('b'), pane('c'), pane('d')]);
    const before = await tower.panes();
    const server = await tower.tmuxPid();
    const events = await ofPanes();
    process.kill(server, 'SIGSTOP');
    try {
      await until(async () => (await observed('team'))?.status === 'False', { timeoutMs: 30_000 });
      const plan = await tower.cli(['plan']);
      expect(plan).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('4 unknown (container local: '),
      });
      const layout = await tower.layout('team');
      expect(layout).toMatchObject({ sync: 'Unknown', health: 'Unknown' });
      expect(layout.panes.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready', 'ready']);
      expect(await ofPanes()).toEqual(events);
    } finally {
      process.kill(server, 'SIGCONT');
    }
    await until(() => areHealthy('team'), { timeoutMs: 30_000 });
    expect(await tower.tmuxPid()).toBe(server);
    expect(await tower.panes()).toEqual(before);
  });
});

/** Events of layouts and panes; what agents print goes on being told. */
async function ofPanes() {
  return (await tower.events()).filter(({ layout_id, pane_id }) => (layout_id ?? pane_id) !== null);
}

async function areHealthy(...names: readonly string[]): Promise<boolean> {
  const layouts = await Promise.all(names.map((name) => tower.layout(name)));
  return layouts.every(({ sync, health }) => sync === 'Synced' && health === 'Healthy');
}

async function observed(name: string) {
  return (await tower.layout(name)).conditions.find(({ type }) => type === 'Observed');
}
