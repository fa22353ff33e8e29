import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import type { LayoutRecord } from '../../src/domain/records.ts';
import {
  aDeadPane,
  aHandMadePane,
  aHold,
  aLayout,
  aLostPane,
  anEnded,
  anExitedPane,
  anIntendedPane,
  aPane,
  aRunningSlot,
  aSeenPane,
  aSession,
  aSlot,
  aStartingPane,
  MINUTE,
  NOW,
  OTHER_SERVER,
  paneId,
  SECOND,
  seen,
  untagged,
} from '../support/builders.ts';
import { only, planned } from './told.ts';

const DELETED: LayoutRecord['deleting'] = { reason: 'DeleteRequested', at: NOW - SECOND };
const UNDECLARED: LayoutRecord['deleting'] = { reason: 'NoLongerDeclared', at: NOW - SECOND };

describe('holds', () => {
  test('a held slot is killed, and its siblings are left alone', () => {
    const layout = aLayout({ slots: [aRunningSlot('m1', { hold: aHold() }), aRunningSlot('s1')] });
    const { plan, does, waits, wakesIn } = planned(layout, seen(['m1', 's1']));
    expect(does).toEqual(['kill-pane m1 (Held (by ann))']);
    expect(waits).toEqual(['m1 Held']);
    expect(plan.blocked[0]?.message).toBe('held by ann: runaway; `start` ends the hold');
    expect(wakesIn).toBeUndefined();
  });

  test('a held slot stays away, even if it was never made or is asked to restart', () => {
    const slots = [
      aSlot('m1', { hold: aHold() }),
      aSlot('s1', { hold: aHold({ reason: '' }), pane: aPane('s1', { state: 'removed' }) }),
      aSlot('s2', { hold: aHold(), pane: aLostPane('s2'), restartRequested: true }),
    ];
    const { plan, does, waits } = planned(aLayout({ slots }), seen());
    expect(does).toEqual([]);
    expect(waits).toEqual(['m1 Held', 's1 Held', 's2 Held']);
    expect(plan.blocked[1]?.message).toBe('held by ann; `start` ends the hold');
  });

  test('a hold with an end wakes the loop then, and not before', () => {
    const hold = aHold({ until: NOW + MINUTE });
    const slot = aSlot('m1', { hold, pane: aPane('m1', { state: 'removed' }) });
    expect(planned(aLayout({ slots: [slot] }), seen())).toMatchObject({
      does: [],
      wakesIn: MINUTE,
    });
    const ended = planned(aLayout({ slots: [slot] }), { observation: seen(), now: NOW + MINUTE });
    expect(ended.does).toEqual(['end-hold m1', 'create-pane m1 (HoldEnded)']);
  });

  test('a hold that has ended brings back even what would never be restarted', () => {
    const spec = { restartPolicy: 'Never' } as const;
    const slot = aSlot('m1', { spec, pane: aPane('m1', { spec, state: 'removed' }) });
    expect(planned(aLayout({ slots: [slot] }), seen()).does).toEqual([
      'create-pane m1 (HoldEnded)',
    ]);
  });

  test('a hold that ends before its pane was killed leaves it running', () => {
    const slot = aRunningSlot('m1', { hold: aHold({ until: NOW }) });
    expect(planned(aLayout({ slots: [slot] }), seen(['m1'])).does).toEqual(['end-hold m1']);
  });

  test('a hold survives an edit of what it holds', () => {
    const slot = aSlot('m1', {
      hold: aHold(),
      spec: { command: ['new'] },
      pane: aPane('m1', { state: 'removed' }),
    });
    expect(planned(aLayout({ slots: [slot] }), seen())).toMatchObject({
      does: [],
      waits: ['m1 Held'],
    });
  });

  test('a hold kills even what would be orphaned when it is removed', () => {
    const spec = { onRemove: 'orphan' } as const;
    const layout = aLayout({ slots: [aRunningSlot('m1', { spec, hold: aHold() })] });
    expect(planned(layout, seen(['m1'])).does).toEqual(['kill-pane m1 (Held (by ann))']);
  });
});

describe('a slot that is no longer declared', () => {
  const gone = { declared: false };

  test('is killed, dead or alive, and its row is closed once nothing stands', () => {
    for (const [pane, observed] of [
      [aPane('m1'), aSeenPane('m1')],
      [aStartingPane('m1'), aSeenPane('m1')],
      [anExitedPane('m1'), aDeadPane('m1')],
    ] as const) {
      const layout = aLayout({ slots: [aSlot('m1', { ...gone, pane })] });
      expect(planned(layout, seen([observed])).does).toEqual(['kill-pane m1 (NoLongerDeclared)']);
    }
    for (const slot of [
      aSlot('m1', gone),
      aSlot('m1', { ...gone, pane: aPane('m1', { state: 'removed' }) }),
      aSlot('m1', { ...gone, pane: aLostPane('m1') }),
    ]) {
      expect(planned(aLayout({ slots: [slot] }), seen()).does).toEqual(['close-slot m1']);
    }
  });

  test('is orphaned instead when it says so: our tag comes off and the pane stays', () => {
    const spec = { onRemove: 'orphan' } as const;
    const layout = aLayout({ slots: [aRunningSlot('m1', { spec, ...gone })] });
    expect(planned(layout, seen(['m1'])).does).toEqual(['release-pane m1 (NoLongerDeclared)']);
  });

  test("is a person's already when it was to be orphaned and its tag is off", () => {
    const spec = { onRemove: 'orphan' } as const;
    const slot = aRunningSlot('m1', { spec, ...gone });
    const bare = seen([untagged(aSeenPane('m1'))]);
    expect(planned(aLayout({ slots: [slot] }), bare).does).toEqual([
      'end-pane m1 (NoLongerDeclared)',
    ]);
    const heir = { ...slot, pane: aPane('m1', { spec, replacesPaneId: paneId('old') }) };
    const forerunner = seen([aSeenPane('m1', { paneId: paneId('old') })]);
    expect(planned(aLayout({ slots: [heir] }), forerunner).does).toEqual([
      'retag-pane m1 (TagLost)',
    ]);
  });

  test('only its row is ended when the pane is gone already', () => {
    const layout = aLayout({ slots: [aRunningSlot('m1', gone)] });
    expect(planned(layout, seen()).does).toEqual(['end-pane m1 (NoLongerDeclared)']);
    expect(planned(layout, seen([], { epoch: OTHER_SERVER })).does).toEqual([
      'end-pane m1 (NoLongerDeclared)',
    ]);
  });

  test('gets its lost tag back first, so that the kill can be sure whom it hits', () => {
    const layout = aLayout({ slots: [aRunningSlot('m1', gone)] });
    const bare = untagged(aSeenPane('m1'));
    expect(planned(layout, seen([bare])).does).toEqual(['retag-pane m1 (TagLost)']);
  });

  test('is abandoned when its create was never confirmed, so that a late one cannot land', () => {
    const layout = aLayout({ slots: [aSlot('m1', { ...gone, pane: anIntendedPane('m1') })] });
    expect(planned(layout, seen()).does).toEqual(['abandon-pane m1 (NoLongerDeclared)']);
  });

  test('stays open while an ended incarnation of it still stands', () => {
    const slot = aSlot('m1', { ...gone, pane: aPane('m1', { state: 'removed' }) });
    const ended = new Map([anEnded('m1', 'm1')]);
    expect(planned(aLayout({ slots: [slot] }), { observation: seen(['m1']), ended }).does).toEqual([
      'kill-leftover pane-m1',
    ]);
  });
});

describe('a deleted layout', () => {
  test('loses all its panes, and is closed when nothing is left', () => {
    const slots = [aRunningSlot('m1'), aSlot('s1'), aRunningSlot('s2', { hold: aHold() })];
    const { does } = planned(aLayout({ slots, deleting: DELETED }), seen(['m1', 's2']));
    expect(does).toEqual(['kill-pane m1 (DeleteRequested)', 'kill-pane s2 (DeleteRequested)']);

    const ended = ['m1', 's2'].map((key) => aSlot(key, { pane: aPane(key, { state: 'removed' }) }));
    const { plan } = planned(aLayout({ slots: ended, deleting: UNDECLARED }), seen());
    expect(plan.actions).toEqual([
      {
        kind: 'close-layout',
        layout: aLayout().id,
        layoutName: 'web',
        reason: 'NoLongerDeclared',
      },
    ]);
  });

  test('is not closed while one of its ended panes still stands', () => {
    const slots = [aSlot('m1', { pane: aPane('m1', { state: 'removed' }) }), aSlot('s1')];
    const ended = new Map([anEnded('m1', 'm1')]);
    const layout = aLayout({ slots, deleting: DELETED });
    expect(planned(layout, { observation: seen(['m1']), ended }).does).toEqual([
      'kill-leftover pane-m1',
    ]);
  });

  test('is not laid out anew, and nothing of it is created', () => {
    const layout = aLayout({ slots: [aSlot('m1')], deleting: DELETED, arranged: 'even-vertical' });
    expect(planned(layout, seen()).does).toEqual(['close-layout web']);
  });

  test('leaves alone what a person made in its session', () => {
    const layout = aLayout({ slots: [aRunningSlot('m1')], deleting: DELETED });
    const { plan, does } = planned(layout, seen(['m1', aHandMadePane('vim')]));
    expect(does).toEqual(['kill-pane m1 (DeleteRequested)']);
    expect(only(plan, 'kill-pane').seen.paneId).toBe(aPane('m1').id);
  });
});

describe('a suspended layout', () => {
  const bySpec = { spec: { suspend: true } };
  const byOperator = { suspended: { by: 'ann', reason: '', at: NOW } };

  test('only records: losses and exits are written down, nothing is changed', () => {
    const slots = [
      aRunningSlot('lost'),
      aRunningSlot('exited'),
      aSlot('dead', { pane: anExitedPane('dead') }),
      aSlot('missing'),
      aSlot('gone', { pane: aLostPane('gone') }),
      aRunningSlot('edited', { spec: { command: ['new'] }, pane: aPane('edited') }),
      aRunningSlot('undeclared', { declared: false }),
      aRunningSlot('held', { hold: aHold() }),
      aSlot('starting', { pane: aStartingPane('starting') }),
      aSlot('intended', { pane: anIntendedPane('intended') }),
      aRunningSlot('untagged'),
    ];
    const observation = seen([
      aDeadPane('exited'),
      aDeadPane('dead'),
      'edited',
      'undeclared',
      'held',
      'starting',
      untagged(aSeenPane('untagged')),
    ]);
    for (const changes of [bySpec, byOperator]) {
      const layout = aLayout({ ...changes, slots, arranged: 'even-vertical' });
      expect(planned(layout, observation)).toMatchObject({
        does: ['record-vanished lost (Vanished)', 'record-exited exited'],
        waits: [],
      });
    }
  });

  test('lets a pane that was started before become ready', () => {
    const settled = { startedAt: NOW - MINUTE };
    const slots = [aSlot('m1', { pane: aStartingPane('m1', settled) })];
    for (const changes of [bySpec, byOperator]) {
      expect(planned(aLayout({ ...changes, slots }), seen(['m1'])).does).toEqual(['mark-ready m1']);
    }
  });

  test('gives up a start that was never confirmed once its time is up, and wakes for that', () => {
    const { creatingTtlMs } = DEFAULT_POLICY;
    for (const changes of [bySpec, byOperator]) {
      const decide = (createdAt: number) =>
        planned(
          aLayout({
            ...changes,
            slots: [aSlot('m1', { pane: anIntendedPane('m1', { createdAt }) })],
          }),
          seen([]),
        );
      expect(decide(NOW - creatingTtlMs).does).toEqual([]);
      expect(decide(NOW - creatingTtlMs).wakesIn).toBe(1);
      const { plan, does } = decide(NOW - creatingTtlMs - 1);
      expect(does).toEqual(['give-up m1']);
      expect(only(plan, 'give-up').stage).toBe('pane_create');
    }
  });

  test('keeps the leftovers of its slots as well', () => {
    const layout = aLayout({ ...byOperator, slots: [aSlot('m1', { pane: aLostPane('m1') })] });
    const ended = new Map([anEnded('m1', 'm1')]);
    expect(planned(layout, { observation: seen(['m1']), ended }).does).toEqual([]);
  });

  test('is not pruned: a declaration that went away waits until it is resumed', () => {
    const slots = [aRunningSlot('m1')];
    for (const changes of [bySpec, byOperator]) {
      const layout = aLayout({ ...changes, slots, deleting: UNDECLARED });
      expect(planned(layout, seen(['m1'])).does).toEqual([]);
    }
  });

  test('is deleted when an operator says so', () => {
    const slots = [aRunningSlot('m1')];
    for (const changes of [bySpec, byOperator]) {
      const layout = aLayout({ ...changes, slots, deleting: DELETED });
      expect(planned(layout, seen(['m1'])).does).toEqual(['kill-pane m1 (DeleteRequested)']);
    }
  });
});

test('what is over is written down first, what is missing is made next, and removals come last', () => {
  const slots = [
    aRunningSlot('away', { declared: false }),
    aSlot('closed', { declared: false }),
    aSlot('starting', { pane: aStartingPane('starting', { startedAt: NOW - MINUTE }) }),
    aSlot('missing'),
    aRunningSlot('exited'),
  ];
  const { does } = planned(
    aLayout({ slots, arranged: 'even-vertical' }),
    seen(['away', 'starting', aDeadPane('exited')], { sessions: [aSession('web')] }),
  );
  expect(does).toEqual([
    'record-exited exited',
    'mark-ready starting',
    'create-pane missing (Missing)',
    'kill-pane away (NoLongerDeclared)',
    'close-slot closed',
  ]);
});
