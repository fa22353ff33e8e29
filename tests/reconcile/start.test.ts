import { describe, expect, test } from 'vitest';
import type { StoredEvent } from '../../src/domain/events.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import type { PaneState } from '../../src/domain/states.ts';
import type { OpOutcome } from '../../src/domain/tmux-ops.ts';
import { EPOCH, MINUTE, OTHER_SERVER, SECOND, seen } from '../support/builders.ts';
import {
  DONE,
  openRig,
  openRunningRig,
  type Rig,
  refusedBy,
  slotWith,
  UNANSWERED,
} from './fixture.ts';

const epochServer = '200:2';

test('a healthy start of 1m+2s tells its story in order', async () => {
  const rig = openRig();
  rig.declare(['m1', 's1', 's2']);
  await rig.pass();
  expect(rig.news()).toEqual(
    ['m1', 's1', 's2'].flatMap(() => ['managed_pane_created', 'managed_pane_pending_marker_set']),
  );
  await rig.settle();
  expect(rig.news()).toEqual([
    ...['m1', 's1', 's2'].flatMap(() => [
      'managed_pane_pending_marker_cleared',
      'managed_pane_state_changed',
    ]),
    'managed_layout_state_changed',
  ]);
  const m1 = rig.events().filter(({ paneId }) => paneId === rig.pane('m1').id);
  expect(m1.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
  const tokens = m1.flatMap(({ payload }) => payload['marker_token'] ?? []);
  expect(new Set(tokens).size).toBe(1);
  expect(m1.at(-1)?.payload).toEqual({ prev_state: 'creating', new_state: 'ready' });
});

test('a team that is ready is told to tmux in two batches: create, then titles', async () => {
  const rig = openRig();
  rig.declare(['m1', 's1', 's2']);
  await rig.settle();
  expect(rig.tmux.batches.map((ops) => ops.map(({ kind }) => kind))).toEqual([
    ['create', 'create', 'create'],
    ['retitle', 'retitle', 'retitle'],
  ]);
  expect(rig.tmux.panes.map(({ title }) => title)).toEqual(['m1', 's1', 's2']);
  expect(rig.layout()).toMatchObject({
    state: 'ready',
    sync: 'Synced',
    health: 'Healthy',
    observedGeneration: 1,
    arranged: 'tiled',
  });
});

test('the title carries a marker until the pane is ready', async () => {
  const rig = openRig();
  rig.declare(['m1']);
  await rig.pass();
  expect(rig.tmux.panes[0]?.title).toBe(`@MANAGED:${rig.pane('m1').markerToken}:m1`);
  await rig.settle();
  expect(rig.pane('m1').markerToken).toBeUndefined();
});

test('the intention is committed before tmux is told', async () => {
  const rig = openRig();
  rig.declare(['m1']);
  const recorded: PaneState[] = [];
  rig.tmux.onRun = ([op]) => {
    recorded.push(rig.pane('m1').state);
    expect(op).toMatchObject({ kind: 'create', pane: rig.pane('m1').id });
  };
  await rig.pass();
  expect(recorded).toEqual(['creating']);
});

test('nothing is sent when the intention cannot be committed', async () => {
  const rig = openRig();
  rig.declare(['m1']);
  const full = failing(rig, 1);
  await expect(rig.pass(full)).rejects.toThrow('disk full');
  expect(rig.tmux.ops).toEqual([]);
  expect(rig.slot('m1').pane).toBeUndefined();
});

test('what was done while its outcome could not be committed is found again, not done twice', async () => {
  const rig = openRig();
  rig.declare(['m1']);
  await expect(rig.pass(failing(rig, 2))).rejects.toThrow('disk full');
  expect(rig.pane('m1')).toMatchObject({ state: 'creating', attempts: 0 });
  await rig.settle();
  expect(rig.pane('m1').state).toBe('ready');
  expect(rig.tmux.ops.filter(({ kind }) => kind === 'create')).toHaveLength(1);
});

test('a pass that changes nothing writes nothing and tells tmux nothing', async () => {
  const rig = await openRunningRig(['m1', 's1']);
  const before = rig.commits();
  const opened: number[] = [];
  const counted = Object.create(rig.store, {
    transact: { value: () => opened.push(1) },
  }) as Rig['store'];
  for (let turn = 0; turn < 3; turn += 1) {
    const { again, plan } = await rig.pass(counted);
    expect([again, plan.actions]).toEqual([false, []]);
    await rig.clock.advance(SECOND);
  }
  expect([rig.commits() - before, opened, rig.tmux.ops]).toEqual([0, [], []]);
});

describe('what becomes of a create', () => {
  interface Expected {
    readonly pane: object;
    readonly fence?: string;
    readonly again: boolean;
  }
  const waiting = { state: 'creating', attempts: 1 };

  test.each<[string, OpOutcome, Expected]>([
    ['no answer: it is tried again in a second', UNANSWERED, { pane: waiting, again: true }],
    [
      'refused although the fence was as believed: it is tried again in a second',
      refusedBy(''),
      { pane: waiting, again: true },
    ],
    ['refused without a word about the fence', refusedBy(), { pane: waiting, again: true }],
    [
      'refused because the fence had moved: the fence is learnt and no attempt is spent',
      refusedBy('someone-else'),
      { pane: { state: 'creating', attempts: 0 }, fence: 'someone-else', again: true },
    ],
    [
      'refused by another server: nothing is learnt from it',
      refusedBy('x', epochServer),
      { pane: { state: 'creating', attempts: 0 }, again: true },
    ],
    [
      'tmux would not: it has failed, with what tmux said',
      { kind: 'error', message: 'no space for new pane' },
      {
        pane: { state: 'failed', failedStage: 'pane_create', problem: 'no space for new pane' },
        fence: 'own id',
        again: false,
      },
    ],
  ])('%s', async (_what, outcome, expected) => {
    const rig = openRig();
    rig.declare(['m1']);
    rig.tmux.script = () => outcome;
    const { again } = await rig.pass();
    const pane = rig.pane('m1');
    expect(pane).toMatchObject(expected.pane);
    const fence = expected.fence === 'own id' ? pane.id : expected.fence;
    expect(rig.slot('m1').fence).toEqual(fence && { epoch: EPOCH, value: fence });
    expect(again).toBe(expected.again);
  });

  test('done: everything tmux told is recorded, and the agent is registered', async () => {
    const rig = openRig();
    rig.declare(['m1']);
    await rig.pass();
    const pane = rig.pane('m1');
    expect(pane).toMatchObject({
      state: 'creating',
      epoch: EPOCH,
      tmuxPaneId: '%1',
      pid: 501,
      startedAt: rig.clock.now(),
      attempts: 0,
    });
    expect(rig.slot('m1')).toMatchObject({
      fence: { epoch: EPOCH, value: pane.id },
      restarts: 0,
    });
  });

  test('without an answer the same op is sent again, after 1 s, then 2 s, and then it is given up', async () => {
    const rig = openRig();
    rig.declare(['m1']);
    rig.tmux.script = () => UNANSWERED;
    const sent: number[] = [];
    rig.tmux.onRun = () => void sent.push(rig.clock.now());
    for (let turn = 0; turn < 50 && rig.slot('m1').pane?.state !== 'failed'; turn += 1) {
      await rig.pass();
      await rig.clock.advance(100);
    }
    expect(sent.map((at) => at - (sent[0] ?? 0))).toEqual([0, 1_000, 3_000]);
    expect(new Set(rig.tmux.ops.map((op) => 'pane' in op && op.pane)).size).toBe(1);
    expect(rig.pane('m1')).toMatchObject({
      state: 'failed',
      failedStage: 'pane_create',
      problem: 'its start was never confirmed by tmux',
    });
    expect(rig.slot('m1').failures).toBe(1);
  });

  test('an error backs the slot off, and the next attempt is a new incarnation with the right fence', async () => {
    const rig = openRig();
    rig.declare(['m1']);
    rig.tmux.script = () => ({ kind: 'error', message: 'no space' });
    await rig.pass();
    const first = rig.pane('m1');
    expect(rig.slot('m1')).toMatchObject({ failures: 1, exits: [] });
    expect((await rig.pass()).plan.blocked).toMatchObject([{ reason: 'Backoff' }]);

    rig.tmux.script = () => undefined;
    await rig.clock.advance(1_250);
    await rig.pass();
    expect(rig.tmux.ops[1]).toMatchObject({
      fence: { expect: first.id, next: rig.pane('m1').id },
    });
    expect(rig.pane('m1').replacesPaneId).toBe(first.id);
  });

  test('created for a row an operator has ended meanwhile: it stands as a leftover and is killed', async () => {
    const rig = openRig();
    rig.declare(['m1']);
    rig.tmux.onRun = () => {
      rig.editPane('m1', { state: 'failed', failedStage: 'pane_create' });
      rig.edit('m1', { hold: { by: 'ann', reason: '', since: 1 } });
    };
    await rig.pass();
    expect(rig.pane('m1')).toMatchObject({ state: 'failed' });
    expect(rig.pane('m1').startedAt).toBeUndefined();
    expect(rig.slot('m1').fence?.value).toBe(rig.pane('m1').id);
    expect(rig.tmux.panes).toHaveLength(1);

    rig.tmux.onRun = () => {};
    await rig.pass();
    expect(rig.tmux.ops.at(-1)).toMatchObject({
      kind: 'kill',
      guard: { owner: rig.pane('m1').id },
    });
    expect(rig.tmux.panes).toEqual([]);
  });

  test.each<[string, OpOutcome]>([
    ['refused', { kind: 'error', message: 'no' }],
    ['unanswered', UNANSWERED],
    ['without effect', refusedBy('')],
  ])(
    '%s for a row an operator has ended meanwhile: the row stays as it is',
    async (_what, outcome) => {
      const rig = openRig();
      rig.declare(['m1']);
      rig.tmux.script = () => outcome;
      rig.tmux.onRun = () => rig.editPane('m1', { state: 'failed', failedStage: 'registration' });
      await rig.pass();
      expect(rig.pane('m1')).toMatchObject({ failedStage: 'registration', attempts: 0 });
      expect(rig.slot('m1').failures).toBe(0);
    },
  );

  test('done without saying what was created: the next look finds it', async () => {
    const rig = openRig();
    rig.declare(['m1']);
    rig.tmux.script = () => DONE;
    await rig.pass();
    expect(rig.pane('m1').startedAt).toBeUndefined();
  });
});

test('a pane that a crash left unrecorded goes on from where it was', async () => {
  const rig = openRig();
  rig.declare(['m1']);
  await expect(rig.pass(failing(rig, 2))).rejects.toThrow('disk full');
  await rig.pass();
  expect(rig.pane('m1')).toMatchObject({ tmuxPaneId: '%1', pid: 501, epoch: EPOCH });
});

test('a title that could not be set keeps a pane from becoming ready', async () => {
  const rig = openRig();
  rig.declare(['m1']);
  await rig.pass();
  await rig.clock.advance(SECOND);
  rig.tmux.script = () => UNANSWERED;
  await rig.pass();
  expect(rig.pane('m1').state).toBe('creating');
  rig.tmux.script = () => undefined;
  await rig.pass();
  expect(rig.pane('m1')).toMatchObject({ state: 'ready', readyAt: rig.clock.now() });
});

test('a pane that runs is not given up for want of an answer, only when tmux refuses its title for good', async () => {
  const rig = openRig();
  rig.declare(['m1']);
  await rig.pass();
  await rig.clock.advance(DEFAULT_POLICY.creatingTtlMs + 1);
  rig.tmux.script = () => UNANSWERED;
  await rig.pass();
  expect(rig.pane('m1').state).toBe('creating');
  rig.tmux.script = () => ({ kind: 'error', message: 'no room' });
  await rig.pass();
  expect(rig.pane('m1')).toMatchObject({
    state: 'failed',
    failedStage: 'registration',
    problem: 'tmux refused its title: no room',
  });
});

test('a pane an operator ended while its title was set does not become ready', async () => {
  const rig = openRig();
  rig.declare(['m1']);
  await rig.pass();
  await rig.clock.advance(SECOND);
  rig.tmux.onRun = () => rig.editPane('m1', { state: 'failed', failedStage: 'registration' });
  await rig.pass();
  expect(rig.pane('m1')).toMatchObject({ state: 'failed', failedStage: 'registration' });
});

describe('logs', () => {
  test('what a pane prints goes to a file from byte 0', async () => {
    const rig = await openRunningRig([]);
    rig.store.transact((tx) => {
      const { id } = rig.layout();
      const { spec } = slotWith('m1', { log: true, workingDir: '/srv' });
      tx.insertSlot({ id: slotWith('m1').id, layout: id, spec, position: 0 });
    });
    await rig.pass();
    const { agentId } = rig.pane('m1');
    expect(rig.pane('m1').logPath).toBe(`/logs/${agentId}`);
    expect(rig.tmux.ops[0]).toMatchObject({
      process: { argv: ['agent', 'm1'], logFile: `/logs/${agentId}`, workingDir: '/srv' },
    });
    await rig.settle();
    expect(rig.pane('m1').state).toBe('ready');
  });

  test('a pane without the log it should have runs, degraded, and says why', async () => {
    const rig = openRig({ logs: { prepare: () => ({ problem: 'disk full' }) } });
    rig.declare([slotWith('m1', { log: true })]);
    await rig.settle();
    expect(rig.pane('m1')).toMatchObject({ state: 'degraded', failedStage: 'log_attach' });
    const failed = rig.events().find(({ type }) => type === 'managed_pane_log_attach_failed');
    expect(failed?.payload).toEqual({ reason: 'disk full' });
    expect(rig.tmux.ops[0]).not.toHaveProperty('process.logFile');
    expect(rig.layout().health).toBe('Degraded');
  });

  test('a pane whose log nothing writes to is degraded too: its user may not append to it', async () => {
    const rig = openRig();
    rig.declare([slotWith('m1', { log: true })]);
    await rig.pass();
    rig.tmux.panes = rig.tmux.panes.map((pane) => ({ ...pane, piped: false }));
    await rig.settle();
    expect(rig.pane('m1')).toMatchObject({ state: 'degraded', failedStage: 'log_attach' });
    expect(rig.pane('m1').problem).toMatch(/^nothing writes its log \/logs\/agt_/);
    expect(rig.events().map(({ type }) => type)).toContain('managed_pane_log_attach_failed');
  });
});

describe('respawning', () => {
  test('a pane that died is revived in its place, as its next incarnation', async () => {
    const rig = await openRunningRig(['m1', 's1']);
    const old = rig.pane('m1');
    rig.tmux.panes = rig.tmux.panes.map((pane) =>
      pane.paneId === old.id ? { ...pane, dead: true, exitCode: 3 } : pane,
    );
    await rig.pass();
    expect(rig.pane('m1')).toMatchObject({
      id: old.id,
      state: 'degraded',
      failedStage: 'launch_command',
      exitCode: 3,
    });
    expect(rig.news()).toEqual([
      'managed_pane_launch_command_exited',
      'managed_pane_state_changed',
      'managed_layout_state_changed',
    ]);

    await rig.clock.advance(1_250);
    await rig.pass();
    const next = rig.pane('m1');
    expect(next).toMatchObject({
      state: 'creating',
      replacesPaneId: old.id,
      tmuxPaneId: old.tmuxPaneId,
    });
    expect(rig.slot('m1').restarts).toBe(1);
    expect(rig.tmux.ops).toMatchObject([
      { kind: 'respawn', guard: { owner: old.id }, fence: { expect: old.id, next: next.id } },
    ]);
    const types: readonly StoredEvent['type'][] = rig.news();
    expect(types.slice(0, 4)).toEqual([
      'managed_pane_state_changed',
      'managed_pane_created',
      'managed_pane_pending_marker_set',
      'pane_replaced',
    ]);
  });

  test('a respawn that a crash interrupted is sent again with the same row', async () => {
    const rig = await openRunningRig(['m1']);
    const old = rig.pane('m1');
    rig.edit('m1', { restartRequested: true });
    rig.tmux.script = () => UNANSWERED;
    await rig.pass();
    const row = rig.pane('m1');
    expect(row).toMatchObject({ state: 'creating', attempts: 1, replacesPaneId: old.id });

    rig.tmux.script = () => undefined;
    await rig.clock.advance(SECOND);
    await rig.pass();
    expect(rig.tmux.ops.map((op) => op.kind === 'respawn' && op.pane)).toEqual([row.id, row.id]);
    expect(rig.pane('m1')).toMatchObject({ id: row.id, tmuxPaneId: old.tmuxPaneId, attempts: 0 });
    expect(rig.slot('m1').restarts).toBe(1);
  });

  test.each([
    ['a restart', (rig: Rig) => rig.edit('m1', { restartRequested: true })],
    ['an edit', (rig: Rig) => rig.edit('m1', { spec: slotWith('m1', { command: ['new'] }).spec })],
  ])('%s forgets old failures', async (_what, ask) => {
    const rig = await openRunningRig(['m1']);
    const now = rig.clock.now();
    rig.edit('m1', { failures: 4, nextAttemptAt: now + MINUTE, exits: [now], vanishings: [now] });
    ask(rig);
    await rig.pass();
    const slot = rig.slot('m1');
    expect(slot).toMatchObject({ failures: 0, exits: [], vanishings: [], restartRequested: false });
    expect(slot.nextAttemptAt).toBeUndefined();
  });

  test('a pane that a person respawned by hand is taken over at once, whatever tmux answers', async () => {
    const rig = await openRunningRig(['m1']);
    const old = rig.pane('m1');
    rig.tmux.panes = rig.tmux.panes.map((pane) => ({ ...pane, dead: true, exitCode: 1 }));
    await rig.pass();
    rig.tmux.panes = rig.tmux.panes.map((pane) => ({ ...pane, dead: false, pid: 9_000 }));
    rig.tmux.script = () => UNANSWERED;
    await rig.pass();
    const heir = rig.pane('m1');
    expect(heir).toMatchObject({
      state: 'creating',
      replacesPaneId: old.id,
      tmuxPaneId: old.tmuxPaneId,
      pid: 9_000,
      epoch: EPOCH,
    });

    rig.tmux.script = () => undefined;
    await rig.settle();
    expect(rig.pane('m1')).toMatchObject({ id: heir.id, state: 'ready' });
    expect(rig.tmux.panes.map(({ paneId }) => paneId)).toEqual([heir.id]);
    expect(rig.tmux.ops.every(({ kind }) => kind === 'retag' || kind === 'retitle')).toBe(true);
  });
});

test('after a restart of tmux everything is made anew once, with fresh fences', async () => {
  const rig = await openRunningRig(['m1', 's1']);
  const old = rig.pane('m1');
  rig.tmux.shows = seen([], { epoch: OTHER_SERVER });
  await rig.pass();
  expect(rig.tmux.ops).toMatchObject([
    { kind: 'create', epoch: OTHER_SERVER, fence: { expect: '' } },
    { kind: 'create', epoch: OTHER_SERVER, fence: { expect: '' } },
  ]);
  expect(rig.pane('m1')).toMatchObject({ replacesPaneId: old.id, epoch: OTHER_SERVER });
  expect(rig.slot('m1')).toMatchObject({ failures: 0, vanishings: [] });
});

/** The rig's store, whose transaction number `nth` fails. */
function failing(rig: Rig, nth: number): Rig['store'] {
  let count = 0;
  const transact: Rig['store']['transact'] = (write) => {
    count += 1;
    if (count === nth) throw new Error('disk full');
    return rig.store.transact(write);
  };
  return Object.create(rig.store, { transact: { value: transact } }) as Rig['store'];
}
