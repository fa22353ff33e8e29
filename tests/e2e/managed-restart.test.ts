import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type Layout, type ManagedClient, openClient } from './support/managed-client.ts';
import {
  type FileEvent,
  findSequenceGaps,
  readEvents,
  writeCatalog,
  writeTemplate,
} from './support/managed-files.ts';
import { startTower, type Tower } from './support/tower.ts';

let tower: Tower;
let client: ManagedClient;
beforeEach(async () => {
  tower = await startTower();
  writeCatalog(tower.paths.configDir);
  client = await openClient(tower.paths.socket, 'managed');
});
afterEach(async () => {
  const gaps = findSequenceGaps(readEvents(tower.paths.eventsFile));
  await tower.stop();
  if (gaps.length > 0) throw new Error(`sequences have gaps: ${gaps.join('; ')}`);
});

async function make(session: string, template: string): Promise<Layout> {
  return await client.settled((await client.create(session, template)).layout_id);
}

function told(type: string): Promise<readonly FileEvent[]> {
  return until(
    () => {
      const events = readEvents(tower.paths.eventsFile).filter(
        ({ event_type }) => event_type === `managed_${type}`,
      );
      return events.length > 0 ? events : undefined;
    },
    { timeoutMs: 10_000, label: `an event ${type}` },
  );
}

const statesOf = ({ panes }: Layout): readonly string[] => panes.map(({ state }) => state);
const pids = async (): Promise<readonly number[]> =>
  (await tower.panes()).map(({ pid }) => pid).toSorted((a, b) => a - b);

test('what lives is found again by the first answer, and nothing is started anew', async () => {
  const layout = await make('team', 'trio');
  const before = await pids();
  await tower.restartDaemon('SIGKILL');
  expect(await client.detail(layout.layout_id)).toEqual({
    ...layout,
    updated_at: expect.any(String),
  });
  expect(await pids()).toEqual(before);
  const [event] = await told('layout_recovery_reattached');
  expect(event).toMatchObject({ actor: 'daemon', layout_id: layout.layout_id, pane_id: null });
  expect(event?.payload).toEqual({
    reattached_pane_ids: layout.panes.map(({ pane_id }) => pane_id),
  });
});

test('a pane that went while the daemon was away is failed, its siblings are not', async () => {
  const layout = await make('team', 'trio');
  const other = await make('other', 'pair');
  await tower.killDaemon();
  const pane = (await tower.panes()).find(({ title }) => title === 'team-b');
  await tower.tmux('kill-pane', '-t', pane?.id ?? '');
  await tower.startDaemon();
  const after = await client.detail(layout.layout_id);
  expect(statesOf(after)).toEqual(['ready', 'failed', 'ready']);
  expect(after).toMatchObject({ state: 'failed', failed_stage: 'recovery_reattach' });
  expect(await client.detail(other.layout_id)).toMatchObject({ state: 'ready' });
  const [event] = await told('layout_recovery_failed');
  expect(event).toMatchObject({ actor: 'daemon', layout_id: layout.layout_id, pane_id: null });
  expect(event?.payload).toEqual({
    failed_pane_ids: [layout.panes[1]?.pane_id],
    failed_stage: 'recovery_reattach',
  });
  const [reattached] = (await told('layout_recovery_reattached')).filter(
    ({ layout_id }) => layout_id === layout.layout_id,
  );
  expect(reattached?.seq).toBeLessThan(event?.seq ?? 0);
});

test('a tmux server that is gone means that nothing lives', async () => {
  const layout = await make('team', 'pair');
  await tower.killDaemon();
  await tower.tmux('kill-server');
  await tower.startDaemon();
  expect(statesOf(await client.detail(layout.layout_id))).toEqual(['failed', 'failed']);
  for (const { pane_id } of layout.panes) {
    await client.get('pane.recreate', { predecessor_pane_id: pane_id });
  }
  expect(await client.settled(layout.layout_id)).toMatchObject({
    state: 'ready',
    failed_stage: null,
  });
});

test('shifted indexes, base-index 1 and a renamed session deceive nobody', async () => {
  const layout = await make('team', 'trio');
  await tower.tmux('set-option', '-g', 'base-index', '1');
  await tower.tmux('set-option', '-gw', 'pane-base-index', '1');
  await client.get('pane.remove', { pane_id: layout.panes[0]?.pane_id ?? '' });
  await until(async () => (await tower.panes()).length === 2);
  await tower.tmux('rename-session', '-t', '=team', 'renamed');
  await tower.restartDaemon('SIGKILL');
  expect(statesOf(await client.detail(layout.layout_id))).toEqual(['removed', 'ready', 'ready']);
  const second = await make('second', 'pair');
  await tower.restartDaemon('SIGKILL');
  expect(statesOf(await client.detail(layout.layout_id))).toEqual(['removed', 'ready', 'ready']);
  expect(statesOf(await client.detail(second.layout_id))).toEqual(['ready', 'ready']);
});

test('a layout that was being made is made to its end, and nothing of it twice', async () => {
  writeTemplate(tower.paths.configDir, 'slowly', ['{layout}-a', '{layout}-b'], 'slow');
  const created = await client.create('team', 'slowly', { idempotency_key: 'k' });
  await until(async () => (await tower.panes()).length > 0);
  await tower.restartDaemon('SIGKILL');
  const layout = await client.settled(created.layout_id);
  expect(statesOf(layout)).toEqual(['ready', 'ready']);
  expect((await tower.panes()).map(({ title }) => title).toSorted()).toEqual(['team-a', 'team-b']);
  expect(await client.create('team', 'slowly', { idempotency_key: 'k' })).toMatchObject({
    layout_id: created.layout_id,
    replay: true,
  });
});

test('a request that was answered outlives the daemon, whatever it was', async () => {
  const layout = await make('team', 'trio');
  const [a, b, c] = layout.panes.map(({ pane_id }) => pane_id);
  await client.get('pane.remove', { pane_id: a });
  await tower.restartDaemon('SIGKILL');
  await client.get('pane.remove', { pane_id: b });
  const successor = await client.get<{ pane_id: string }>('pane.recreate', {
    predecessor_pane_id: a,
  });
  await tower.restartDaemon('SIGKILL');
  const after = await client.settled(layout.layout_id);
  const states = new Map(after.panes.map(({ pane_id, state }) => [pane_id, state]));
  expect(states.get(a ?? '')).toBe('removed');
  expect(states.get(b ?? '')).toBe('removed');
  expect(states.get(c ?? '')).toBe('ready');
  expect(states.get(successor.pane_id)).toBe('ready');
  await until(async () => (await tower.panes()).length === 2);
});

test('failed and removed panes stay what they are over two restarts', async () => {
  const layout = await make('team', 'trio');
  await client.get('pane.remove', { pane_id: layout.panes[0]?.pane_id ?? '' });
  await until(async () => (await tower.panes()).length === 2);
  const pane = (await tower.panes()).find(({ title }) => title === 'team-b');
  await tower.tmux('kill-pane', '-t', pane?.id ?? '');
  const before = await until(
    async () => {
      const now = await client.detail(layout.layout_id);
      return now.state === 'failed' ? now : undefined;
    },
    { timeoutMs: 10_000, label: 'the layout is failed' },
  );
  await tower.restartDaemon('SIGKILL');
  await tower.restartDaemon('SIGTERM');
  expect((await client.detail(layout.layout_id)).panes).toEqual(before.panes);
});
