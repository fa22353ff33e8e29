import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import {
  type Items,
  type ManagedClient,
  NAMESPACES,
  openClient,
  type Pane,
} from './support/managed-client.ts';
import { writeCatalog, writeTemplate } from './support/managed-files.ts';
import { startTower, type Tower } from './support/tower.ts';

interface Item {
  readonly layout_id: string;
  readonly state: string;
  readonly ready_pane_count: number;
  readonly intended_pane_count: number;
}

/** Layouts by what became of them. */
const ids: Record<'first' | 'second' | 'degraded' | 'failed' | 'removed' | 'creating', string> = {
  first: '',
  second: '',
  degraded: '',
  failed: '',
  removed: '',
  creating: '',
};

let tower: Tower;
beforeAll(async () => {
  tower = await startTower();
  writeCatalog(tower.paths.configDir);
  writeTemplate(tower.paths.configDir, 'dying', ['{layout}-a'], 'dies');
  const client = await openClient(tower.paths.socket, 'managed');
  for (const name of ['first', 'second', 'failed', 'removed'] as const) {
    const { layout_id } = await client.create(name, name === 'second' ? 'trio' : 'pair');
    ids[name] = layout_id;
    await client.settled(layout_id);
  }
  ids.degraded = (await client.create('degraded', 'dying')).layout_id;
  await client.settled(ids.degraded);
  await tower.tmux('kill-session', '-t', '=failed');
  await client.get('layout.remove', { layout_id: ids.removed });
  await until(async () => (await client.detail(ids.removed)).state === 'removed');
  await until(
    async () => (await client.detail(ids.failed)).panes.every(({ state }) => state === 'failed'),
    { timeoutMs: 10_000, label: 'the killed layout is failed' },
  );
});
afterAll(() => tower.stop());

const idsOf = ({ items }: Items<Item>): readonly string[] =>
  items.map(({ layout_id }) => layout_id);
const paneIds = ({ items }: Items<Pane>): readonly string[] => items.map(({ pane_id }) => pane_id);

describe.each(NAMESPACES)('over %s, lists', (namespace) => {
  let client: ManagedClient;
  beforeAll(async () => {
    client = await openClient(tower.paths.socket, namespace);
  });
  const layouts = (params: object = {}): Promise<Items<Item>> => client.get('layout.list', params);
  const panes = (params: object = {}): Promise<Items<Pane>> => client.get('pane.list', params);

  test('a layout has exactly the fields of the contract', async () => {
    const { items } = await layouts();
    expect(items.find(({ layout_id }) => layout_id === ids.second)).toEqual({
      layout_id: ids.second,
      container_id: 'local',
      template_name: 'trio',
      state: 'ready',
      intended_pane_count: 3,
      ready_pane_count: 3,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      origin: 'managed',
    });
  });

  test('layouts are ordered by state, then newest first', async () => {
    const { first, second, degraded, failed, removed } = ids;
    expect(await layouts()).toMatchObject({ next: null });
    expect(idsOf(await layouts())).toEqual([degraded, second, first, failed, removed]);
  });

  test.each([
    ['ready', ['second', 'first']],
    ['degraded', ['degraded']],
    ['failed', ['failed']],
    ['removed', ['removed']],
    ['creating', []],
  ] as const)('layouts can be asked for that are %s', async (state, names) => {
    expect(idsOf(await layouts({ state }))).toEqual(names.map((name) => ids[name]));
  });

  test.each([null, ''])('the state %j asks for all', async (state) => {
    expect((await layouts({ state })).items).toHaveLength(5);
    expect((await panes({ state })).items).toHaveLength(10);
  });

  test.each([
    [1, 1],
    [2, 2],
    [0, 1],
    [-5, 1],
    [true, 1],
    [false, 1],
    [1_000, 5],
    ['1', 5],
    [1.5, 5],
    [null, 5],
    [{}, 5],
  ])('the limit %j gives %i layouts', async (limit, count) => {
    const page = await layouts({ limit });
    expect(page.items).toHaveLength(count);
    expect(page.next).toBe(count < 5 ? page.items.at(-1)?.layout_id : null);
  });

  test.each([1, 2, 3, 4, 5])('pages of %i layouts are the whole list', async (limit) => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Items<Item> = await layouts({ limit, after });
      seen.push(...idsOf(page));
      after = page.next;
    } while (after !== null);
    expect(seen).toEqual(idsOf(await layouts()));
  });

  test.each([1, 3, 4, 200])('pages of %i panes are the whole list', async (limit) => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Items<Pane> = await panes({ limit, after });
      seen.push(...paneIds(page));
      after = page.next;
    } while (after !== null);
    expect(seen).toEqual(paneIds(await panes()));
    expect(new Set(seen).size).toBe(10);
  });

  test('panes are ordered by state, layout, slot', async () => {
    const { items } = await panes();
    const rank = ['creating', 'degraded', 'ready', 'failed', 'removed'];
    const keys = items.map(
      ({ state, layout_id, tmux_pane_index }) =>
        `${rank.indexOf(state)} ${layout_id} ${tmux_pane_index}`,
    );
    expect(keys).toEqual(keys.toSorted());
  });

  test('panes can be asked for by layout, and a layout of nobody has none', async () => {
    expect((await panes({ layout_id: ids.second })).items.map(({ label }) => label)).toEqual([
      'second-a',
      'second-b',
      'second-c',
    ]);
    expect(await panes({ layout_id: 'nobody' })).toEqual({ items: [], next: null });
  });

  test('panes can be asked for by one state or several', async () => {
    expect((await panes({ state: 'ready' })).items).toHaveLength(5);
    const both = await client.ask('pane.list', { state: ['failed', 'removed'] });
    expect((both.result as Items<Pane>).items).toHaveLength(4);
    expect((await panes({ state: 'ready', layout_id: ids.removed })).items).toEqual([]);
  });

  test('a pane in a list is the pane of its detail, with its stage only if there is one', async () => {
    const { items } = await panes();
    for (const item of items) expect(await client.pane(item.pane_id)).toEqual(item);
    expect(items.filter((item) => 'failed_stage' in item).map(({ state }) => state)).toEqual([
      'degraded',
      'failed',
      'failed',
    ]);
  });

  test('the container narrows, and one of nobody is empty', async () => {
    expect((await layouts({ container_id: 'local' })).items).toHaveLength(5);
    expect(await layouts({ container_id: 'nope' })).toEqual({ items: [], next: null });
    expect(await panes({ container_id: 'nope' })).toEqual({ items: [], next: null });
  });

  test('a cursor of nobody gives an empty page', async () => {
    expect(await layouts({ after: 'nobody' })).toEqual({ items: [], next: null });
    expect(await panes({ after: 'nobody' })).toEqual({ items: [], next: null });
  });

  test('a cursor stands where its row stands, also among others', async () => {
    expect(idsOf(await layouts({ after: ids.second }))).toEqual([
      ids.first,
      ids.failed,
      ids.removed,
    ]);
    expect(idsOf(await layouts({ after: ids.second, state: 'failed' }))).toEqual([ids.failed]);
    expect(idsOf(await layouts({ after: ids.failed, state: 'ready' }))).toEqual([]);
  });

  test('params that nobody knows are ignored', async () => {
    expect((await layouts({ color: 'red', __proto__: 5 })).items).toHaveLength(5);
  });
});

test('what is being made comes first in a list', async () => {
  const client = await openClient(tower.paths.socket, 'managed');
  writeTemplate(tower.paths.configDir, 'slowly', ['{layout}-a'], 'slow');
  const { layout_id } = await client.create('creating', 'slowly');
  const { items } = await client.get<Items<Item>>('layout.list');
  expect(items[0]).toMatchObject({ layout_id, state: 'creating', ready_pane_count: 0 });
  const listed = await client.get<Items<Pane>>('pane.list', { state: 'creating' });
  expect(listed.items).toMatchObject([
    { layout_id, agent_id: null, log_attached: expect.any(Boolean) },
  ]);
});
