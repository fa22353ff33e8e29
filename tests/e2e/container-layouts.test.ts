import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithEngine, type TestContainer } from '../support/docker.ts';
import { until } from '../support/until.ts';
import {
  type Benches,
  findTwins,
  openForeign,
  panesIn,
  startBenches,
  untilCondition,
  untilHealthy,
} from './support/benches.ts';
import { openClient } from './support/managed-client.ts';
import { writeCatalog } from './support/managed-files.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';

const AGENT = /^agt_[0-9a-f]{12}$/;
const LAUNCHES = { 'master:m1': 'quick', 'slave:s1': 'quick', 'slave:s2': 'quick' };

describeWithEngine('docker', 'layouts in Docker containers', () => {
  let benches: Benches;
  beforeAll(async () => {
    benches = await startBenches();
    writeCatalog(benches.tower.paths.configDir);
  });
  afterAll(() => benches?.stop());

  test('a team from a manifest becomes ready, with agents, titles and logs on the host', async () => {
    const container = await benches.startWithLogs({ name: 'team' });
    const panes = [pane('m1', { role: 'master' }), pane('s1'), pane('s2')];
    const text = layoutText('work', panes, { container: container.name });
    const file = writeIn(benches.tower.directory, 'work.yaml', text);
    await benches.tower.done('apply', '-f', file, '--wait', '--timeout', '60s');
    const [layout] = await untilHealthy(benches.tower, 'work');
    expect(layout).toMatchObject({ container: container.name, state: 'ready', ready_panes: 3 });
    expect(layout?.panes.map(({ agent_id }) => agent_id)).toEqual([
      expect.stringMatching(AGENT),
      expect.stringMatching(AGENT),
      expect.stringMatching(AGENT),
    ]);
    for (const { slot, log_path } of layout?.panes ?? []) {
      expect(await logOf(log_path)).toContain(`hello-${slot}`);
    }
    const seen = await panesIn(container);
    expect(seen.map(({ title, session }) => `${session} ${title}`).toSorted()).toEqual([
      'work work-m1',
      'work work-s1',
      'work work-s2',
    ]);
    // Nothing of it is on the host.
    expect(await benches.tower.panes().catch(() => [])).toEqual([]);
  });

  test('a 1m+2s over the socket becomes ready, with agents and logs on the host', async () => {
    const container = await benches.startWithLogs({ name: 'socket' });
    const client = await openClient(benches.tower.paths.socket, 'managed');
    const created = await until(() =>
      client.create('crew', '1m+2s', {
        container_id: container.name,
        launch_command_overrides: LAUNCHES,
        idempotency_key: 'crew',
      }),
    );
    const layout = await client.settled(created.layout_id);
    expect(layout).toMatchObject({ state: 'ready', failed_stage: null });
    for (const each of layout.panes) {
      expect(each).toMatchObject({
        state: 'ready',
        agent_id: expect.stringMatching(AGENT),
        log_attached: true,
        tmux_session_name: 'crew',
      });
    }
    const { panes } = await benches.tower.layout('crew');
    expect(await logOf(panes[0]?.log_path ?? null)).toContain('hello');
    expect((await panesIn(container)).map(({ title }) => title).toSorted()).toEqual([
      'm1',
      's1',
      's2',
    ]);
  });

  test('panes run as the user of the container, in their home', async () => {
    const container = await benches.start({ name: 'user', user: 'bench' });
    const layout = await benches.apply(container, 'unprivileged');
    expect(layout.panes.map(({ status }) => status)).toEqual(['Ready', 'Ready']);
    const pids = layout.panes.map(({ pid }) => String(pid));
    const owners = await container.exec('ps', '-o', 'user=', '-p', pids.join(','));
    expect(owners.split('\n')).toEqual(['bench', 'bench']);
    for (const pid of pids) {
      expect(await container.exec('readlink', `/proc/${pid}/cwd`)).toBe('/home/bench');
      const environment = await container.exec('cat', `/proc/${pid}/environ`);
      expect(environment.split('\0')).toContain('HOME=/home/bench');
    }
  });

  test('a log that the host could not read degrades the pane and says which folder to mount', async () => {
    const container = await benches.start({ name: 'unmounted' });
    const text = layoutText('unlogged', [pane('a')], { container: container.name });
    const file = writeIn(benches.tower.directory, 'unlogged.yaml', text);
    await benches.tower.done('apply', '-f', file);
    const slot = await until(
      async () => {
        const [found] = (await benches.tower.layout('unlogged')).panes;
        return found?.state === 'degraded' && found;
      },
      { timeoutMs: 30_000 },
    );
    expect(slot.failed_stage).toBe('log_attach');
    expect(slot.problem).toContain(benches.tower.paths.logsDir);
    // The agent itself works.
    expect((await panesIn(container)).map(({ dead }) => dead)).toEqual([false]);
  });

  test('without tmux a layout says so, and with which command to install it', async () => {
    const container = await benches.start({ name: 'bare', image: 'no-tmux' });
    const text = layoutText('homeless', [pane('a', { log: false })], {
      container: container.name,
    });
    const file = writeIn(benches.tower.directory, 'homeless.yaml', text);
    await benches.tower.done('apply', '-f', file);
    const condition = await untilCondition(benches.tower, 'homeless', {
      type: 'Observed',
      status: 'False',
      reason: /Tmux/,
    });
    expect(condition.message).toMatch(/tmux/);
    expect(condition.message).toMatch(/docker exec .*install .*tmux/);
    expect(condition.message).toContain(container.name);
  });

  test('sessions that a person has in the container are never touched', async () => {
    const container = await benches.start({ name: 'shared' });
    const foreign = await openForeign(container);
    const before = await foreign();
    await benches.apply(container, 'guests', ['a', 'b', 'c']);
    const [victim] = (await panesIn(container)).filter(({ session }) => session === 'guests');
    await container.exec('tmux', 'kill-pane', '-t', victim?.id ?? '');
    await until(async () => (await panesIn(container)).every(({ id }) => id !== victim?.id));
    await untilHealthy(benches.tower, 'guests');
    expect(await findTwins(container)).toEqual([]);
    expect(await foreign()).toBe(before);
    await benches.tower.restartDaemon('SIGKILL');
    await untilHealthy(benches.tower, 'guests');
    await benches.tower.done('delete', 'layout/guests', '--wait');
    expect(await foreign()).toBe(before);
    const left = (await panesIn(container)).map(({ session }) => session);
    expect(new Set(left)).toEqual(new Set(['mine']));
  });

  test('a container that nobody asked for is left alone', async () => {
    const stranger: TestContainer = await benches.start({ name: 'stranger' });
    await openForeign(stranger);
    const before = await stranger.exec('ps', '-e', '-o', 'pid,args', '--no-headers');
    const container = await benches.start({ name: 'neighbour' });
    await benches.apply(container, 'neighbours');
    const after = await stranger.exec('ps', '-e', '-o', 'pid,args', '--no-headers');
    expect(withoutPs(after)).toEqual(withoutPs(before));
  });
});

function withoutPs(listing: string): readonly string[] {
  return listing.split('\n').filter((line) => !/ ps -e /.test(line));
}

/** What the log of a pane holds, once it holds something. */
function logOf(path: string | null): Promise<string> {
  return until(() => readFileSync(path ?? '', 'utf8'), { label: `text in ${path}` });
}
