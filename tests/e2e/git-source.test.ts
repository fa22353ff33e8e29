import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SourceView } from '../../src/surfaces/api/protocol.ts';
import { until } from '../support/until.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

let tower: Tower;
let bare: string;
let work: string;
beforeAll(async () => {
  tower = await startTower();
  bare = join(tower.directory, 'fleet.git');
  work = join(tower.directory, 'work');
  mkdirSync(work);
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare], {
    env: tower.env,
  });
  git('init', '--quiet', '--initial-branch=main');
  git('remote', 'add', 'origin', bare);
});
afterAll(() => tower.stop());

const IDENTITY = [
  '-c',
  'user.name=Test',
  '-c',
  'user.email=test@example.com',
  '-c',
  'commit.gpgsign=false',
];

function git(...args: readonly string[]): string {
  const options = { cwd: work, env: tower.env, encoding: 'utf8' } as const;
  return execFileSync('git', [...IDENTITY, ...args], options).trim();
}

/** Commits what lies in the working copy, pushes it and answers its revision. */
function push(message: string, ...flags: readonly string[]): string {
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '-m', message, ...flags);
  git('push', '--quiet', '--force', 'origin', 'main');
  return `main@sha1:${git('rev-parse', 'HEAD')}`;
}

async function source(): Promise<SourceView> {
  const { items } = await tower.call<{ items: readonly SourceView[] }>('source.list');
  const [view] = items;
  if (view === undefined) throw new Error('there is no source');
  return view;
}

const sync = (...flags: readonly string[]) =>
  tower.cli(['source', 'sync', 'fleet', '--wait', ...flags]);
const titles = async () => (await tower.panes()).map(({ title }) => title).toSorted();

test('a commit arrives by sync, and every layout names its revision', async () => {
  writeIn(work, 'clusters/dev/one.yaml', layoutText('one', [pane('a')]));
  writeIn(work, 'clusters/dev/two.yaml', layoutText('two', [pane('a')]));
  writeIn(work, 'clusters/other/three.yaml', layoutText('three', [pane('a')]));
  const first = push('Declare one and two');
  await tower.done('source', 'add', 'git', bare, '--path', 'clusters/dev', '--interval', '1h');
  expect(await sync()).toMatchObject({ code: 0 });
  expect(await source()).toMatchObject({
    kind: 'git',
    ready: true,
    fetched_revision: first,
    attempted_revision: first,
    applied_revision: first,
    last_error: null,
    layouts: 2,
  });
  expect(await titles()).toEqual(['one-a', 'two-a']);
  expect((await tower.layout('one')).source.revision).toBe(first);
});

test('an edit replaces what it changed alone, and a renamed file replaces nothing', async () => {
  const [one, two] = [await tower.slot('one/a'), await tower.slot('two/a')];
  writeIn(work, 'clusters/dev/one.yaml', layoutText('one', [pane('a', { env: { X: '1' } })]));
  git('mv', 'clusters/dev/two.yaml', 'clusters/dev/moved.yaml');
  const second = push('Edit one, move two');
  expect(await sync()).toMatchObject({ code: 0 });
  expect((await tower.slot('one/a')).pid).not.toBe(one.pid);
  expect((await tower.slot('two/a')).pid).toBe(two.pid);
  const moved = (await tower.layout('two')).source;
  expect(moved).toMatchObject({ path: expect.stringContaining('moved.yaml'), revision: second });
});

test('a broken commit keeps the last good one running, and the revert of it mends the source', async () => {
  const good = (await source()).applied_revision;
  const before = await tower.panes();
  git('rm', '--quiet', 'clusters/dev/moved.yaml');
  writeIn(work, 'clusters/dev/one.yaml', 'kind: Layout\n  broken: [');
  const broken = push('Break one, drop two');
  expect(await sync()).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/one\.yaml:\d+:\d+/),
  });
  expect(await source()).toMatchObject({
    ready: false,
    fetched_revision: broken,
    attempted_revision: broken,
    applied_revision: good,
    last_error: expect.stringContaining('one.yaml'),
  });
  expect(await tower.panes()).toEqual(before);

  git('revert', '--no-edit', 'HEAD');
  const reverted = push('Nothing more');
  expect(await sync()).toMatchObject({ code: 0 });
  expect(await source()).toMatchObject({ ready: true, applied_revision: reverted });
  expect(await tower.panes()).toEqual(before);
});

test('a rewritten history is applied and told by an event', async () => {
  const before = (await source()).fetched_revision;
  writeIn(work, 'clusters/dev/one.yaml', layoutText('one', [pane('a', { env: { X: '2' } })]));
  const rewritten = push('Another past', '--amend');
  expect(await sync()).toMatchObject({ code: 0 });
  expect((await source()).applied_revision).toBe(rewritten);
  const event = (await tower.events('source_history_rewritten')).at(-1);
  expect(event?.payload).toEqual({ source: 'fleet', from: before, to: rewritten });
});

test('a repository that cannot be fetched changes nothing and says so', async () => {
  const before = await tower.panes();
  execFileSync('mv', [bare, `${bare}.away`]);
  expect(await sync()).toMatchObject({ code: 1, stderr: expect.stringContaining('fleet') });
  expect((await source()).last_error).not.toBeNull();
  execFileSync('mv', [`${bare}.away`, bare]);
  expect(await sync()).toMatchObject({ code: 0 });
  expect(await tower.panes()).toEqual(before);
});

test('an emptied tree prunes nothing and says what would confirm it', async () => {
  const before = await tower.panes();
  git('rm', '--quiet', '-r', 'clusters/dev');
  writeIn(work, 'clusters/dev/README.md', 'Nothing is declared here any more.');
  const emptied = push('Empty the tree');
  expect(await sync()).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('--confirm-prune 2'),
  });
  expect(await source()).toMatchObject({
    ready: false,
    fetched_revision: emptied,
    prune_blocked: expect.any(String),
  });
  expect(await tower.panes()).toEqual(before);
});

test('a tree that lost the directory prunes nothing and names the directory', async () => {
  const before = await tower.panes();
  git('rm', '--quiet', '-r', 'clusters/dev');
  push('Drop the directory');
  expect(await sync()).toMatchObject({ code: 1, stderr: expect.stringContaining('clusters/dev') });
  expect(await source()).toMatchObject({ ready: false, last_error: expect.any(String) });
  expect(await tower.panes()).toEqual(before);
});

test('a commit arrives by the interval too', async () => {
  git('revert', '--no-edit', 'HEAD', 'HEAD^');
  push('Back again');
  await sync();
  await tower.done('source', 'remove', 'fleet');
  await tower.done('source', 'add', 'git', bare, '--path', 'clusters/dev', '--interval', '1s');
  await until(async () => (await source()).ready);
  rmSync(join(work, 'clusters/dev/one.yaml'));
  writeIn(work, 'clusters/dev/four.yaml', layoutText('four', [pane('a')]));
  const last = push('Replace one by four');
  await until(async () => (await source()).applied_revision === last, { timeoutMs: 20_000 });
  await until(async () => (await titles()).join() === 'four-a,two-a', { timeoutMs: 20_000 });
});
