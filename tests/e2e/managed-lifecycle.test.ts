import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import {
  type Created,
  type ManagedClient,
  NAMESPACES,
  openClient,
  type Pane,
  type Recreated,
} from './support/managed-client.ts';
import {
  type FileEvent,
  findSequenceGaps,
  readEvents,
  writeCatalog,
  writeTemplate,
} from './support/managed-files.ts';
import { startTower, type Tower } from './support/tower.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const AGENT = /^agt_[0-9a-f]{12}$/;

let tower: Tower;
beforeAll(async () => {
  tower = await startTower();
  writeCatalog(tower.paths.configDir);
});
afterAll(() => tower.stop());

/** The contract's events of one layout and its panes, once there are so many. */
function eventsOf(layout: LayoutIds, count: number): Promise<readonly FileEvent[]> {
  const ids = new Set<string | null>(layout.panes.map(({ pane_id }) => pane_id));
  return until(
    () => {
      const events = readEvents(tower.paths.eventsFile).filter(
        ({ layout_id, pane_id, event_type }) =>
          (layout_id === layout.layout_id || ids.has(pane_id)) && event_type.startsWith('managed_'),
      );
      return events.length >= count ? events : undefined;
    },
    { timeoutMs: 10_000, label: `${count} events of layout ${layout.layout_id}` },
  );
}

interface LayoutIds {
  readonly layout_id: string;
  readonly panes: readonly { readonly pane_id: string }[];
}

function typesOf(events: readonly FileEvent[]): readonly string[] {
  return events.map(({ event_type }) => event_type.replace('managed_', ''));
}

function only<T>(items: readonly T[]): T {
  expect(items).toHaveLength(1);
  return items[0] as T;
}

/** A session name that no other test uses. */
function nameFor({ namespace }: ManagedClient, what: string): string {
  return `${what}-${namespace === 'managed' ? 'l' : 'p'}`;
}

/** Makes a settled layout of one template. */
async function make(client: ManagedClient, what: string, template: string) {
  const created = await client.create(nameFor(client, what), template);
  return await client.settled(created.layout_id);
}

async function recreate(
  client: ManagedClient,
  paneId: string,
  more: object = {},
): Promise<Recreated> {
  return await client.get('pane.recreate', { predecessor_pane_id: paneId, ...more });
}

const remove = (client: ManagedClient, paneId: string): Promise<unknown> =>
  client.get('pane.remove', { pane_id: paneId });

async function liveIn(session: string): Promise<readonly string[]> {
  const panes = await tower.panes();
  return panes.filter((pane) => pane.session === session).map(({ title }) => title);
}

const killPane = async (title: string): Promise<void> => {
  const pane = (await tower.panes()).find((each) => each.title === title);
  await tower.tmux('kill-pane', '-t', pane?.id ?? '');
};

describe.each(NAMESPACES)('over %s, a 1m+2s', (namespace) => {
  let client: ManagedClient;
  let created: Created;
  let session: string;
  beforeAll(async () => {
    client = await openClient(tower.paths.socket, namespace);
    session = nameFor(client, 'work');
    const launches = { 'master:m1': 'quick', 'slave:s1': 'quick', 'slave:s2': 'other' };
    created = await client.create(session, '1m+2s', {
      launch_command_overrides: launches,
      idempotency_key: session,
    });
  });
  afterAll(async () => {
    await client.get('layout.remove', { layout_id: created.layout_id });
    await client.settled(created.layout_id);
  });

  test('is answered as being made, with exactly the fields of the contract', () => {
    const pane = (role: string, label: string): object => ({
      pane_id: expect.stringMatching(UUID),
      role,
      label,
      state: 'creating',
    });
    expect(created).toEqual({
      layout_id: expect.stringMatching(UUID),
      state: 'creating',
      intended_pane_count: 3,
      panes: [pane('master', 'm1'), pane('slave', 's1'), pane('slave', 's2')],
      replay: false,
    });
  });

  test('becomes ready, with agents, logs and titles', async () => {
    const layout = await client.settled(created.layout_id);
    const pane = (at: number, role: string, label: string): object => ({
      pane_id: created.panes[at]?.pane_id,
      layout_id: created.layout_id,
      container_id: 'local',
      role,
      capability: role === 'master' ? 'orchestrator' : 'worker',
      label,
      state: 'ready',
      tmux_session_name: session,
      tmux_pane_index: at,
      chain_depth: 0,
      agent_id: expect.stringMatching(AGENT),
      predecessor_id: null,
      log_attached: true,
      origin: 'managed',
    });
    expect(layout).toEqual({
      layout_id: created.layout_id,
      container_id: 'local',
      template_name: '1m+2s',
      state: 'ready',
      failed_stage: null,
      intended_pane_count: 3,
      panes: [pane(0, 'master', 'm1'), pane(1, 'slave', 's1'), pane(2, 'slave', 's2')],
      created_at: expect.stringMatching(TIMESTAMP),
      updated_at: expect.stringMatching(TIMESTAMP),
      origin: 'managed',
    });
    expect((await liveIn(session)).toSorted()).toEqual(['m1', 's1', 's2']);
    expect(new Set(layout.panes.map(({ agent_id }) => agent_id)).size).toBe(3);
  });

  test('tells fourteen events in order, seven of the operator', async () => {
    await client.settled(created.layout_id);
    const events = await eventsOf(created, 14);
    expect(typesOf(events.slice(0, 7))).toEqual([
      'layout_created',
      ...[...created.panes].flatMap(() => ['pane_created', 'pane_pending_marker_set']),
    ]);
    expect(events.map(({ actor }) => actor)).toEqual([
      ...Array<string>(7).fill('operator'),
      ...Array<string>(7).fill('daemon'),
    ]);
    expect(typesOf(events.slice(13))).toEqual(['layout_state_changed']);
    expect(events).toHaveLength(14);
    for (const { pane_id } of created.panes) {
      const own = events.filter((event) => event.pane_id === pane_id);
      expect(typesOf(own)).toEqual([
        'pane_created',
        'pane_pending_marker_set',
        'pane_pending_marker_cleared',
        'pane_state_changed',
      ]);
      expect(own.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    }
    const ofLayout = events.filter((event) => event.pane_id === null);
    expect(ofLayout.map(({ sequence }) => sequence)).toEqual([0, 1]);
  });

  test('tells its events with exactly the payloads of the contract', async () => {
    await client.settled(created.layout_id);
    const events = await eventsOf(created, 14);
    const first = created.panes[0]?.pane_id ?? '';
    const told = (type: string): FileEvent | undefined =>
      events.find(
        ({ event_type, pane_id }) =>
          event_type === `managed_${type}` && (pane_id === null || pane_id === first),
      );
    const { layout_id } = created;
    expect(told('layout_created')).toMatchObject({
      origin: 'managed',
      layout_id,
      pane_id: null,
      timestamp: expect.stringMatching(TIMESTAMP),
    });
    expect(told('layout_created')?.payload).toEqual({
      template_name: '1m+2s',
      container_id: 'local',
      intended_pane_count: 3,
    });
    expect(told('pane_created')).toMatchObject({ layout_id, pane_id: first });
    expect(told('pane_created')?.payload).toEqual({
      role: 'master',
      label: 'm1',
      tmux_session_name: session,
      tmux_pane_index: 0,
    });
    expect(told('pane_pending_marker_set')).toMatchObject({ layout_id: null, pane_id: first });
    expect(told('pane_pending_marker_set')?.payload).toEqual({ marker_token: session });
    expect(told('pane_pending_marker_cleared')).toMatchObject({ layout_id: null, pane_id: first });
    expect(told('pane_pending_marker_cleared')?.payload).toEqual({ marker_token: session });
    expect(told('pane_state_changed')).toMatchObject({ layout_id, pane_id: first });
    expect(told('pane_state_changed')?.payload).toEqual({
      prev_state: 'creating',
      new_state: 'ready',
    });
    expect(told('layout_state_changed')).toMatchObject({ layout_id, pane_id: null });
    expect(told('layout_state_changed')?.payload).toEqual({
      prev_state: 'creating',
      new_state: 'ready',
    });
  });

  test('is replayed by its key, whatever else is asked for', async () => {
    await client.settled(created.layout_id);
    const replay = await client.create('elsewhere', 'nope', {
      idempotency_key: session,
      launch_command_overrides: { 'slave:s1': 'nope' },
    });
    expect(replay).toEqual({
      ...created,
      state: 'ready',
      panes: created.panes.map((pane) => ({ ...pane, state: 'ready' })),
      replay: true,
    });
  });

  test('is not replayed past a wrong identifier or an unknown container', async () => {
    const again = { template_name: '1m+2s', idempotency_key: session };
    const ask = (more: object) => client.ask('layout.create', { ...again, ...more });
    const wrongName = await ask({ container_id: 'local', tmux_session_name: 'a b' });
    expect(wrongName.error?.code).toBe('validation_failed');
    const wrongPlace = await ask({ container_id: 'nope', tmux_session_name: session });
    expect(wrongPlace.error?.code).toBe('container_not_found');
  });
});

describe.each(NAMESPACES)('over %s', (namespace) => {
  let client: ManagedClient;
  beforeAll(async () => {
    client = await openClient(tower.paths.socket, namespace);
  });

  test('a session name that ends in a part of another is free', async () => {
    const long = nameFor(client, 'prefix-long');
    await client.create(long, 'solo');
    const short = await client.create(long.slice(0, 8), 'solo');
    expect((await client.settled(short.layout_id)).state).toBe('ready');
    await client.get('layout.remove', { layout_id: short.layout_id });
  });

  test('a pane that is being made cannot be removed', async () => {
    writeTemplate(tower.paths.configDir, 'slowly', ['{layout}-a'], 'slow');
    const created = await client.create(nameFor(client, 'slowly'), 'slowly');
    const { pane_id } = only(created.panes);
    expect((await client.ask('pane.remove', { pane_id })).error).toMatchObject({
      code: 'managed_pane_illegal_transition',
      details: { pane_id, current_state: 'creating', requested_action: 'remove' },
    });
    const refusal = await client.ask('pane.recreate', { predecessor_pane_id: pane_id });
    expect(refusal.error).toMatchObject({
      code: 'managed_pane_illegal_recreate_source',
      details: { predecessor_pane_id: pane_id, current_state: 'creating' },
    });
    expect((await tower.panes()).map(({ title }) => title)).not.toContain(
      nameFor(client, 'slowly-a'),
    );
  });

  test('a layout is made while another one is still being made', async () => {
    writeTemplate(tower.paths.configDir, 'slowly', ['{layout}-a'], 'slow');
    const slow = await client.create(nameFor(client, 'slow-one'), 'slowly');
    const quick = await make(client, 'quick-one', 'solo');
    expect(quick.state).toBe('ready');
    expect((await client.detail(slow.layout_id)).state).toBe('creating');
    expect((await client.settled(slow.layout_id)).state).toBe('ready');
  });

  test('removing a pane ends it in tmux and leaves its siblings and its history', async () => {
    const layout = await make(client, 'removal', 'pair');
    const [first] = layout.panes;
    expect(await remove(client, first?.pane_id ?? '')).toEqual({
      pane_id: first?.pane_id,
      state: 'removed',
    });
    const after = await client.detail(layout.layout_id);
    expect(after.state).toBe('ready');
    expect(after.panes.map(({ state }) => state)).toEqual(['removed', 'ready']);
    await until(async () => (await liveIn(nameFor(client, 'removal'))).length === 1);
    expect(await liveIn(nameFor(client, 'removal'))).toEqual([nameFor(client, 'removal') + '-b']);
    const events = (await eventsOf(layout, 12)).slice(10);
    expect(typesOf(events)).toEqual(['pane_removed', 'pane_state_changed']);
    expect(events.map(({ actor }) => actor)).toEqual(['operator', 'operator']);
    expect(events[0]?.payload).toEqual({ tmux_kill_succeeded: true });
    expect(events[1]?.payload).toEqual({ prev_state: 'ready', new_state: 'removed' });
  });

  test('removed panes are hidden in the detail unless asked for', async () => {
    const layout = await make(client, 'hiding', 'pair');
    await remove(client, layout.panes[0]?.pane_id ?? '');
    const { layout_id } = layout;
    const shown = async (more: object) =>
      (await client.get<{ panes: readonly Pane[] }>('layout.detail', { layout_id, ...more })).panes
        .length;
    expect(await shown({})).toBe(1);
    expect(await shown({ include_terminal_panes: false })).toBe(1);
    expect(await shown({ include_terminal_panes: true })).toBe(2);
    expect(await shown({ include_terminal_panes: 'yes' })).toBe(2);
  });

  test('removing a pane twice is one removal', async () => {
    const layout = await make(client, 'twice', 'solo');
    const { pane_id } = only(layout.panes);
    await remove(client, pane_id);
    const events = await eventsOf(layout, 9);
    expect(await remove(client, pane_id)).toEqual({ pane_id, state: 'removed' });
    expect((await client.detail(layout.layout_id)).state).toBe('removed');
    expect(typesOf(await eventsOf(layout, 9))).toEqual(typesOf(events));
    expect(typesOf(events).slice(-3)).toEqual([
      'pane_removed',
      'pane_state_changed',
      'layout_state_changed',
    ]);
  });

  test('a pane of a removed layout is recreated into a session made anew', async () => {
    const layout = await make(client, 'revival', 'pair');
    for (const { pane_id } of layout.panes) await remove(client, pane_id);
    expect((await client.detail(layout.layout_id)).state).toBe('removed');
    const predecessor = layout.panes[1]?.pane_id ?? '';
    const recreated = await recreate(client, predecessor);
    expect(recreated).toEqual({
      pane_id: expect.stringMatching(UUID),
      predecessor_id: predecessor,
      chain_depth: 1,
      state: 'creating',
      replay: false,
    });
    const after = await client.settled(layout.layout_id);
    expect(after.state).toBe('ready');
    expect(await liveIn(nameFor(client, 'revival'))).toEqual([nameFor(client, 'revival') + '-b']);
  });

  test('slot 0 is recreated while its siblings live', async () => {
    const layout = await make(client, 'slot0', 'trio');
    const [first] = layout.panes;
    await remove(client, first?.pane_id ?? '');
    const { pane_id } = await recreate(client, first?.pane_id ?? '');
    expect((await client.detail(layout.layout_id)).state).toBe('creating');
    const after = await client.settled(layout.layout_id);
    expect(after.state).toBe('ready');
    const successor = after.panes.find((pane) => pane.pane_id === pane_id);
    expect(successor).toMatchObject({
      role: first?.role,
      label: first?.label,
      tmux_pane_index: 0,
      chain_depth: 1,
      predecessor_id: first?.pane_id,
      state: 'ready',
    });
    expect(after.panes.slice(0, 2).map((pane) => pane.pane_id)).toEqual([first?.pane_id, pane_id]);
    expect((await liveIn(nameFor(client, 'slot0'))).length).toBe(3);
    const own = (
      await eventsOf({ layout_id: layout.layout_id, panes: [...after.panes] }, 22)
    ).filter((event) => event.pane_id === pane_id);
    expect(typesOf(own)).toEqual([
      'pane_recreated',
      'pane_pending_marker_set',
      'pane_pending_marker_cleared',
      'pane_state_changed',
    ]);
    expect(own[0]).toMatchObject({
      actor: 'operator',
      layout_id: layout.layout_id,
      payload: { predecessor_id: first?.pane_id, chain_depth: 1 },
    });
  });

  test('a successor is started from the profile that the request names', async () => {
    const layout = await make(client, 'profile', 'solo');
    const { pane_id } = only(layout.panes);
    await remove(client, pane_id);
    await recreate(client, pane_id, { launch_command_override: 'other' });
    expect((await client.settled(layout.layout_id)).state).toBe('ready');
    const id = (await tower.panes()).find(
      ({ session }) => session === nameFor(client, 'profile'),
    )?.id;
    await until(async () => /other/.test(await tower.tmux('capture-pane', '-p', '-t', id ?? '')));
  });

  test('a recreate is replayed by its key while and after it is made', async () => {
    const layout = await make(client, 'replay', 'solo');
    const { pane_id } = only(layout.panes);
    await remove(client, pane_id);
    const key = { idempotency_key: nameFor(client, 'again') };
    const first = await recreate(client, pane_id, key);
    expect(await recreate(client, pane_id, key)).toMatchObject({
      pane_id: first.pane_id,
      replay: true,
    });
    await client.settled(layout.layout_id);
    expect(await recreate(client, pane_id, key)).toEqual({
      ...first,
      state: 'ready',
      replay: true,
    });
    await remove(client, first.pane_id);
    expect(await recreate(client, pane_id, key)).toMatchObject({ state: 'removed', replay: true });
    const layout2 = await client.detail(layout.layout_id);
    expect(layout2.panes).toHaveLength(2);
  });

  test('a second successor is refused while the first one lives', async () => {
    const layout = await make(client, 'second', 'solo');
    const { pane_id } = only(layout.panes);
    await remove(client, pane_id);
    const first = await recreate(client, pane_id);
    const refusal = {
      code: 'managed_pane_concurrent_recreate',
      details: { predecessor_pane_id: pane_id, in_flight_successor_pane_id: first.pane_id },
    };
    const ask = () => client.ask('pane.recreate', { predecessor_pane_id: pane_id });
    expect((await ask()).error).toMatchObject(refusal);
    await client.settled(layout.layout_id);
    expect((await ask()).error).toMatchObject(refusal);
    await remove(client, first.pane_id);
    expect((await ask()).ok).toBe(true);
  });

  test('of many recreates at once one makes a pane', async () => {
    const layout = await make(client, 'race', 'solo');
    const { pane_id } = only(layout.panes);
    await remove(client, pane_id);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        client.ask('pane.recreate', { predecessor_pane_id: pane_id }),
      ),
    );
    const codes = answers.map(({ error }) => error?.code ?? 'ok').toSorted();
    expect(codes).toEqual([...Array<string>(9).fill('managed_pane_concurrent_recreate'), 'ok']);
    expect((await client.settled(layout.layout_id)).panes).toHaveLength(2);
    expect(await liveIn(nameFor(client, 'race'))).toHaveLength(1);
  });

  test('of many creates at once with one key one makes a layout', async () => {
    const key = { idempotency_key: nameFor(client, 'one-key') };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => client.create(nameFor(client, 'keyed'), 'solo', key)),
    );
    expect(new Set(answers.map(({ layout_id }) => layout_id)).size).toBe(1);
    expect(answers.filter(({ replay }) => !replay)).toHaveLength(1);
  });

  test('of many creates at once for one session one makes it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        client.ask('layout.create', {
          container_id: 'local',
          template_name: 'solo',
          tmux_session_name: nameFor(client, 'contested'),
        }),
      ),
    );
    const codes = answers.map(({ error }) => error?.code ?? 'ok').toSorted();
    expect(codes).toEqual([...Array<string>(9).fill('managed_session_name_conflict'), 'ok']);
  });

  test('a pane killed from outside is failed, and recreating it makes all ready again', async () => {
    const layout = await make(client, 'killed', 'pair');
    await killPane(nameFor(client, 'killed') + '-a');
    const lost = await until(
      async () => {
        const now = await client.detail(layout.layout_id);
        return now.state === 'failed' ? now : undefined;
      },
      { timeoutMs: 10_000, label: 'the layout is failed' },
    );
    expect(lost.failed_stage).toBe('recovery_reattach');
    expect(lost.panes.map(({ state }) => state)).toEqual(['failed', 'ready']);
    expect(lost.panes[0]).toMatchObject({ failed_stage: 'recovery_reattach' });
    await recreate(client, lost.panes[0]?.pane_id ?? '');
    expect(await client.settled(layout.layout_id)).toMatchObject({
      state: 'ready',
      failed_stage: null,
    });
  });

  test('a command that ends at once leaves a degraded pane that can be looked at', async () => {
    writeTemplate(tower.paths.configDir, 'dying', ['{layout}-a', '{layout}-b'], 'dies');
    const session = nameFor(client, 'dying');
    const created = await client.create(session, 'dying', {
      launch_command_overrides: { [`slave:${session}-b`]: 'quick' },
    });
    const layout = await client.settled(created.layout_id);
    expect(layout).toMatchObject({ state: 'degraded', failed_stage: 'launch_command' });
    expect(layout.panes.map(({ state }) => state)).toEqual(['degraded', 'ready']);
    expect(layout.panes[0]).toMatchObject({ failed_stage: 'launch_command' });
    const [dead] = (await tower.panes()).filter((pane) => pane.session === session && pane.dead);
    expect(dead).toMatchObject({ deadStatus: '7' });
    const own = (await eventsOf(layout, 11)).filter(
      ({ pane_id }) => pane_id === layout.panes[0]?.pane_id,
    );
    expect(typesOf(own).slice(2)).toEqual([
      'pane_launch_command_exited',
      'pane_pending_marker_cleared',
      'pane_state_changed',
    ]);
    expect(own[2]?.payload).toEqual({ exit_code: 7, elapsed_ms: expect.any(Number) });
    expect(own[4]?.payload).toEqual({
      prev_state: 'creating',
      new_state: 'degraded',
      failed_stage: 'launch_command',
    });
    expect(await remove(client, layout.panes[0]?.pane_id ?? '')).toMatchObject({
      state: 'removed',
    });
    await until(async () => (await liveIn(session)).length === 1);
  });

  test('a command that is not there is told as such', async () => {
    const session = nameFor(client, 'missing');
    writeTemplate(tower.paths.configDir, 'lost', ['{layout}-a'], 'lost');
    writeCatalogProfile('lost', { command: ['/no/such/program'], settle: '500ms' });
    const created = await client.create(session, 'lost');
    expect(await client.settled(created.layout_id)).toMatchObject({
      state: 'degraded',
      failed_stage: 'launch_command',
    });
  });

  test('a chain ends at depth 15', async () => {
    const layout = await make(client, 'chain', 'solo');
    let { pane_id } = only(layout.panes);
    for (let depth = 1; depth <= 15; depth += 1) {
      await remove(client, pane_id);
      const next = await recreate(client, pane_id);
      expect(next.chain_depth).toBe(depth);
      await client.settled(layout.layout_id);
      pane_id = next.pane_id;
    }
    await remove(client, pane_id);
    expect(
      (await client.ask('pane.recreate', { predecessor_pane_id: pane_id })).error,
    ).toMatchObject({
      code: 'managed_pane_recreate_chain_too_deep',
      details: { predecessor_pane_id: pane_id, predecessor_chain_depth: 15, limit: 16 },
    });
    const detail = await client.get<{ predecessor_chain: readonly { chain_depth: number }[] }>(
      'pane.detail',
      { pane_id, include_predecessor_chain: 1 },
    );
    const depths = detail.predecessor_chain.map(({ chain_depth }) => chain_depth);
    expect(depths.toSorted((a, b) => b - a)).toEqual(depths);
    expect(depths.at(-1)).toBe(0);
    expect(detail.predecessor_chain.at(-1)).toEqual({
      pane_id: only(layout.panes).pane_id,
      state: 'removed',
      chain_depth: 0,
      predecessor_id: null,
    });
  });

  test('a pane without a predecessor has no chain to show', async () => {
    const layout = await make(client, 'nochain', 'solo');
    const { pane_id } = only(layout.panes);
    const keys = `agent_id capability chain_depth container_id label layout_id log_attached origin
      pane_id predecessor_id role state tmux_pane_index tmux_session_name`.split(/\s+/);
    for (const more of [{}, { include_predecessor_chain: true }]) {
      const detail = await client.get<object>('pane.detail', { pane_id, ...more });
      expect(Object.keys(detail).toSorted()).toEqual(keys);
    }
  });

  test('removing a layout removes every pane of it', async () => {
    const layout = await make(client, 'whole', 'trio');
    const { layout_id } = layout;
    const answer = await client.get<object>('layout.remove', { layout_id });
    expect(Object.keys(answer).toSorted()).toEqual(['layout_id', 'state']);
    await until(async () => (await liveIn(nameFor(client, 'whole'))).length === 0);
    const after = await client.settled(layout_id);
    expect(after.state).toBe('removed');
    expect(after.panes.map(({ state }) => state)).toEqual(['removed', 'removed', 'removed']);
    expect(await client.get('layout.remove', { layout_id })).toEqual({
      layout_id,
      state: 'removed',
    });
  });

  test('a layout that is removed while it is being made is gone in the end', async () => {
    writeTemplate(tower.paths.configDir, 'slowly', ['{layout}-a'], 'slow');
    const session = nameFor(client, 'changed-mind');
    const { layout_id } = await client.create(session, 'slowly');
    await client.get('layout.remove', { layout_id });
    expect(await client.settled(layout_id)).toMatchObject({ state: 'removed' });
    await until(async () => (await liveIn(session)).length === 0);
  });

  test('a log that cannot be had leaves a degraded pane that works', async () => {
    const { logsDir } = tower.paths;
    renameSync(logsDir, `${logsDir}.away`);
    writeFileSync(logsDir, 'in the way');
    try {
      const session = nameFor(client, 'unlogged');
      const created = await client.create(session, 'solo');
      const layout = await client.settled(created.layout_id);
      expect(layout).toMatchObject({ state: 'degraded', failed_stage: 'log_attach' });
      expect(layout.panes).toMatchObject([{ state: 'degraded', log_attached: false }]);
      expect(await liveIn(session)).toHaveLength(1);
      const events = await eventsOf(layout, 7);
      expect(typesOf(events).slice(3)).toEqual([
        'pane_log_attach_failed',
        'pane_pending_marker_cleared',
        'pane_state_changed',
        'layout_state_changed',
      ]);
      expect(events[3]?.payload).toEqual({ reason: expect.stringMatching(/./) });
    } finally {
      rmSync(logsDir);
      renameSync(`${logsDir}.away`, logsDir);
    }
  });

  test('a replay shows removed and recreated panes too', async () => {
    const session = nameFor(client, 'memory');
    const key = { idempotency_key: session };
    const created = await client.create(session, 'solo', key);
    await client.settled(created.layout_id);
    await remove(client, only(created.panes).pane_id);
    const { pane_id } = await recreate(client, only(created.panes).pane_id);
    await client.settled(created.layout_id);
    const replay = await client.create(session, 'solo', key);
    expect(replay.panes.map((pane) => [pane.pane_id, pane.state])).toEqual([
      [only(created.panes).pane_id, 'removed'],
      [pane_id, 'ready'],
    ]);
  });

  test('a label is free again once its pane is removed', async () => {
    const first = await make(client, 'label-a', 'fixed');
    await remove(client, only(first.panes).pane_id);
    const second = await make(client, 'label-b', 'fixed');
    expect(second.state).toBe('ready');
    const refusal = await client.ask('pane.recreate', {
      predecessor_pane_id: only(first.panes).pane_id,
    });
    expect(refusal.error).toMatchObject({
      code: 'managed_pane_label_conflict',
      details: { container_id: 'local', label: 'fix1' },
    });
    await remove(client, only(second.panes).pane_id);
  });

  test('secret values of the environment are told nowhere', async () => {
    const session = nameFor(client, 'secret');
    const created = await client.create(session, 'solo', {
      launch_command_overrides: { [`slave:${session}-a`]: 'secret' },
    });
    const layout = await client.settled(created.layout_id);
    const events = await eventsOf(layout, 6);
    expect(JSON.stringify(events)).not.toMatch(/s3cr3t|sleep|argv|"env"/);
    expect(await tower.done('get', 'layouts', '-o', 'json')).not.toContain('s3cr3t');
  });
});

test('after all of this no sequence has a gap', () => {
  const events = readEvents(tower.paths.eventsFile);
  expect(events.length).toBeGreaterThan(100);
  expect(findSequenceGaps(events)).toEqual([]);
});

function writeCatalogProfile(name: string, profile: object): void {
  const directory = join(tower.paths.configDir, 'launch_commands');
  writeFileSync(join(directory, `${name}.yaml`), JSON.stringify({ name, ...profile }));
}
