import { expect, test } from 'vitest';
import { createLayout } from '../../../src/declare/managed/create.ts';
import type { ManagedDeps } from '../../../src/declare/managed/deps.ts';
import { removePane } from '../../../src/declare/managed/remove.ts';
import type { LayoutTemplate } from '../../../src/domain/templates.ts';
import { EPOCH, LOCAL } from '../../support/builders.ts';
import { HOST, makeManaged, NOWHERE, refusal } from './fixture.ts';

const single = (labelPattern: string, defaultLaunch?: string): LayoutTemplate => ({
  name: labelPattern,
  panes: [
    { role: 'shell', capability: 'shell', labelPattern, ...(defaultLaunch && { defaultLaunch }) },
  ],
});

const profile = (word: string) => ({ name: 'p', command: [word], env: { A: '1' } });

/** Each request is wrong in everything from its own row on: the first mistake is the one that is told. */
const MISTAKES = [
  [
    'an unknown container',
    { container: 'x' },
    { code: 'container_not_found', details: { container_id: 'x' } },
  ],
  ['a bad session', { session: 'a b' }, invalid('tmux_session_name')],
  ['an empty key', { key: '' }, invalid('idempotency_key')],
  ['an override without a colon', { overrides: { m1: 'p' } }, invalid('launch_command_overrides')],
  [
    'an override of a bad role',
    { overrides: { 'a b:m1': 'p' } },
    invalid('launch_command_overrides.role'),
  ],
  [
    'an override with a second colon',
    { overrides: { 'a:b:c': 'p' } },
    invalid('launch_command_overrides.label'),
  ],
  [
    'an override that names nothing',
    { overrides: { 'master:zz': 7 } },
    invalid('launch_command_overrides'),
  ],
  [
    'an unknown template',
    { template: '9m' },
    {
      code: 'managed_template_not_found',
      details: { template_name: '9m', known_templates: ['1m+2s', '2m+2s'] },
    },
  ],
  [
    'an override of an unknown profile',
    { overrides: { 'master:zz': 'p' } },
    {
      code: 'managed_launch_command_not_found',
      details: { profile_name: 'p', known_profiles: [] },
    },
  ],
] as const;

function invalid(field: string): object {
  return { code: 'validation_failed', details: { field, reason: expect.any(String) } };
}

test.each(MISTAKES.map(([name, , refused], index) => [name, index, refused] as const))(
  'of several mistakes %s is told before those that come later',
  async (_name, index, refused) => {
    const world = makeManaged();
    // `overrides` of an earlier row must not hide the later ones: the first of each field wins.
    const changes = MISTAKES.slice(index)
      .toReversed()
      .reduce<object>((all, [, change]) => ({ ...all, ...change }), {});
    expect(await refusal(() => world.create(changes))).toEqual(refused);
    expect([world.events(), world.woken]).toEqual([[], []]);
  },
);

test('a caller that cannot be placed is refused before anything is told to it', async () => {
  const { deps } = makeManaged();
  const request = { container: 'x', template: '', session: '', overrides: {} };
  expect(await refusal(() => createLayout(request, NOWHERE, deps))).toEqual({
    code: 'host_only',
    details: {},
  });
});

test('a layout and its panes are written in one go, with their events in slot order', async () => {
  const world = makeManaged();
  const created = await world.create({ key: 'k' });
  expect(created).toMatchObject({ state: 'creating', intendedPanes: 3, replay: false });
  expect(created.panes.map(({ role, label, state }) => [role, label, state])).toEqual([
    ['master', 'm1', 'creating'],
    ['slave', 's1', 'creating'],
    ['slave', 's2', 'creating'],
  ]);
  const told = world.events().map(({ type, actor, sequence }) => `${actor} ${type} ${sequence}`);
  const pane = ['operator managed_pane_created 0', 'operator managed_pane_pending_marker_set 1'];
  expect(told).toEqual(['operator managed_layout_created 0', ...pane, ...pane, ...pane]);
  expect(world.woken).toEqual([LOCAL]);
});

test('a key is replayed for ever, whatever else the request says and whatever became of the layout', async () => {
  const world = makeManaged();
  const created = await world.create({ key: 'k' });
  for (const { id } of created.panes) {
    world.settle(id, 'ready');
    await removePane(id, HOST, world.deps);
  }
  world.sessions = ['other'];
  const replay = await world.create({ key: 'k', session: 'other', template: '2m+2s' });
  expect(replay).toMatchObject({ layout: created.layout, state: 'removed', replay: true });
  expect(replay.panes.map(({ state }) => state)).toEqual(['removed', 'removed', 'removed']);
});

test('of requests with one key that arrive together one creates and the others replay it', async () => {
  const world = makeManaged();
  const answers = await Promise.all(Array.from({ length: 20 }, () => world.create({ key: 'k' })));
  expect(new Set(answers.map(({ layout }) => layout)).size).toBe(1);
  expect(answers.filter(({ replay }) => !replay)).toHaveLength(1);
});

test('a session that is there is a conflict, and one that cannot be looked for is none', async () => {
  const world = makeManaged();
  world.sessions = ['a_b'];
  const conflict = { code: 'managed_session_name_conflict' };
  expect(await refusal(() => world.create({ session: 'a.b' }))).toMatchObject(conflict);
  world.sessions = undefined;
  expect(await world.create({ session: 'a.b' })).toMatchObject({ replay: false });
});

const session = (name: string, layoutId?: string) => ({ id: '$1', name, layoutId }) as never;

test('while tmux is busy the last look tells which sessions belong to others', async () => {
  const world = makeManaged();
  const deps: ManagedDeps = {
    ...world.deps,
    observe: () => new Promise(() => {}),
    seenBeforeWork: (container) => ({
      kind: 'seen',
      container,
      epoch: EPOCH,
      sessions: [session('theirs'), session('ours', 'layout')],
      panes: [],
    }),
  };
  const create = (name: string) =>
    createLayout({ container: LOCAL, template: '1m+2s', session: name, overrides: {} }, HOST, deps);
  expect(await refusal(() => create('theirs'))).toMatchObject({
    code: 'managed_session_name_conflict',
  });
  expect(await create('ours')).toMatchObject({ replay: false });
});

test('a look that takes too long is not waited for', async () => {
  const world = makeManaged();
  const waited: number[] = [];
  const sleep = async (ms: number) => void waited.push(ms);
  const deps = {
    ...world.deps,
    clock: { ...world.clock, sleep },
    observe: () => new Promise<never>(() => {}),
  };
  const request = { container: LOCAL, template: '1m+2s', session: 'pay', overrides: {} };
  expect(await createLayout(request, HOST, deps)).toMatchObject({ replay: false });
  expect(waited).toEqual([250]);
});

test('the session conflict is told before the label conflict, and labels are unique beyond sessions', async () => {
  const world = makeManaged();
  await world.create();
  expect(await refusal(() => world.create())).toEqual({
    code: 'managed_session_name_conflict',
    details: { container_id: 'local', tmux_session_name: 'pay' },
  });
  expect(await refusal(() => world.create({ session: 'other' }))).toEqual({
    code: 'managed_pane_label_conflict',
    details: { container_id: 'local', label: 'm1' },
  });
});

test('a template whose own labels collide conflicts with itself', async () => {
  const world = makeManaged();
  const { panes } = single('x');
  world.catalog = { templates: [{ name: 'twins', panes: [...panes, ...panes] }], profiles: [] };
  expect(await refusal(() => world.create({ template: 'twins' }))).toMatchObject({
    code: 'managed_pane_label_conflict',
    details: { label: 'x' },
  });
  expect(world.store.layouts()).toEqual([]);
});

test('a label that is none, and a default profile that is not there, are told after the capacity', async () => {
  const world = makeManaged(1);
  world.catalog = { templates: [single('ok'), single('a b'), single('c', 'gone')], profiles: [] };
  expect(await refusal(() => world.create({ template: 'a b' }))).toEqual(
    invalid('label_pattern result'),
  );
  expect(await refusal(() => world.create({ template: 'c' }))).toMatchObject({
    code: 'managed_launch_command_not_found',
  });
  await world.create({ template: 'ok' });
  for (const template of ['a b', 'c']) {
    expect(await refusal(() => world.create({ template, session: 'other' }))).toEqual({
      code: 'managed_layout_capacity_exceeded',
      details: { current_count: 1, limit: 1 },
    });
  }
});

test('of many requests at once no more are admitted than there is room for', async () => {
  const world = makeManaged(5);
  world.catalog = { templates: [single('{layout}')], profiles: [] };
  const answers = await Promise.allSettled(
    Array.from({ length: 30 }, (_, n) => world.create({ template: '{layout}', session: `s${n}` })),
  );
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  expect(world.store.managed.countLayouts()).toBe(5);
});

test('the last profile of a name is started, and a pane without one runs the shell', async () => {
  const world = makeManaged();
  world.catalog = { ...world.catalog, profiles: [profile('old'), profile('new')] };
  await world.create({ overrides: { 'slave:s1': 'p' } });
  const [layout] = world.store.layouts();
  expect(layout?.slots.map(({ spec }) => [spec.profile, spec.command.join(' ')])).toEqual([
    [undefined, 'sh -c exec "${SHELL:-/bin/sh}"'],
    ['p', 'new'],
    [undefined, 'sh -c exec "${SHELL:-/bin/sh}"'],
  ]);
});

test('a session whose panes have all failed may be used again, under another name of the layout', async () => {
  const world = makeManaged();
  const first = await world.create();
  for (const { id } of first.panes) world.settle(id, 'failed', 'pane_create');
  await world.create();
  expect(world.store.layouts().map(({ spec }) => [spec.name, spec.session])).toEqual([
    ['pay', 'pay'],
    ['pay-2', 'pay'],
  ]);
});
