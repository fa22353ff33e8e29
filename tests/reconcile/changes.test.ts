import { describe, expect, test } from 'vitest';
import type { OpOutcome } from '../../src/domain/tmux-ops.ts';
import type { Plan } from '../../src/plan/action.ts';
import { executePlan } from '../../src/reconcile/execute.ts';
import { planFor } from '../../src/reconcile/pass.ts';
import { EPOCH, LOCAL, MINUTE, SECOND, seen, slotId, UNKNOWN } from '../support/builders.ts';
import { openRig, openRunningRig, type Rig, refusedBy, slotWith, UNANSWERED } from './fixture.ts';

describe('losses', () => {
  test('a vanished pane is history, and its successor is made in the same pass', async () => {
    const rig = await openRunningRig(['m1']);
    const old = rig.pane('m1');
    rig.tmux.panes = [];
    await rig.pass();
    expect(rig.pane('m1')).toMatchObject({ state: 'creating', replacesPaneId: old.id });
    expect(rig.slot('m1').vanishings).toEqual([rig.clock.now()]);
    const states = rig.events().filter(({ paneId }) => paneId === old.id);
    expect(states.slice(-2).map(({ payload }) => payload)).toEqual([
      { prev_state: 'ready', new_state: 'degraded', failed_stage: 'launch_command' },
      { prev_state: 'degraded', new_state: 'failed', failed_stage: 'recovery_reattach' },
    ]);
  });

  test('a contested slot is told of once, with the way out', async () => {
    const rig = await openRunningRig(['m1']);
    for (let round = 0; round < 6; round += 1) {
      rig.tmux.panes = [];
      await rig.settle();
    }
    const told = rig.events().filter(({ type }) => type === 'slot_contested');
    expect(told.map(({ payload }) => payload)).toEqual([
      {
        label: 'm1',
        vanishings: 5,
        advice: 'agenttower stop layout/web/m1 keeps it away',
      },
    ]);
  });

  test('a crash loop is told of once, and its recovery too', async () => {
    const rig = await openRunningRig(['m1']);
    for (let round = 0; round < 6; round += 1) {
      rig.tmux.panes = rig.tmux.panes.map((pane) => ({ ...pane, dead: true, exitCode: 3 }));
      await rig.pass();
      await untilReady(rig);
    }
    const told = (type: string) => rig.events().filter((event) => event.type === type);
    expect(told('slot_crash_loop').map(({ payload }) => payload)).toEqual([
      { label: 'm1', exits: 5 },
    ]);
    await rig.clock.advance(MINUTE);
    await rig.pass();
    expect(told('slot_recovered')).toHaveLength(1);
    expect(rig.slot('m1').failures).toBe(0);
  });

  test('an exit says with what status, and how long the process ran', async () => {
    const rig = await openRunningRig(['m1']);
    await rig.clock.advance(10 * SECOND);
    const { startedAt = 0 } = rig.pane('m1');
    rig.tmux.panes = rig.tmux.panes.map((pane) => ({ ...pane, dead: true, exitSignal: 'KILL' }));
    await rig.pass();
    expect(rig.pane('m1')).toMatchObject({ exitSignal: 'KILL', endedAt: rig.clock.now() });
    const exited = rig.events().find(({ type }) => type === 'managed_pane_launch_command_exited');
    expect(exited?.payload).toEqual({
      exit_code: -1,
      elapsed_ms: rig.clock.now() - startedAt,
    });
  });

  test('a process that ended before anybody heard of its start is recorded as it is seen', async () => {
    const rig = openRig();
    rig.declare(['m1']);
    rig.tmux.script = (op) => (op.kind === 'create' ? UNANSWERED : undefined);
    await rig.pass();
    const { id } = rig.pane('m1');
    const observed = { dead: true, exitCode: 127 };
    rig.tmux.shows = seen([{ ...seen(['m1']).panes[0], paneId: id, ...observed } as never]);
    await rig.pass();
    expect(rig.pane('m1')).toMatchObject({
      state: 'degraded',
      epoch: EPOCH,
      tmuxPaneId: '%m1',
      exitCode: 127,
    });
  });

  test('a pane without its log that exits has one state and one more stage', async () => {
    const rig = await openRunningRig([slotWith('m1', { log: true })], {
      logs: { prepare: () => ({ problem: 'disk full' }) },
    });
    rig.tmux.panes = rig.tmux.panes.map((pane) => ({ ...pane, dead: true, exitCode: 0 }));
    await rig.pass();
    expect(rig.pane('m1')).toMatchObject({ state: 'degraded', failedStage: 'launch_command' });
    expect(rig.news()).toEqual(['managed_pane_launch_command_exited']);
  });

  test('a living pane respawned by hand keeps its row and gets its new process id', async () => {
    const rig = await openRunningRig(['m1']);
    const { id } = rig.pane('m1');
    rig.tmux.panes = rig.tmux.panes.map((pane) => ({ ...pane, pid: 9_000 }));
    await rig.pass();
    expect(rig.pane('m1')).toMatchObject({ id, pid: 9_000, state: 'ready' });
    expect([rig.tmux.ops, rig.news()]).toEqual([[], []]);
  });
});

describe('changes in place', () => {
  test('a label becomes the title, and the pane stays', async () => {
    const rig = await openRunningRig(['m1']);
    const { id, pid } = rig.pane('m1');
    edit(rig, { label: 'boss' });
    await rig.pass();
    expect(rig.tmux.ops).toMatchObject([{ kind: 'retitle', title: 'boss' }]);
    expect(rig.pane('m1')).toMatchObject({ id, pid, spec: { label: 'boss' } });
  });

  test('a log that is switched on copies what is printed from now on, and off again', async () => {
    const rig = await openRunningRig(['m1']);
    edit(rig, { log: true });
    await rig.pass();
    const { agentId } = rig.pane('m1');
    expect(rig.tmux.ops).toMatchObject([{ kind: 'pipe', logFile: `/logs/${agentId}` }]);
    expect(rig.pane('m1').logPath).toBe(`/logs/${agentId}`);

    edit(rig, { log: false });
    await rig.pass();
    expect(rig.tmux.ops[1]).not.toHaveProperty('logFile');
    expect(rig.pane('m1').logPath).toBeUndefined();
  });

  test('a log that cannot be had is a problem of the pane', async () => {
    const rig = await openRunningRig(['m1'], { logs: { prepare: () => ({ problem: 'full' }) } });
    edit(rig, { log: true });
    await rig.pass();
    expect(rig.pane('m1').problem).toBe('full');
  });

  test('what only we know needs no word to tmux', async () => {
    const rig = await openRunningRig(['m1']);
    edit(rig, { capability: 'reviewer' });
    await rig.pass();
    expect(rig.tmux.ops).toEqual([]);
    expect(rig.pane('m1').spec.capability).toBe('reviewer');
  });

  test('a change that tmux did not confirm is made again', async () => {
    const rig = await openRunningRig(['m1']);
    edit(rig, { label: 'boss' });
    rig.tmux.script = () => refusedBy();
    await rig.pass();
    expect(rig.pane('m1').spec.label).toBe('m1');
    rig.tmux.script = () => undefined;
    await rig.pass();
    expect(rig.pane('m1').spec.label).toBe('boss');
  });

  test.each<[string, OpOutcome | undefined, string]>([
    ['done', undefined, 'main-vertical'],
    [
      'refused by tmux: geometry is not worth a fight',
      { kind: 'error', message: 'no' },
      'main-vertical',
    ],
    ['unanswered', UNANSWERED, 'tiled'],
    ['refused by its guard', refusedBy(), 'tiled'],
  ])('an arrangement that is %s', async (_what, outcome, arranged) => {
    const rig = await openRunningRig(['m1']);
    rig.editLayout({ spec: { ...rig.layout().spec, arrangement: 'main-vertical' } });
    rig.tmux.script = () => outcome;
    await rig.pass();
    expect(rig.tmux.ops).toMatchObject([{ kind: 'arrange', arrangement: 'main-vertical' }]);
    expect(rig.layout().arranged).toBe(arranged);
  });

  test('an arrangement of nothing is noted without a word to tmux', async () => {
    const rig = await openRunningRig([], { layout: { spec: { arrangement: 'main-vertical' } } });
    rig.editLayout({ arranged: 'tiled' });
    await rig.pass();
    expect([rig.tmux.ops, rig.layout().arranged]).toEqual([[], 'main-vertical']);
  });
});

describe('removals', () => {
  const HOLD = { by: 'ann', reason: 'runaway', since: 1 };

  test.each<[string, OpOutcome | undefined, boolean]>([
    ['done', undefined, true],
    ['unanswered', UNANSWERED, false],
    ['refused', refusedBy(), false],
  ])(
    'a kill that is %s has ended the row first, and says how it went',
    async (_what, outcome, did) => {
      const rig = await openRunningRig(['m1']);
      rig.edit('m1', { hold: HOLD });
      rig.tmux.script = () => outcome;
      const states: string[] = [];
      rig.tmux.onRun = () => void states.push(rig.pane('m1').state);
      await rig.pass();
      expect(states).toEqual(['removed']);
      const removed = rig.events().find(({ type }) => type === 'managed_pane_removed');
      expect(removed?.payload).toEqual({ tmux_kill_succeeded: did });
    },
  );

  test('a kill that had no effect leaves a leftover, which the next pass kills', async () => {
    const rig = await openRunningRig(['m1']);
    const { id } = rig.pane('m1');
    rig.edit('m1', { hold: HOLD });
    rig.tmux.script = () => UNANSWERED;
    await rig.pass();
    rig.tmux.script = () => undefined;
    await rig.pass();
    expect(rig.tmux.ops.map((op) => op.kind === 'kill' && op.guard.owner)).toEqual([id, id]);
    expect(rig.tmux.panes).toEqual([]);
  });

  test('a hold that has expired is ended with an event, and the slot starts again', async () => {
    const rig = await openRunningRig(['m1']);
    rig.edit('m1', { hold: { ...HOLD, until: rig.clock.now() + SECOND } });
    await rig.pass();
    expect(rig.tmux.panes).toEqual([]);
    await rig.clock.advance(SECOND);
    await rig.settle();
    expect(rig.slot('m1').hold).toBeUndefined();
    expect(rig.pane('m1').state).toBe('ready');
    const ended = rig.events().find(({ type }) => type === 'slot_hold_ended');
    expect(ended?.payload).toEqual({ label: 'm1', by: 'expiry' });
  });

  test('a slot that is no longer declared is killed, then closed', async () => {
    const rig = await openRunningRig(['m1', 's1']);
    rig.edit('s1', { declared: false });
    await rig.settle();
    expect(rig.layout().slots.map(({ key }) => key)).toEqual(['m1']);
    expect(rig.tmux.panes).toHaveLength(1);
  });

  test('a deleted layout is closed when nothing of it is left, and says so', async () => {
    const rig = await openRunningRig(['m1', 's1']);
    rig.editLayout({ deleting: { reason: 'DeleteRequested', at: 1 } });
    await rig.settle();
    expect([rig.store.layouts(), rig.tmux.panes]).toEqual([[], []]);
    expect(rig.events().at(-1)).toMatchObject({
      type: 'layout_removed',
      payload: { name: 'web', reason: 'DeleteRequested' },
    });
  });

  test('only the row is ended when its pane is gone already', async () => {
    const rig = await openRunningRig(['m1']);
    rig.edit('m1', { declared: false });
    rig.tmux.panes = [];
    await rig.settle();
    expect([rig.tmux.ops, rig.layout().slots]).toEqual([[], []]);
  });

  test.each<[string, OpOutcome | undefined, string]>([
    ['done', undefined, 'removed'],
    ['unanswered', UNANSWERED, 'ready'],
  ])('a release that is %s', async (_what, outcome, state) => {
    const rig = await openRunningRig([slotWith('m1', { onRemove: 'orphan' })]);
    rig.edit('m1', { declared: false });
    rig.tmux.script = () => outcome;
    await rig.pass();
    expect(rig.tmux.ops).toMatchObject([{ kind: 'release', guard: { owner: rig.pane('m1').id } }]);
    expect(rig.pane('m1').state).toBe(state);
  });

  test('a release of a row an operator has ended meanwhile changes nothing of it', async () => {
    const rig = await openRunningRig([slotWith('m1', { onRemove: 'orphan' })]);
    rig.edit('m1', { declared: false });
    rig.tmux.onRun = () => rig.editPane('m1', { state: 'removed', endedAt: 7 });
    await rig.pass();
    expect(rig.pane('m1')).toMatchObject({ state: 'removed', endedAt: 7 });
  });
});

describe('abandoning a start that was never confirmed', () => {
  test('moves the fence on, so that a late create cannot land, and ends the row', async () => {
    const rig = await openInterrupted();
    const { id } = rig.pane('m1');
    rig.tmux.script = () => undefined;
    await rig.pass();
    expect(rig.tmux.ops).toEqual([
      {
        kind: 'burn-fence',
        epoch: EPOCH,
        fence: { slot: slotId('m1'), expect: '', next: `${id}-abandoned` },
      },
    ]);
    expect(rig.pane('m1').state).toBe('removed');
    expect(rig.slot('m1').fence).toEqual({ epoch: EPOCH, value: `${id}-abandoned` });
  });

  test('waits while the fence is not known, and expects what tmux says it is', async () => {
    const rig = await openInterrupted();
    rig.tmux.script = () => UNANSWERED;
    await rig.pass();
    expect(rig.pane('m1').state).toBe('creating');
    rig.tmux.script = () => refusedBy('other');
    await rig.pass();
    expect(rig.pane('m1').state).toBe('creating');
    rig.tmux.script = () => undefined;
    await rig.pass();
    expect(rig.tmux.ops.at(-1)).toMatchObject({ fence: { expect: 'other' } });
    expect(rig.pane('m1').state).toBe('removed');
  });

  test('ends the row when the create had landed first: what it made is a leftover', async () => {
    const rig = await openInterrupted();
    const { id } = rig.pane('m1');
    rig.tmux.script = () => refusedBy(id);
    await rig.pass();
    expect(rig.pane('m1').state).toBe('removed');
  });

  test('leaves a row alone that an operator has ended meanwhile', async () => {
    const rig = await openInterrupted();
    rig.tmux.script = () => undefined;
    rig.tmux.onRun = () => rig.editPane('m1', { state: 'failed', failedStage: 'registration' });
    await rig.pass();
    expect(rig.pane('m1')).toMatchObject({ state: 'failed', failedStage: 'registration' });
  });
});

describe('what is recorded of a pass', () => {
  test('after a failed look the status says so, and nothing else is touched', async () => {
    const rig = await openRunningRig(['m1']);
    const before = rig.pane('m1');
    rig.tmux.shows = UNKNOWN;
    const { again } = await rig.pass();
    expect(again).toBe(false);
    expect(rig.layout()).toMatchObject({ sync: 'Unknown', health: 'Unknown', state: 'ready' });
    expect([rig.pane('m1'), rig.tmux.ops, rig.news()]).toEqual([before, [], []]);

    const commits = rig.commits();
    await rig.pass();
    expect(rig.commits()).toBe(commits);

    rig.tmux.shows = undefined;
    await rig.pass();
    expect(rig.layout()).toMatchObject({ sync: 'Synced', health: 'Healthy' });
  });

  test('one condition that says something new is reason enough to write', async () => {
    const rig = await openRunningRig(['m1']);
    const hold = { by: 'ann', reason: '', since: 1 };
    rig.edit('m1', { hold });
    await rig.settle();
    rig.edit('m1', { hold: { ...hold, by: 'bob' } });
    await rig.pass();
    const held = rig.layout().conditions.find(({ type }) => type === 'Held');
    expect(held?.message).toBe('m1 (by bob) is held');
  });

  test('a change of the state of a layout is an event', async () => {
    const rig = await openRunningRig(['m1']);
    rig.tmux.panes = [];
    await rig.pass();
    expect(rig.events().at(-1)).toMatchObject({
      type: 'managed_layout_state_changed',
      payload: { prev_state: 'ready', new_state: 'creating' },
    });
  });
});

test('a plan written by hand is carried out as it stands', async () => {
  const rig = await openRunningRig(['m1']);
  const layout = rig.layout();
  const plan: Plan = {
    container: LOCAL,
    actions: [{ kind: 'close-layout', layout: layout.id, layoutName: 'web', reason: 'because' }],
    blocked: [],
  };
  rig.store.transact((tx) => tx.updatePane(rig.pane('m1').id, { state: 'removed' }));
  const done = await executePlan(plan, { observation: seen(), layouts: [] }, rig.tmux, rig.deps);
  expect(done).toEqual({ ops: 0, unsettled: 0 });
  expect(rig.store.layouts()).toEqual([]);
});

test('a plan for a layout that was not planned for is a bug', async () => {
  const rig = openRig();
  rig.declare(['m1']);
  const { plan } = await rig.pass();
  const run = executePlan(plan, { observation: seen(), layouts: [] }, rig.tmux, rig.deps);
  await expect(run).rejects.toThrow('the plan names a layout that was not planned for');
  expect(rig.tmux.batches).toHaveLength(1);
});

test('ops that were not carried out are counted, so that the next look comes soon', async () => {
  const rig = openRig();
  rig.declare(['m1', 's1', 's2']);
  const outcomes = [UNANSWERED, refusedBy('x'), undefined];
  rig.tmux.script = () => outcomes.shift();
  const observation = seen();
  const layouts = rig.store.layouts();
  const plan = planFor(observation, layouts, rig.deps);
  const seenThen = { observation, layouts };
  expect(await executePlan(plan, seenThen, rig.tmux, rig.deps)).toEqual({ ops: 3, unsettled: 2 });
});

async function untilReady(rig: Rig): Promise<void> {
  for (let turn = 0; turn < 20 && rig.pane('m1').state !== 'ready'; turn += 1) {
    const { plan } = await rig.pass();
    if (plan.wakeAt !== undefined) await rig.clock.advance(plan.wakeAt - rig.clock.now());
  }
  expect(rig.pane('m1').state).toBe('ready');
}

function edit(rig: Rig, spec: Parameters<typeof slotWith>[1]): void {
  rig.edit('m1', { spec: slotWith('m1', spec).spec });
}

async function openInterrupted(): Promise<Rig> {
  const rig = openRig();
  rig.declare(['m1']);
  rig.tmux.script = () => UNANSWERED;
  await rig.pass();
  rig.edit('m1', { declared: false });
  rig.tmux.batches.length = 0;
  return rig;
}
