import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/domain/observed.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import type { LayoutRecord, SlotRecord } from '../../src/domain/records.ts';
import type { Condition, ConditionType } from '../../src/domain/status.ts';
import type { Blocked } from '../../src/plan/action.ts';
import { computeStatus, type LayoutStatus } from '../../src/plan/status.ts';
import {
  aHold,
  aLayout,
  aLostPane,
  anExitedPane,
  aPane,
  aRunningSlot,
  aSlot,
  aStartingPane,
  frozen,
  type LayoutChanges,
  MINUTE,
  NOW,
  STOPPED,
  seen,
  UNKNOWN,
} from '../support/builders.ts';

interface About {
  readonly observation?: Observation;
  readonly blocked?: readonly Blocked[];
  readonly now?: number;
}

function statusOf(
  layout: LayoutRecord,
  { observation = seen(), blocked = [], now = NOW }: About = {},
): LayoutStatus {
  return computeStatus(frozen({ now, policy: DEFAULT_POLICY, layout, observation, blocked }));
}

function conditionOf(status: LayoutStatus, type: ConditionType): Condition | undefined {
  return status.conditions.find((condition) => condition.type === type);
}

function healthOf(...names: readonly (keyof typeof SLOTS)[]): string {
  return statusOf(aLayout({ slots: names.map((name) => SLOTS[name]) })).health;
}

function readyOf(...names: readonly (keyof typeof SLOTS)[]): string {
  const status = statusOf(aLayout({ slots: names.map((name) => SLOTS[name]) }));
  const ready = conditionOf(status, 'Ready');
  return `${ready?.reason}: ${ready?.message}`;
}

function trueTypes({ conditions }: LayoutStatus): readonly ConditionType[] {
  return conditions.filter(({ status }) => status === 'True').map(({ type }) => type);
}

function suspension(changes: LayoutChanges): string | undefined {
  return conditionOf(statusOf(aLayout(changes)), 'Suspended')?.message;
}

const RECENT = [4, 3, 2, 1, 0].map((minutes) => NOW - minutes * MINUTE);
const never = { restartPolicy: 'Never' } as const;
const onFailure = { restartPolicy: 'OnFailure' } as const;

const SLOTS = {
  ready: aRunningSlot('m1'),
  starting: aSlot('m1', { pane: aStartingPane('m1') }),
  missing: aSlot('m1'),
  'killed by us': aSlot('m1', { pane: aPane('m1', { state: 'removed' }) }),
  'not logged': aSlot('m1', {
    spec: { log: true },
    pane: aPane('m1', { state: 'degraded', failedStage: 'log_attach', spec: { log: true } }),
  }),
  'not logged, and that is right now': aSlot('m1', {
    pane: aPane('m1', { state: 'degraded', failedStage: 'log_attach', spec: { log: false } }),
  }),
  'logged after all': aSlot('m1', {
    spec: { log: true },
    pane: aPane('m1', {
      state: 'degraded',
      failedStage: 'log_attach',
      logPath: '/logs/m1.log',
      spec: { log: true },
    }),
  }),
  exited: aSlot('m1', { pane: anExitedPane('m1'), failures: 1 }),
  'not found': aSlot('m1', { pane: anExitedPane('m1', { exitCode: 127 }), failures: 1 }),
  lost: aSlot('m1', { pane: aLostPane('m1') }),
  'crash loop': aSlot('m1', { pane: anExitedPane('m1'), failures: 5, exits: RECENT }),
  'crash loop by signal': aSlot('m1', {
    pane: anExitedPane('m1', { exitSignal: 'SEGV' }),
    failures: 5,
    exits: RECENT,
  }),
  'crash loop that runs': aRunningSlot('m1', { failures: 5, exits: RECENT }),
  contested: aSlot('m1', { pane: aLostPane('m1'), vanishings: RECENT }),
  'contested but back': aRunningSlot('m1', { vanishings: RECENT }),
  'never made and contested': aSlot('m1', { vanishings: RECENT }),
  held: aSlot('m1', { hold: aHold(), pane: aPane('m1', { state: 'removed' }) }),
  'hold expired': aRunningSlot('m1', { hold: aHold({ until: NOW }) }),
  completed: aSlot('m1', {
    spec: never,
    pane: anExitedPane('m1', { exitCode: 0, spec: never }),
  }),
  'failed for good': aSlot('m1', { spec: never, pane: anExitedPane('m1', { spec: never }) }),
  'lost for good': aSlot('m1', { spec: never, pane: aLostPane('m1', { spec: never }) }),
  'failed for now': aSlot('m1', {
    spec: onFailure,
    pane: anExitedPane('m1', { spec: onFailure }),
  }),
  outdated: aSlot('m1', { spec: { command: ['new'] }, pane: aPane('m1') }),
  renamed: aSlot('m1', { spec: { label: 'boss' }, pane: aPane('m1') }),
  removing: aRunningSlot('m1', { declared: false }),
  removed: aSlot('m1', { declared: false, pane: aPane('m1', { state: 'removed' }) }),
  'never made, not declared': aSlot('m1', { declared: false }),
} satisfies Record<string, SlotRecord>;

function kinds(slot: SlotRecord): readonly string[] {
  return statusOf(aLayout({ slots: [slot] })).conditions.map(({ type }) => type);
}

describe('sync, health and state of a layout by its one slot', () => {
  test.each<[keyof typeof SLOTS, string, string]>([
    ['ready', 'Synced Healthy ready', 'True AllReady: 1 of 1 panes'],
    ['starting', 'Synced Progressing creating', 'False PanesStarting: m1 Starting (1 slot)'],
    ['missing', 'OutOfSync Progressing creating', 'False PanesStarting: m1 Pending (1 slot)'],
    ['killed by us', 'OutOfSync Progressing removed', 'False PanesStarting: m1 Pending (1 slot)'],
    [
      'not logged',
      'Synced Degraded degraded',
      'False LogNotAttached: m1 Degraded; once that is mended, `agenttower restart` has it logged, and `log: false` in the manifest does without',
    ],
    ['not logged, and that is right now', 'Synced Healthy degraded', 'True AllReady: 1 of 1 panes'],
    ['logged after all', 'Synced Healthy degraded', 'True AllReady: 1 of 1 panes'],
    [
      'exited',
      'Synced Degraded degraded',
      'False PanesDegraded: m1 Backoff (exit status 3) (1 slot)',
    ],
    [
      'not found',
      'Synced Degraded degraded',
      'False PanesDegraded: m1 Backoff (exit status 127: a command was not found) (1 slot)',
    ],
    ['lost', 'OutOfSync Degraded failed', 'False PanesDegraded: m1 Backoff (1 slot)'],
    [
      'crash loop',
      'Synced Degraded degraded',
      'False CrashLoop: m1 (5 exits, last exit status 3) keeps exiting',
    ],
    [
      'crash loop by signal',
      'Synced Degraded degraded',
      'False CrashLoop: m1 (5 exits, last signal SEGV) keeps exiting',
    ],
    [
      'crash loop that runs',
      'Synced Degraded ready',
      'False CrashLoop: m1 (5 exits) keeps exiting',
    ],
    ['contested', 'OutOfSync Degraded failed', 'False PanesDegraded: m1 Contested (1 slot)'],
    ['contested but back', 'Synced Healthy ready', 'True AllReady: 1 of 1 panes'],
    [
      'never made and contested',
      'OutOfSync Degraded creating',
      'False PanesDegraded: m1 Contested (1 slot)',
    ],
    ['held', 'OutOfSync Suspended removed', 'False Held: m1 (by ann: runaway) is held'],
    ['hold expired', 'Synced Healthy ready', 'True AllReady: 1 of 1 panes'],
    ['completed', 'Synced Healthy degraded', 'True Completed: 1 of 1 panes'],
    [
      'failed for good',
      'Synced Degraded degraded',
      'False RestartPolicyNever: m1 failed and the restart policy is Never; `agenttower restart` starts it again',
    ],
    [
      'lost for good',
      'Synced Degraded failed',
      'False RestartPolicyNever: m1 failed and the restart policy is Never; `agenttower restart` starts it again',
    ],
    [
      'failed for now',
      'Synced Degraded degraded',
      'False PanesDegraded: m1 Backoff (exit status 3) (1 slot)',
    ],
    ['outdated', 'OutOfSync Healthy ready', 'False OutOfSync: changes are on their way'],
    ['renamed', 'OutOfSync Healthy ready', 'False OutOfSync: changes are on their way'],
    ['removing', 'OutOfSync Progressing ready', 'False PanesStarting: m1 Removing (1 slot)'],
    ['removed', 'Synced Progressing removed', 'False PanesStarting: m1 Removing (1 slot)'],
    [
      'never made, not declared',
      'Synced Progressing removed',
      'False PanesStarting: m1 Removing (1 slot)',
    ],
  ])('%s', (name, axes, ready) => {
    const status = statusOf(aLayout({ slots: [SLOTS[name]] }));
    const condition = conditionOf(status, 'Ready');
    expect(`${status.sync} ${status.health} ${status.state}`).toBe(axes);
    expect(`${condition?.status} ${condition?.reason}: ${condition?.message}`).toBe(ready);
  });

  test('a pane that is not logged stalls the layout only while it is what is declared', () => {
    const unlogged = SLOTS['not logged'];
    expect(kinds(unlogged)).toEqual(['Ready', 'Observed', 'Stalled']);
    const edited = { ...unlogged, spec: { ...unlogged.spec, command: ['new'] } };
    expect(kinds(edited)).toEqual(['Ready', 'Reconciling', 'Observed']);
  });

  test('the worst slot decides', () => {
    expect(healthOf()).toBe('Healthy');
    expect(healthOf('ready', 'held')).toBe('Suspended');
    expect(healthOf('ready', 'held', 'starting')).toBe('Progressing');
    expect(healthOf('ready', 'held', 'starting', 'exited')).toBe('Degraded');
  });

  test('Ready counts all slots, and gives the reason of the worst', () => {
    expect(readyOf('ready', 'completed')).toBe('AllReady: 2 of 2 panes');
    expect(readyOf()).toBe('AllReady: 0 of 0 panes');
    expect(readyOf('ready', 'starting', 'exited')).toBe(
      'PanesDegraded: m1 Starting; m1 Backoff (exit status 3) (3 slots)',
    );
    expect(readyOf('exited', 'starting', 'exited')).toBe(
      'PanesDegraded: m1, m1 Backoff (exit status 3); m1 Starting (3 slots)',
    );
  });

  test('the first failed stage of the worst state is told', () => {
    const slots = [SLOTS['not logged'], SLOTS.lost];
    expect(statusOf(aLayout({ slots }))).toMatchObject({
      state: 'failed',
      failedStage: 'recovery_reattach',
    });
    expect(statusOf(aLayout({ slots: [SLOTS.ready] })).failedStage).toBeUndefined();
  });

  test('a pane in a session it should have left is out of sync', () => {
    const layout = aLayout({ slots: [SLOTS.ready], spec: { session: 'elsewhere' } });
    expect(statusOf(layout).sync).toBe('OutOfSync');
  });
});

describe('what is not seen', () => {
  const layout = aLayout({ slots: [SLOTS.ready], observedGeneration: 0 });

  test('after a failed look nothing is claimed', () => {
    const status = statusOf(layout, { observation: UNKNOWN });
    expect(status).toMatchObject({ sync: 'Unknown', health: 'Unknown', observedGeneration: 0 });
    expect(conditionOf(status, 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'TmuxTimeout',
      message: UNKNOWN.message,
    });
    expect(conditionOf(status, 'Observed')).toMatchObject({
      status: 'False',
      reason: 'TmuxTimeout',
    });
    expect(conditionOf(status, 'Reconciling')).toBeUndefined();
  });

  test('in a stopped container the panes are missing, which is an answer', () => {
    const status = statusOf(layout, { observation: STOPPED });
    expect(status).toMatchObject({ sync: 'Synced', health: 'Missing', observedGeneration: 0 });
    expect(conditionOf(status, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainerNotRunning',
    });
    expect(conditionOf(status, 'Observed')?.status).toBe('True');
  });
});

describe('conditions', () => {
  test.each<[string, LayoutChanges, readonly ConditionType[]]>([
    ['all is well', { slots: [SLOTS.ready] }, ['Ready', 'Observed']],
    ['no slots', {}, ['Ready', 'Observed']],
    ['starting', { slots: [SLOTS.starting] }, ['Reconciling', 'Observed']],
    ['exited', { slots: [SLOTS.exited] }, ['Reconciling', 'Observed']],
    ['crash loop', { slots: [SLOTS['crash loop']] }, ['Observed', 'CrashLoop']],
    ['contested', { slots: [SLOTS.contested] }, ['Observed', 'Contested']],
    ['held', { slots: [SLOTS.held] }, ['Observed', 'Held']],
    ['failed for good', { slots: [SLOTS['failed for good']] }, ['Observed', 'Stalled']],
    [
      'suspended by its manifest',
      { slots: [SLOTS.ready], spec: { suspend: true } },
      ['Observed', 'Suspended'],
    ],
    [
      'suspended by an operator',
      { slots: [SLOTS.ready], suspended: { by: 'ann', reason: '', at: NOW } },
      ['Observed', 'Suspended'],
    ],
    [
      'prune blocked',
      { slots: [SLOTS.ready], pruneBlocked: 'too many' },
      ['Observed', 'PruneBlocked'],
    ],
    [
      'claimed by another source',
      { slots: [SLOTS.ready], ownershipConflict: 'git:fleet declares it too' },
      ['Ready', 'Observed', 'OwnershipConflict'],
    ],
    [
      'being deleted',
      { slots: [SLOTS.ready], deleting: { reason: 'DeleteRequested', at: NOW } },
      ['Reconciling', 'Observed'],
    ],
  ])('%s', (_name, changes, expected) => {
    expect(trueTypes(statusOf(aLayout(changes)))).toEqual(expected);
  });

  test('a foreign session of its name stalls a layout', () => {
    const blocked: Blocked[] = [
      { layoutName: 'web', slotKey: 'm1', reason: 'SessionNameConflict', message: 'not ours' },
    ];
    const status = statusOf(aLayout({ slots: [SLOTS.missing] }), { blocked });
    expect(status.health).toBe('Degraded');
    expect(conditionOf(status, 'Stalled')).toMatchObject({
      reason: 'SessionNameConflict',
      message: 'not ours',
    });
    expect(conditionOf(status, 'Ready')).toMatchObject({ reason: 'SessionNameConflict' });
  });

  test('a suspension says who and why, and that the manifest suspends too', () => {
    const byAnn = { suspended: { by: 'ann', reason: 'migration', at: NOW } };
    const spec = { suspend: true };
    expect(suspension({ spec })).toBe('suspended by its manifest (spec.suspend)');
    expect(suspension(byAnn)).toBe('suspended by ann: migration');
    expect(suspension({ ...byAnn, spec })).toBe(
      'suspended by ann: migration; its manifest suspends it too',
    );
    expect(suspension({ suspended: { by: 'ann', reason: '', at: NOW } })).toBe('suspended by ann');
  });

  test('a hold without a reason names its holder alone', () => {
    const slots = [aSlot('m1', { hold: aHold({ reason: '' }) })];
    expect(conditionOf(statusOf(aLayout({ slots })), 'Held')?.message).toBe('m1 (by ann) is held');
  });

  test('a contested slot names the way out', () => {
    const status = statusOf(aLayout({ slots: [SLOTS.contested] }));
    expect(conditionOf(status, 'Contested')?.message).toBe(
      'm1 keeps being removed by someone else; `agenttower stop` keeps it away',
    );
  });

  test('what keeps a layout out of sync is told', () => {
    const outdated = aLayout({ slots: [SLOTS.outdated] });
    const ready = (blocked: readonly Blocked[], changes: LayoutChanges = {}) =>
      conditionOf(statusOf({ ...outdated, ...aLayoutPatch(changes) }, { blocked }), 'Ready')
        ?.message;
    const onDelete: Blocked = {
      layoutName: 'web',
      slotKey: 'm1',
      reason: 'OnDelete',
      message: 'out of date',
    };
    const { slotKey: _none, ...whole } = onDelete;
    expect(ready([onDelete])).toBe('m1: out of date');
    expect(ready([whole])).toBe('out of date');
    expect(ready([onDelete], { pruneBlocked: 'too many' })).toBe('too many');
  });

  test('what waits for a restart by a person is no work under way', () => {
    const blocked: Blocked[] = [
      { layoutName: 'web', slotKey: 'm1', reason: 'OnDelete', message: 'out of date' },
    ];
    const outdated = aLayout({ slots: [SLOTS.outdated] });
    const status = statusOf(outdated, { blocked });
    expect(conditionOf(status, 'Ready')).toMatchObject({ status: 'False', reason: 'OnDelete' });
    expect(conditionOf(status, 'Reconciling')).toBeUndefined();
    expect(conditionOf(statusOf(outdated), 'Reconciling')).toMatchObject({ reason: 'OutOfSync' });
  });
});

function aLayoutPatch({ spec: _spec, ...patch }: LayoutChanges): Partial<LayoutRecord> {
  return patch;
}

describe('when it changed', () => {
  const before: Condition = {
    type: 'Ready',
    status: 'True',
    reason: 'AllReady',
    message: 'other words',
    lastTransitionTime: 5,
    observedGeneration: 1,
  };

  test('lastTransitionTime moves only with the status', () => {
    const ready = statusOf(aLayout({ slots: [SLOTS.ready], conditions: [before] }));
    expect(conditionOf(ready, 'Ready')).toMatchObject({
      lastTransitionTime: 5,
      message: '1 of 1 panes',
    });
    const starting = statusOf(aLayout({ slots: [SLOTS.starting], conditions: [before] }));
    expect(conditionOf(starting, 'Ready')).toMatchObject({ lastTransitionTime: NOW });
    expect(conditionOf(starting, 'Reconciling')).toMatchObject({ lastTransitionTime: NOW });
  });

  test('every condition carries the generation it is about', () => {
    const layout = aLayout({ slots: [SLOTS.ready], conditions: [before], generation: 7 });
    for (const { observedGeneration } of statusOf(layout).conditions) {
      expect(observedGeneration).toBe(7);
    }
  });

  test.each<[keyof typeof SLOTS, number]>([
    ['ready', 7],
    ['failed for good', 7],
    ['crash loop', 7],
    ['held', 7],
    ['starting', 3],
    ['exited', 3],
    ['outdated', 3],
  ])('%s: generation %i is the last one that ended somewhere', (name, observed) => {
    const layout = aLayout({ slots: [SLOTS[name]], generation: 7, observedGeneration: 3 });
    expect(statusOf(layout).observedGeneration).toBe(observed);
  });

  test('equal inputs give equal status', () => {
    const layout = aLayout({ slots: Object.values(SLOTS) });
    expect(statusOf(layout)).toEqual(statusOf(structuredClone(layout)));
  });
});
