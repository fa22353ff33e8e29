import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LayoutView, SourceView } from '../../src/surfaces/api/protocol.ts';
import { until } from '../support/until.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

let tower: Tower;
let watched: string;
beforeAll(async () => {
  tower = await startTower();
  watched = join(tower.directory, 'agents');
  mkdirSync(watched);
  writeIn(watched, 'one.yaml', layoutText('one', [pane('a')]));
  writeIn(watched, 'deep/two.yaml', layoutText('two', [pane('a'), pane('b')]));
});
afterAll(() => tower.stop());

async function source(): Promise<SourceView> {
  const { items } = await tower.call<{ items: readonly SourceView[] }>('source.list');
  const [view] = items;
  if (view === undefined) throw new Error('there is no source');
  return view;
}

const names = async () => (await tower.layouts()).map(({ name }) => name).toSorted();
const titles = async () => (await tower.panes()).map(({ title }) => title).toSorted();
const isWell = ({ sync, health, generation, observed_generation }: LayoutView) =>
  sync === 'Synced' && health === 'Healthy' && generation === observed_generation;

async function healthy(...wanted: readonly string[]): Promise<void> {
  await until(
    async () => {
      const layouts = await tower.layouts();
      return (
        layouts
          .map(({ name }) => name)
          .toSorted()
          .join() === wanted.join() && layouts.every(isWell)
      );
    },
    { timeoutMs: 20_000, label: `exactly ${wanted.join()} are healthy` },
  );
}

test('what lies in a directory is applied once the directory is added', async () => {
  await tower.done('source', 'add', 'dir', watched);
  await healthy('one', 'two');
  expect(await titles()).toEqual(['one-a', 'two-a', 'two-b']);
  const one = await tower.layout('one');
  expect(one.source).toEqual({
    kind: 'directory',
    name: 'agents',
    path: `${watched}/one.yaml:1`,
    revision: expect.stringMatching(/^sha256:/),
  });
  expect(await tower.done('get', 'sources')).toMatch(/agents.*Ready/);
});

test('a file that is added, then edited, arrives by itself; editor droppings do not', async () => {
  writeIn(watched, '.three.yaml.swp', 'half a file: [');
  writeIn(watched, 'three.yaml~', layoutText('backup', [pane('a')]));
  writeIn(watched, 'three.yaml', layoutText('three', [pane('a')]));
  await healthy('one', 'three', 'two');
  const untouched = await tower.layout('one');
  const before = await tower.slot('three/a');
  const part = writeIn(
    watched,
    'three.yaml.tmp',
    layoutText('three', [pane('a', { env: { X: '1' } })]),
  );
  renameSync(part, join(watched, 'three.yaml'));
  await until(
    async () =>
      (await tower.slot('three/a')).pid !== before.pid && isWell(await tower.layout('three')),
  );
  expect((await tower.layout('one')).panes).toEqual(untouched.panes);
});

test('a broken file removes nothing, and its error names line and column', async () => {
  const panes = await tower.panes();
  const good = readFileSync(join(watched, 'one.yaml'), 'utf8');
  rmSync(join(watched, 'deep/two.yaml'));
  writeIn(
    watched,
    'one.yaml',
    'apiVersion: agenttower/v1\nkind: Layout\nmetadata: {name: one}\nspec:\n  panse: []\n',
  );
  const broken = await until(async () => {
    const view = await source();
    return view.last_error !== null && view.problems.length > 0 && view;
  });
  expect(broken.last_error).toMatch(/one\.yaml:5:3/);
  expect(broken.ready).toBe(false);
  const synced = await tower.cli(['source', 'sync', 'agents', '--wait']);
  expect(synced).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/one\.yaml:5:3[\s\S]*panes/),
  });
  expect(await names()).toEqual(['one', 'three', 'two']);
  expect(await tower.panes()).toEqual(panes);

  writeIn(watched, 'deep/two.yaml', layoutText('two', [pane('a'), pane('b')]));
  writeIn(watched, 'one.yaml', good);
  await until(async () => (await source()).ready);
  expect(await tower.panes()).toEqual(panes);
});

test('a file that is removed prunes its own layout alone', async () => {
  const before = await tower.panes();
  rmSync(join(watched, 'three.yaml'));
  await healthy('one', 'two');
  expect(await tower.panes()).toEqual(before.filter(({ session }) => session !== 'three'));
});

test('an emptied directory prunes nothing and says PruneBlocked, also after a restart', async () => {
  const before = await tower.panes();
  renameSync(join(watched, 'deep'), join(tower.directory, 'elsewhere'));
  rmSync(join(watched, 'one.yaml'));
  const blocked = await until(async () => {
    const view = await source();
    return view.prune_blocked !== null && view;
  });
  expect(blocked).toMatchObject({
    ready: false,
    prune_blocked: expect.stringContaining('--confirm-prune 3'),
  });
  await tower.restartDaemon();
  const synced = await tower.cli(['source', 'sync', 'agents', '--wait']);
  expect(synced).toMatchObject({ code: 6, stderr: expect.stringContaining('--confirm-prune 3') });
  for (const { conditions } of await tower.layouts()) {
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'PruneBlocked', status: 'True' }),
    );
  }
  expect(await tower.panes()).toEqual(before);
});

test('a prune that was blocked happens once its count is confirmed', async () => {
  const wrong = await tower.cli(['source', 'sync', 'agents', '--wait', '--confirm-prune', '2']);
  expect(wrong.code).toBe(6);
  await tower.done('source', 'sync', 'agents', '--wait', '--confirm-prune', '3');
  await until(async () => (await names()).length === 0 && (await titles()).length === 0);
});
