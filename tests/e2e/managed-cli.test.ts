import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LayoutView } from '../../src/surfaces/api/protocol.ts';
import { until } from '../support/until.ts';
import type { Created, Items, Layout, Pane, Recreated } from './support/managed-client.ts';
import { writeCatalog } from './support/managed-files.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

let tower: Tower;
beforeAll(async () => {
  tower = await startTower();
  writeCatalog(tower.paths.configDir);
});
afterAll(() => tower.stop());

async function json<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse(await tower.done('managed', ...args, '--json')) as T;
}

const create = (session: string, template: string, ...more: readonly string[]) =>
  json<Created & { layout: Layout }>(
    'layout',
    'create',
    '--wait',
    `--session=${session}`,
    `--template=${template}`,
    ...more,
  );

test('a layout is made, listed, shown and removed by hand', async () => {
  const { layout_id, layout } = await create('hand', 'pair', '--launch', 'slave:hand-a=other');
  expect(layout.state).toBe('ready');
  const list = await json<Items<{ layout_id: string }>>('layout', 'list', '--state', 'ready');
  expect(list.items.map((item) => item.layout_id)).toContain(layout_id);
  const [first] = layout.panes;
  const paneId = first?.pane_id ?? '';
  expect(await json('pane', 'remove', paneId)).toEqual({ pane_id: paneId, state: 'removed' });
  const recreated = await json<Recreated>('pane', 'recreate', paneId, '--wait');
  const shown = await json<Pane & { predecessor_chain: readonly unknown[] }>(
    'pane',
    'detail',
    recreated.pane_id,
    '--chain',
  );
  expect(shown).toMatchObject({ state: 'ready', predecessor_id: paneId });
  expect(shown.predecessor_chain).toHaveLength(1);
  const panes = await json<Items<Pane>>('pane', 'list', '--layout', layout_id);
  expect(panes.items).toHaveLength(3);
  await tower.done('managed', 'layout', 'remove', layout_id);
  await until(async () => (await json<Layout>('layout', 'detail', layout_id)).state === 'removed');
});

test('what is refused ends with the exit code of its kind', async () => {
  const args = ['managed', 'layout', 'create', '--session', 'a b', '--template', 'solo'];
  expect(await tower.cli(args)).toMatchObject({ code: 3, stdout: '' });
  const unknown = await tower.cli(['managed', 'pane', 'detail', 'nobody']);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringMatching(/^error: .*nobody/)]);
});

test('a layout made by request is listed beside the others, as imperative', async () => {
  await create('beside', 'solo');
  const layout = (await tower.layouts()).find(({ session }) => session === 'beside');
  expect(layout).toMatchObject({
    source: { kind: 'imperative' },
    sync: 'Synced',
    health: 'Healthy',
    ready_panes: 1,
  });
});

test.each(['pair', '1m+2s'])('an exported %s, applied, changes nothing', async (template) => {
  const session = `export${template.length}`;
  const launches = template === 'pair' ? [] : ['master:m1=secret', 'slave:s1=quick'];
  await create(session, template, ...launches.flatMap((each) => ['--launch', each]));
  const before = await layoutOf(session);
  const text = await tower.done('export', `layout/${before.name}`);
  expect(text.includes('s3cr3t-value')).toBe(launches.length > 0);
  const file = writeIn(tower.directory, `${session}.yaml`, text);
  const plan = await tower.cli(['plan', '-f', file, '--detailed-exitcode']);
  expect(plan).toMatchObject({ code: 0 });
  const applied = await tower.done('apply', '-f', file, '--wait');
  expect(applied).toContain(`layout/${before.name} unchanged`);
  const after = await layoutOf(session);
  expect(after.generation).toBe(before.generation);
  expect(after.panes.map(({ pane_id, pid }) => [pane_id, pid])).toEqual(
    before.panes.map(({ pane_id, pid }) => [pane_id, pid]),
  );
  expect(await tower.done('export', `layout/${before.name}`)).toBe(text);
});

test('an exported layout that was declared, applied, changes nothing', async () => {
  const panes = [pane('a', { env: { GREETING: 'good: "morning"' } }), pane('b', { after: ['a'] })];
  const file = writeIn(tower.directory, 'declared.yaml', layoutText('declared', panes));
  await tower.done('apply', '-f', file, '--wait');
  writeIn(tower.directory, 'declared.yaml', await tower.done('export', 'layout/declared'));
  const before = await layoutOf('declared');
  await tower.done('apply', '-f', file, '--wait');
  expect((await layoutOf('declared')).generation).toBe(before.generation);
});

test('a pane of a declared layout that is removed by request stays down until it is recreated', async () => {
  const file = writeIn(tower.directory, 'held.yaml', layoutText('held', [pane('a'), pane('b')]));
  await tower.done('apply', '-f', file, '--wait');
  const before = await layoutOf('held');
  const paneId = before.panes[0]?.pane_id ?? '';
  await tower.done('managed', 'pane', 'remove', paneId);
  const held = await until(async () => {
    const now = await tower.slot('held/a');
    return now.held === null || now.state !== 'removed' ? undefined : now;
  });
  expect(held.pane_id).toBe(paneId);
  await until(async () => (await titlesIn('held')).length === 1);
  expect(await titlesIn('held')).toEqual(['held-b']);
  await tower.done('managed', 'pane', 'recreate', paneId, '--wait');
  expect(await tower.slot('held/a')).toMatchObject({ held: null, state: 'ready' });
  expect((await titlesIn('held')).toSorted()).toEqual(['held-a', 'held-b']);
});

test('panes of a declared layout stand in the lists by id', async () => {
  const file = writeIn(tower.directory, 'listed.yaml', layoutText('listed', [pane('a')]));
  await tower.done('apply', '-f', file, '--wait');
  const { layout_id } = await layoutOf('listed');
  const { items } = await json<Items<Pane>>('pane', 'list', '--layout', layout_id);
  expect(items).toMatchObject([{ label: 'listed-a', state: 'ready' }]);
});

async function layoutOf(session: string): Promise<LayoutView> {
  const found = (await tower.layouts()).find((layout) => layout.session === session);
  if (found === undefined) throw new Error(`no layout has the session ${session}`);
  return found;
}

async function titlesIn(session: string): Promise<readonly string[]> {
  const panes = await tower.panes();
  return panes.filter((each) => each.session === session).map(({ title }) => title);
}
