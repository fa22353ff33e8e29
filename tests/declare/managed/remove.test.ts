import { expect, test } from 'vitest';
import { removeLayout, removePane } from '../../../src/declare/managed/remove.ts';
import type { OpOutcome } from '../../../src/domain/tmux-ops.ts';
import { HOST, type Managed, makeManaged, NOWHERE, refusal } from './fixture.ts';

test('a pane that is being created cannot be removed', async () => {
  const world = makeManaged();
  const [pane] = (await world.create()).panes;
  expect(await refusal(() => removePane(pane?.id ?? '', HOST, world.deps))).toEqual({
    code: 'managed_pane_illegal_transition',
    details: { pane_id: pane?.id, current_state: 'creating', requested_action: 'remove' },
  });
});

test.each(['ready', 'degraded', 'failed'] as const)(
  'a %s pane is ended in the records, killed, and its slot is held',
  async (state) => {
    const world = makeManaged();
    const [pane] = (await world.create()).panes;
    const id = pane?.id ?? '';
    world.settle(id, state);
    const before = world.events().length;
    await removePane(id, HOST, world.deps);
    expect(world.store.managed.pane(id)?.state).toBe('removed');
    expect(world.sent).toMatchObject([{ kind: 'kill', guard: { owner: id } }]);
    const told = world.events().slice(before);
    expect(told.map(({ type, actor }) => `${actor} ${type}`)).toEqual([
      'operator managed_pane_removed',
      'operator managed_pane_state_changed',
    ]);
    const [slot] = world.store.layouts()[0]?.slots ?? [];
    expect(slot?.hold).toMatchObject({ by: 'operator', reason: 'removed' });
    const after = world.events().length;
    await removePane(id, HOST, world.deps);
    expect(world.events()).toHaveLength(after);
  },
);

const killed = (world: Managed) =>
  world.events().flatMap(({ type, payload }) => (type === 'managed_pane_removed' ? [payload] : []));

test('whether the kill succeeded is what tmux said of it', async () => {
  const unanswered: OpOutcome = { kind: 'unknown', message: 'no answer' };
  for (const [outcome, succeeded] of [
    [{ kind: 'done' }, true],
    // No such pane any more: that is what was wanted.
    [{ kind: 'refused', server: '1:1' }, true],
    [unanswered, false],
    [{ kind: 'error', message: 'no' }, false],
  ] as const) {
    const world = makeManaged();
    const [pane] = (await world.create()).panes;
    world.settle(pane?.id ?? '', 'ready');
    world.answer = async () => [outcome];
    await removePane(pane?.id ?? '', HOST, world.deps);
    expect(killed(world)).toEqual([{ tmux_kill_succeeded: succeeded }]);
    expect(world.store.managed.pane(pane?.id ?? '')?.state).toBe('removed');
  }
});

test('the hold is recorded before tmux is told, the end of the pane after it has answered', async () => {
  const world = makeManaged();
  const [pane] = (await world.create()).panes;
  const id = pane?.id ?? '';
  world.settle(id, 'ready');
  const before = world.events().length;
  world.answer = async () => {
    const [slot] = world.store.layouts()[0]?.slots ?? [];
    expect(slot?.hold).toMatchObject({ by: 'operator', reason: 'removed' });
    expect(slot?.pane?.state).toBe('ready');
    expect(world.events()).toHaveLength(before);
    return [{ kind: 'done' }];
  };
  await removePane(id, HOST, world.deps);
  expect(world.store.managed.pane(id)?.state).toBe('removed');
});

test('a tmux that does not answer is not waited for long', async () => {
  const world = makeManaged();
  const [pane] = (await world.create()).panes;
  world.settle(pane?.id ?? '', 'ready');
  world.answer = () => new Promise(() => {});
  const deps = { ...world.deps, clock: { ...world.clock, sleep: async () => undefined } };
  await removePane(pane?.id ?? '', HOST, deps);
  expect(killed(world)).toEqual([{ tmux_kill_succeeded: false }]);
});

test('while a pass holds the container up, the records end at once and the loop does the rest', async () => {
  const world = makeManaged();
  const [pane] = (await world.create()).panes;
  const id = pane?.id ?? '';
  world.settle(id, 'ready');
  world.isBusy = true;
  const woken = world.woken.length;
  await removePane(id, HOST, world.deps);
  expect(world.store.managed.pane(id)?.state).toBe('removed');
  expect(world.sent).toEqual([]);
  expect(killed(world)).toEqual([{ tmux_kill_succeeded: false }]);
  expect(world.woken).toHaveLength(woken + 1);
});

test('two requests for one pane end it once', async () => {
  const world = makeManaged();
  const [pane] = (await world.create()).panes;
  const id = pane?.id ?? '';
  world.settle(id, 'ready');
  const both = [1, 2].map(() => removePane(id, HOST, world.deps));
  expect(await Promise.all(both)).toEqual([id, id]);
  expect(killed(world)).toHaveLength(1);
});

test('routes that name the agent of a removed pane by its id end with it', async () => {
  const world = makeManaged();
  const [pane] = (await world.create()).panes;
  const id = pane?.id ?? '';
  world.settle(id, 'ready');
  const agent = world.store.managed.pane(id)?.agentId ?? '';
  const spec = { eventType: 'error', scope: { kind: 'any' }, template: 'x' } as const;
  const master = { rule: 'auto' } as const;
  world.store.transact((tx) => {
    const target = { rule: 'explicit', value: agent } as const;
    tx.insertRoute({ ...spec, id: 'by id', target, master, cursor: 0 });
    tx.insertRoute({
      ...spec,
      id: 'as master',
      target: { rule: 'source' },
      master: target,
      cursor: 0,
    });
    const label = { rule: 'explicit', value: 'pay-m1' } as const;
    tx.insertRoute({ ...spec, id: 'by label', target: label, master, cursor: 0 });
  });
  await removePane(id, HOST, world.deps);
  expect(world.store.routes.list().map((route) => route.id)).toEqual(['by label']);
  expect(world.events().filter(({ type }) => type === 'route_deleted')).toHaveLength(2);
});

test('a layout of which every pane was removed is removed, and taken out of the desired state', async () => {
  const world = makeManaged();
  const created = await world.create();
  for (const { id } of created.panes) world.settle(id, 'ready');
  for (const { id } of created.panes) await removePane(id, HOST, world.deps);
  expect(world.store.managed.layout(created.layout)?.state).toBe('removed');
  expect(world.store.layouts()[0]?.deleting?.reason).toBe('DeleteRequested');
  expect(world.events().at(-1)).toMatchObject({
    type: 'managed_layout_state_changed',
    actor: 'operator',
    payload: { new_state: 'removed' },
  });
  // Its names are free at once.
  await world.create();
  expect(world.store.layouts().map(({ spec }) => spec.name)).toEqual(['pay']);
});

test('an id nobody has, an agent of ours and an adopted one are told apart', async () => {
  const world = makeManaged();
  const [pane] = (await world.create()).panes;
  world.settle(pane?.id ?? '', 'ready');
  const agent = world.store.managed.pane(pane?.id ?? '')?.agentId ?? '';
  for (const id of ['nobody', agent]) {
    expect(await refusal(() => removePane(id, HOST, world.deps))).toEqual({
      code: 'managed_pane_not_found',
      details: { pane_id: id },
    });
  }
  const managed = { ...world.deps.managed, agentOrigin: () => 'adopted' as const };
  const deps = { ...world.deps, managed };
  expect(await refusal(() => removePane('agt_1', HOST, deps))).toEqual({
    code: 'managed_pane_protected_adopted',
    details: { agent_id: 'agt_1', is_adopted: true },
  });
  expect(await refusal(() => removePane('agt_1', NOWHERE, deps))).toMatchObject({
    code: 'managed_pane_not_found',
  });
});

test('a caller that cannot be placed is told of a pane that it is none of its business', async () => {
  const world = makeManaged();
  const [pane] = (await world.create()).panes;
  expect(await refusal(() => removePane(pane?.id ?? '', NOWHERE, world.deps))).toMatchObject({
    code: 'host_only',
  });
});

test('removing a layout ends what has settled and leaves what is being created to the loop', async () => {
  const world = makeManaged();
  const created = await world.create();
  const [first] = created.panes;
  world.settle(first?.id ?? '', 'ready');
  const removed = await removeLayout(created.layout, HOST, world.deps);
  expect(removed).toEqual({ layout: created.layout, state: 'creating' });
  const [layout] = world.store.layouts();
  expect(layout?.slots.map(({ pane }) => pane?.state)).toEqual(['removed', 'creating', 'creating']);
  expect(layout?.deleting).toBeDefined();
  expect(await refusal(() => removeLayout('x', HOST, world.deps))).toEqual({
    code: 'managed_layout_not_found',
    details: { layout_id: 'x' },
  });
});
