import { expect, test } from 'vitest';
import { recreatePane } from '../../../src/declare/managed/recreate.ts';
import { removePane } from '../../../src/declare/managed/remove.ts';
import { HOST, type Managed, makeManaged, NOWHERE, refusal } from './fixture.ts';

async function withRemoved(world: Managed): Promise<string> {
  const { panes } = await world.create();
  for (const { id } of panes) world.settle(id, 'ready');
  const id = panes[0]?.id ?? '';
  await removePane(id, HOST, world.deps);
  return id;
}

test('mistakes are told in the order of the contract', async () => {
  const world = makeManaged();
  const predecessor = await withRemoved(world);
  const living = world.store.layouts()[0]?.slots[1]?.pane?.id ?? '';
  const ask = (request: Parameters<typeof recreatePane>[0]) =>
    refusal(() => recreatePane(request, HOST, world.deps));
  expect(
    await refusal(() => recreatePane({ predecessor, key: 'a b' }, NOWHERE, world.deps)),
  ).toMatchObject({
    code: 'validation_failed',
    details: { field: 'idempotency_key' },
  });
  expect(
    await refusal(() => recreatePane({ predecessor: living, profile: 'p' }, NOWHERE, world.deps)),
  ).toEqual({ code: 'host_only', details: {} });
  expect(await ask({ predecessor: 'nobody', key: 'a b', profile: 'p' })).toMatchObject({
    code: 'validation_failed',
    details: { field: 'idempotency_key' },
  });
  expect(await ask({ predecessor: 'nobody', profile: 'p' })).toEqual({
    code: 'managed_pane_not_found',
    details: { pane_id: 'nobody' },
  });
  expect(await ask({ predecessor: living, profile: 'p' })).toEqual({
    code: 'managed_pane_illegal_recreate_source',
    details: { predecessor_pane_id: living, current_state: 'ready' },
  });
  expect(await ask({ predecessor, profile: 'p' })).toMatchObject({
    code: 'managed_launch_command_not_found',
    details: { profile_name: 'p' },
  });
});

test('a successor takes the place of its predecessor, and the layout goes back to creating at once', async () => {
  const world = makeManaged();
  const predecessor = await withRemoved(world);
  const before = world.events().length;
  const made = recreatePane({ predecessor, key: 'k' }, HOST, world.deps);
  expect(made).toMatchObject({ predecessor, chainDepth: 1, state: 'creating', replay: false });
  const [layout] = world.store.layouts();
  expect(layout?.state).toBe('creating');
  expect(layout?.slots[0]).toMatchObject({ pane: { id: made.pane, markerToken: 'k' } });
  expect(layout?.slots[0]?.hold).toBeUndefined();
  const told = world.events().slice(before);
  expect(told.map(({ type, actor, sequence }) => `${actor} ${type} ${sequence}`)).toEqual([
    'operator managed_pane_recreated 0',
    'operator managed_pane_pending_marker_set 1',
    'operator managed_layout_state_changed 2',
  ]);
  expect(world.store.managed.pane(made.pane)).toMatchObject({ predecessorId: predecessor });
});

test('a key is replayed while the successor is in flight and after it has ended', async () => {
  const world = makeManaged();
  const predecessor = await withRemoved(world);
  const made = recreatePane({ predecessor, key: 'k' }, HOST, world.deps);
  const again = () => recreatePane({ predecessor, key: 'k' }, HOST, world.deps);
  expect(again()).toEqual({ ...made, replay: true });
  world.settle(made.pane, 'failed', 'pane_create');
  expect(again()).toEqual({ ...made, state: 'failed', replay: true });
});

test('a replay looks at the key and the predecessor alone: no profile need exist for it', async () => {
  const world = makeManaged();
  const predecessor = await withRemoved(world);
  const made = recreatePane({ predecessor, key: 'k' }, HOST, world.deps);
  const told = world.events().length;
  const again = recreatePane({ predecessor, key: 'k', profile: 'gone' }, HOST, world.deps);
  expect(again).toEqual({ ...made, replay: true });
  expect(world.events()).toHaveLength(told);
  // Another key is another wish: its profile is looked up before its place.
  const other = () =>
    recreatePane({ predecessor, key: 'other', profile: 'gone' }, HOST, world.deps);
  expect(await refusal(other)).toMatchObject({ code: 'managed_launch_command_not_found' });
  expect(
    await refusal(() => recreatePane({ predecessor, key: 'other' }, HOST, world.deps)),
  ).toMatchObject({ code: 'managed_pane_concurrent_recreate' });
});

test('a second successor is refused while the first lives, and its id is told', async () => {
  const world = makeManaged();
  const predecessor = await withRemoved(world);
  const { pane } = recreatePane({ predecessor }, HOST, world.deps);
  const concurrent = {
    code: 'managed_pane_concurrent_recreate',
    details: { predecessor_pane_id: predecessor, in_flight_successor_pane_id: pane },
  };
  const ask = () => refusal(() => recreatePane({ predecessor, key: 'k' }, HOST, world.deps));
  expect(await ask()).toEqual(concurrent);
  world.settle(pane, 'ready');
  expect(await ask()).toEqual(concurrent);
});

test('a failed pane that was recreated no longer makes its layout a failed one', async () => {
  const world = makeManaged();
  const { panes, layout } = await world.create();
  const [first, ...rest] = panes;
  for (const { id } of rest) world.settle(id, 'ready');
  world.settle(first?.id ?? '', 'failed', 'pane_create');
  const { pane } = recreatePane({ predecessor: first?.id ?? '' }, HOST, world.deps);
  world.settle(pane, 'ready');
  expect(world.store.managed.pane(first?.id ?? '')?.state).toBe('failed');
  await removePane(first?.id ?? '', HOST, world.deps);
  expect(world.store.managed.layout(layout)?.state).toBe('ready');
});

test('a chain ends after fifteen recreations', async () => {
  const world = makeManaged();
  let predecessor = await withRemoved(world);
  for (let depth = 1; depth <= 15; depth += 1) {
    const made = recreatePane({ predecessor }, HOST, world.deps);
    expect(made.chainDepth).toBe(depth);
    world.settle(made.pane, 'failed', 'pane_create');
    predecessor = made.pane;
  }
  expect(
    await refusal(() => recreatePane({ predecessor, profile: 'p' }, HOST, world.deps)),
  ).toEqual({
    code: 'managed_pane_recreate_chain_too_deep',
    details: { predecessor_pane_id: predecessor, predecessor_chain_depth: 15, limit: 16 },
  });
});

test('a layout that was removed and closed comes back with the one pane that is recreated', async () => {
  const world = makeManaged();
  const { panes, layout } = await world.create();
  for (const { id } of panes) world.settle(id, 'ready');
  for (const { id } of panes) await removePane(id, HOST, world.deps);
  world.store.transact((tx) => tx.closeLayout(layout));
  recreatePane({ predecessor: panes[1]?.id ?? '' }, HOST, world.deps);
  const [open] = world.store.layouts();
  expect(open).toMatchObject({ id: layout, state: 'creating' });
  expect(open?.deleting).toBeUndefined();
  expect(open?.slots.map(({ hold, pane }) => [hold !== undefined, pane?.state])).toEqual([
    [true, 'removed'],
    [false, 'creating'],
    [true, 'removed'],
  ]);
});

test('a place that somebody else has taken meanwhile is a conflict', async () => {
  const world = makeManaged();
  const { panes } = await world.create();
  for (const { id } of panes) world.settle(id, 'failed', 'pane_create');
  await world.create();
  expect(
    await refusal(() => recreatePane({ predecessor: panes[0]?.id ?? '' }, HOST, world.deps)),
  ).toMatchObject({ code: 'managed_session_name_conflict' });
});

test('another profile changes what the slot is started from, and only that', async () => {
  const world = makeManaged();
  const predecessor = await withRemoved(world);
  world.catalog = { ...world.catalog, profiles: [{ name: 'p', command: ['agent'], env: {} }] };
  recreatePane({ predecessor, profile: 'p' }, HOST, world.deps);
  const [layout] = world.store.layouts();
  expect(layout?.slots[0]?.spec).toMatchObject({ label: 'm1', profile: 'p', command: ['agent'] });
  expect(layout?.slots[0]?.pane?.spec).toEqual(layout?.slots[0]?.spec);
  expect(layout?.spec.slots[0]).toEqual(layout?.slots[0]?.spec);
});
