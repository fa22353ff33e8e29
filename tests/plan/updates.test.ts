import { describe, expect, test } from 'vitest';
import type { SlotSpec } from '../../src/domain/spec.ts';
import {
  aDeadPane,
  aHold,
  aLayout,
  aLostPane,
  anExitedPane,
  aPane,
  aRunningSlot,
  aSeenPane,
  aSession,
  aSlot,
  aStartingPane,
  type LayoutChanges,
  NOW,
  type SlotChanges,
  seen,
} from '../support/builders.ts';
import { only, planned } from './told.ts';

/** A slot whose pane runs something older than what is declared. */
function anOutdatedSlot(key: string, changes: SlotChanges = {}) {
  return aSlot(key, {
    pane: aPane(key),
    ...changes,
    spec: { command: ['agent', '--new'], ...changes.spec },
  });
}

const ON_DELETE: LayoutChanges = {
  spec: { updateStrategy: { type: 'OnDelete', maxUnavailable: 1 } },
};

test('when everything is as declared there is nothing to do and nothing to wake up for', () => {
  const layout = aLayout({ slots: [aRunningSlot('m1'), aRunningSlot('s1')] });
  expect(planned(layout, seen(['m1', 's1']))).toMatchObject({
    does: [],
    waits: [],
    wakesIn: undefined,
  });
});

test.each<[string, Partial<SlotSpec>]>([
  ['label', { label: 'boss' }],
  ['role', { role: 'master' }],
  ['capability', { capability: 'reviewer' }],
  ['profile', { profile: 'codex' }],
  ['log', { log: true }],
  ['after', { after: ['s1'] }],
  ['restartPolicy', { restartPolicy: 'Never' }],
  ['onRemove', { onRemove: 'orphan' }],
  ['settle', { settleMs: 5 }],
])('an edit of %s is made in place', (field, spec) => {
  const layout = aLayout({ slots: [aSlot('m1', { spec, pane: aPane('m1') }), aRunningSlot('s1')] });
  expect(planned(layout, seen(['m1', 's1'])).does).toEqual([
    `update-pane m1 (SpecChanged (${field}))`,
  ]);
});

test.each<[string, Partial<SlotSpec>]>([
  ['command', { command: ['agent', '--new'] }],
  ['env.MODE', { env: { MODE: 'fast' } }],
  ['workingDir', { workingDir: '/srv' }],
])('an edit of the %s of one pane replaces that pane alone, in place', (field, spec) => {
  const layout = aLayout({ slots: [aSlot('m1', { spec, pane: aPane('m1') }), aRunningSlot('s1')] });
  expect(planned(layout, seen(['m1', 's1'])).does).toEqual([
    `respawn-pane m1 (SpecChanged (${field}))`,
  ]);
});

test('an edit is recorded of a pane that is over, too, unless it asks for a new process', () => {
  const never = { restartPolicy: 'Never' } as const;
  const pane = anExitedPane('m1', { exitCode: 0, spec: never });
  const observation = seen([aDeadPane('m1', { exitCode: 0 })]);
  const relabelled = aSlot('m1', { spec: { ...never, label: 'boss' }, pane });
  expect(planned(aLayout({ slots: [relabelled] }), observation)).toMatchObject({
    does: ['update-pane m1 (SpecChanged (label))'],
    waits: ['m1 Completed'],
  });
  const outdated = aSlot('m1', { spec: { ...never, label: 'boss', command: ['new'] }, pane });
  expect(planned(aLayout({ ...ON_DELETE, slots: [outdated] }), observation).does).toEqual([]);
});

test('a restart replaces a running pane now', () => {
  const layout = aLayout({ slots: [aRunningSlot('m1', { restartRequested: true })] });
  expect(planned(layout, seen(['m1'])).does).toEqual(['respawn-pane m1 (RestartRequested)']);
});

test('what was never made is made, whatever was asked of it', () => {
  const layout = aLayout({ slots: [aSlot('m1', { restartRequested: true })] });
  expect(planned(layout, seen()).does).toEqual(['create-pane m1 (Missing)']);
});

test('an edit brings a pane back that its restart policy had left dead', () => {
  const spec = { restartPolicy: 'Never' } as const;
  const dead = aLayout({
    slots: [anOutdatedSlot('m1', { spec, pane: anExitedPane('m1', { spec }) })],
  });
  expect(planned(dead, seen([aDeadPane('m1')])).does).toEqual([
    'respawn-pane m1 (SpecChanged (command))',
  ]);
  const gone = aLayout({ slots: [anOutdatedSlot('m1', { spec, pane: aLostPane('m1') })] });
  expect(planned(gone, seen()).does).toEqual(['create-pane m1 (SpecChanged (command))']);
});

describe('RollingUpdate', () => {
  test('replaces one ready pane at a time', () => {
    const slots = ['m1', 's1', 's2'].map((key) => anOutdatedSlot(key));
    const { plan, does, waits } = planned(aLayout({ slots }), seen(['m1', 's1', 's2']));
    expect(does).toEqual(['respawn-pane m1 (SpecChanged (command))']);
    expect(waits).toEqual(['s1 RollingUpdate', 's2 RollingUpdate']);
    expect(plan.blocked[0]).toMatchObject({
      message: 'out of date (command); 1 of its siblings is not ready yet',
      next: { action: 'replace', cause: { reason: 'SpecChanged', fields: ['command'] } },
    });
  });

  test('waits until the one replaced before is ready', () => {
    const m1 = aSlot('m1', { pane: aStartingPane('m1') });
    const layout = aLayout({ slots: [m1, anOutdatedSlot('s1')] });
    expect(planned(layout, seen(['m1', 's1']))).toMatchObject({
      does: [],
      waits: ['s1 RollingUpdate'],
    });
  });

  test('replaces as many at a time as may be unavailable', () => {
    const slots = ['m1', 's1', 's2'].map((key) => anOutdatedSlot(key));
    const updateStrategy = { type: 'RollingUpdate', maxUnavailable: 2 } as const;
    const { does, waits } = planned(
      aLayout({ slots, spec: { updateStrategy } }),
      seen(['m1', 's1', 's2']),
    );
    expect(does).toHaveLength(2);
    expect(waits).toEqual(['s2 RollingUpdate']);
  });

  test('replaces broken panes first, all of them, and spares the ready ones meanwhile', () => {
    const layout = aLayout({
      slots: [
        anOutdatedSlot('m1'),
        anOutdatedSlot('s1', { pane: anExitedPane('s1'), nextAttemptAt: NOW + 1 }),
        anOutdatedSlot('s2', { pane: anExitedPane('s2') }),
      ],
    });
    const { does, waits } = planned(layout, seen(['m1', aDeadPane('s1'), aDeadPane('s2')]));
    expect(does).toEqual([
      'respawn-pane s1 (SpecChanged (command))',
      'respawn-pane s2 (SpecChanged (command))',
    ]);
    expect(waits).toEqual(['m1 RollingUpdate']);
  });

  test('does not wait for panes that are meant to be away', () => {
    const never = { restartPolicy: 'Never' } as const;
    const done = { exitCode: 0, spec: never };
    const layout = aLayout({
      slots: [
        aSlot('held', { hold: aHold() }),
        aSlot('done', { spec: never, pane: anExitedPane('done', done) }),
        aSlot('failed', { spec: never, pane: anExitedPane('failed', { spec: never }) }),
        aSlot('lost', { spec: never, pane: aLostPane('lost', { spec: never }) }),
        aSlot('away', { declared: false }),
        aSlot('mute', {
          pane: aPane('mute', { state: 'degraded', failedStage: 'log_attach' }),
        }),
        anOutdatedSlot('m1'),
      ],
    });
    const dead = [aDeadPane('done', { exitCode: 0 }), aDeadPane('failed')];
    const observation = seen([...dead, 'mute', 'm1']);
    expect(planned(layout, observation).does).toEqual([
      'respawn-pane m1 (SpecChanged (command))',
      'close-slot away',
    ]);
  });

  test('replaces one that completed without counting it as available', () => {
    const never = { restartPolicy: 'Never' } as const;
    const slots = [
      anOutdatedSlot('done', {
        spec: never,
        pane: anExitedPane('done', { exitCode: 0, spec: never }),
      }),
      anOutdatedSlot('m1'),
    ];
    expect(planned(aLayout({ slots }), seen([aDeadPane('done'), 'm1'])).does).toEqual([
      'respawn-pane done (SpecChanged (command))',
      'respawn-pane m1 (SpecChanged (command))',
    ]);
  });

  test('waits for panes that were never made, or are lost', () => {
    for (const s1 of [
      aSlot('s1', { spec: { after: ['m1'] } }),
      aSlot('s1', { pane: aLostPane('s1'), nextAttemptAt: NOW + 1 }),
    ]) {
      const layout = aLayout({ slots: [anOutdatedSlot('m1'), s1] });
      expect(planned(layout, seen(['m1'])).waits).toContain('m1 RollingUpdate');
    }
  });
});

describe('OnDelete', () => {
  test('says out of date and waits', () => {
    const layout = aLayout({ ...ON_DELETE, slots: [anOutdatedSlot('m1')] });
    const { plan, does } = planned(layout, seen(['m1']));
    expect(does).toEqual([]);
    expect(plan.blocked).toEqual([
      {
        layoutName: 'web',
        slotKey: 'm1',
        reason: 'OnDelete',
        message: 'out of date (command); replaced when it is restarted',
      },
    ]);
  });

  test('a restart brings the pane up to date', () => {
    const slot = anOutdatedSlot('m1', { restartRequested: true });
    expect(planned(aLayout({ ...ON_DELETE, slots: [slot] }), seen(['m1'])).does).toEqual([
      'respawn-pane m1 (RestartRequested)',
    ]);
  });

  test('a dead pane still follows its restart policy and back-off', () => {
    const slot = anOutdatedSlot('m1', { pane: anExitedPane('m1'), nextAttemptAt: NOW + 1 });
    const layout = aLayout({ ...ON_DELETE, slots: [slot] });
    expect(planned(layout, seen([aDeadPane('m1')])).waits).toEqual(['m1 Backoff']);
    expect(planned(layout, { observation: seen([aDeadPane('m1')]), now: NOW + 1 }).does).toEqual([
      'respawn-pane m1 (ProcessExited (status 3))',
    ]);
  });
});

describe('another session', () => {
  const moved = { session: 'new-home' };
  const newHome = seen(['m1'], { sessions: [aSession('web')] });

  test('its panes are killed one at a time and made anew there', () => {
    const layout = aLayout({ spec: moved, slots: [aRunningSlot('m1'), aRunningSlot('s1')] });
    const { does, waits } = planned(layout, seen(['m1', 's1']));
    expect(does).toEqual(['kill-pane m1 (SpecChanged (session))']);
    expect(waits).toEqual(['s1 RollingUpdate']);

    const m1 = aSlot('m1', { pane: aPane('m1', { state: 'removed' }) });
    const { plan } = planned(
      aLayout({ spec: moved, slots: [m1, aRunningSlot('s1')] }),
      seen(['s1']),
    );
    expect(only(plan, 'create-pane')).toMatchObject({
      cause: { reason: 'SpecChanged', fields: ['session'] },
      place: { kind: 'new-session', session: 'new-home' },
    });
  });

  test('with OnDelete a restart moves the pane instead of starting it in its old session', () => {
    const slot = aRunningSlot('m1', { restartRequested: true });
    const spec = { ...ON_DELETE.spec, ...moved };
    expect(planned(aLayout({ spec, slots: [slot] }), newHome).does).toEqual([
      'kill-pane m1 (RestartRequested)',
    ]);
    const gone = { ...slot, pane: aPane('m1', { state: 'removed' }) };
    expect(planned(aLayout({ spec, slots: [gone] }), seen()).does).toEqual([
      'create-pane m1 (RestartRequested)',
    ]);
  });

  test('with OnDelete a pane that has died is revived in its new session', () => {
    const slot = aSlot('m1', { pane: anExitedPane('m1') });
    const spec = { ...ON_DELETE.spec, ...moved };
    const dead = seen([aDeadPane('m1')]);
    expect(planned(aLayout({ spec, slots: [slot] }), dead).does).toEqual([
      'kill-pane m1 (ProcessExited (status 3))',
    ]);
  });
});

describe('labels', () => {
  const renamed = aSlot('m1', { spec: { label: 'boss' }, pane: aPane('m1') });
  /** Its pane is dead, waits, and still carries the label it was started with. */
  const holder = aLayout({
    spec: { name: 'old', session: 'web' },
    slots: [
      aSlot('x', {
        spec: { label: 'chief' },
        pane: anExitedPane('x', { spec: { label: 'boss' } }),
        nextAttemptAt: NOW + 1,
      }),
    ],
  });

  test('a pane is not renamed to a label another live pane still has', () => {
    const { does, waits } = planned(
      [aLayout({ slots: [renamed] }), holder],
      seen(['m1', aDeadPane('x')]),
    );
    expect(does).toEqual([]);
    expect(waits).toContain('m1 LabelTaken');
  });

  test('nor started anew under it', () => {
    const restarted = { ...renamed, restartRequested: true };
    const { does, waits } = planned(
      [aLayout({ slots: [restarted] }), holder],
      seen(['m1', aDeadPane('x')]),
    );
    expect(does).toEqual([]);
    expect(waits).toContain('m1 LabelTaken');
  });

  test('nor replaced under it', () => {
    const outdated = { ...renamed, spec: { ...renamed.spec, command: ['new'] } };
    const { does, waits } = planned(
      [aLayout({ slots: [outdated] }), holder],
      seen(['m1', aDeadPane('x')]),
    );
    expect(does).toEqual([]);
    expect(waits).toContain('m1 LabelTaken');
  });

  test('nor taken over under it when a person respawned it', () => {
    const dead = { ...renamed, pane: anExitedPane('m1') };
    const { does, waits } = planned(
      [aLayout({ slots: [dead] }), holder],
      seen([aSeenPane('m1', { pid: 1 }), aDeadPane('x')]),
    );
    expect(does).toEqual([]);
    expect(waits).toContain('m1 LabelTaken');
  });
});
