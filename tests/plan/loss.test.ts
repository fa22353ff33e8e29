import { expect, test } from 'vitest';
import {
  aLayout,
  aLostPane,
  anExitedPane,
  anIntendedPane,
  aPane,
  aRunningSlot,
  aSeenPane,
  aSlot,
  aStartingPane,
  EPOCH,
  MINUTE,
  NOW,
  OTHER_BOOT,
  OTHER_SERVER,
  paneId,
  SECOND,
  seen,
} from '../support/builders.ts';
import { only, planned } from './told.ts';

test('a killed pane comes back at once, and its siblings are left alone', () => {
  const layout = aLayout({ slots: [aRunningSlot('m1'), aRunningSlot('s1'), aRunningSlot('s2')] });
  const { plan, does } = planned(layout, seen(['m1', 's2']));
  expect(does).toEqual(['record-vanished s1 (Vanished)', 'create-pane s1 (Vanished)']);
  expect(only(plan, 'create-pane').replaces).toBe(paneId('s1'));
  expect(only(plan, 'record-vanished').backoff).toEqual({
    failures: 0,
    nextAttemptAt: undefined,
    exits: [],
    vanishings: [NOW],
  });
});

test('a pane killed while it was starting, or dead, comes back too', () => {
  for (const pane of [aStartingPane('m1'), anExitedPane('m1')]) {
    const layout = aLayout({ slots: [aSlot('m1', { pane })] });
    expect(planned(layout, seen()).does).toEqual([
      'record-vanished m1 (Vanished)',
      'create-pane m1 (Vanished)',
    ]);
  }
});

test('a pane whose create landed and that is gone again is lost, not created a second time', () => {
  const fence = { epoch: EPOCH, value: paneId('m1') };
  const layout = aLayout({ slots: [aSlot('m1', { pane: anIntendedPane('m1'), fence })] });
  const { plan } = planned(layout, seen());
  expect(only(plan, 'record-vanished').cause).toEqual({ reason: 'Vanished' });
  expect(only(plan, 'create-pane')).toMatchObject({ replaces: paneId('m1') });
  expect(only(plan, 'create-pane')).not.toHaveProperty('resume');
});

test.each([
  ['a tmux restart', OTHER_SERVER, 'TmuxServerLost'],
  ['a container restart', OTHER_BOOT, 'ContainerRestarted'],
])('%s rebuilds each slot once and counts no failure', (_what, epoch, reason) => {
  const slots = ['m1', 's1', 's2'].map((key) => aRunningSlot(key, { failures: 2 }));
  const { plan, does } = planned(aLayout({ slots }), seen([], { epoch }));
  expect(does).toEqual([
    ...['m1', 's1', 's2'].map((key) => `record-vanished ${key} (${reason})`),
    ...['m1', 's1', 's2'].map((key) => `create-pane ${key} (${reason})`),
  ]);
  for (const action of plan.actions) {
    if (action.kind !== 'record-vanished') continue;
    expect(action.backoff).toEqual({
      failures: 2,
      nextAttemptAt: undefined,
      exits: [],
      vanishings: [],
    });
  }
});

test('a tmux id of an earlier server is void, whatever has it now', () => {
  const stranger = { ...aPane('m1'), tmuxPaneId: undefined };
  const layout = aLayout({ slots: [aRunningSlot('m1', { pane: aPane('m1') })] });
  const observation = seen(
    [
      {
        id: aPane('m1').tmuxPaneId ?? ('' as never),
        sessionId: '$x' as never,
        sessionName: 'x',
        windowId: '@x' as never,
        index: 0,
        title: 'someone else',
        pid: stranger.pid ?? 0,
        dead: false,
        piped: false,
      },
    ],
    { epoch: OTHER_SERVER },
  );
  expect(planned(layout, observation).does).toEqual([
    'record-vanished m1 (TmuxServerLost)',
    'create-pane m1 (TmuxServerLost)',
  ]);
});

test('a slot whose creation was put off after a restart of tmux still names that cause', () => {
  const cases = [
    [EPOCH, 'Vanished'],
    [OTHER_SERVER, 'TmuxServerLost'],
    [OTHER_BOOT, 'ContainerRestarted'],
  ] as const;
  for (const [epoch, reason] of cases) {
    const layout = aLayout({ slots: [aSlot('m1', { pane: aLostPane('m1') })] });
    expect(planned(layout, seen([], { epoch })).does).toEqual([`create-pane m1 (${reason})`]);
  }
});

test('five vanishings in ten minutes make it contested: it comes back at the pace of the cap', () => {
  const vanishings = [9, 4, 3, 2].map((minutes) => NOW - minutes * MINUTE);
  const slot = aRunningSlot('m1', { vanishings });
  const { plan, does, wakesIn } = planned(aLayout({ slots: [slot] }), seen());
  expect(does).toEqual(['record-vanished m1 (Vanished)']);
  expect(only(plan, 'record-vanished').backoff.vanishings).toEqual([...vanishings, NOW]);
  expect(wakesIn).toBe(MINUTE);

  const waiting = aSlot('m1', {
    pane: aLostPane('m1'),
    vanishings: [...vanishings, NOW],
    nextAttemptAt: NOW + MINUTE,
  });
  const later = planned(aLayout({ slots: [waiting] }), { observation: seen(), now: NOW + SECOND });
  expect(later.does).toEqual([]);
  expect(later.plan.blocked).toMatchObject([
    { reason: 'Backoff', message: 'waits because it was removed by someone else 5 times' },
  ]);
  const due = planned(aLayout({ slots: [waiting] }), { observation: seen(), now: NOW + MINUTE });
  expect(due.does).toEqual(['create-pane m1 (Vanished)']);
});

test('vanishings longer ago than ten minutes are forgotten', () => {
  const vanishings = [11, 10.5, 10.2, 10].map((minutes) => NOW - minutes * MINUTE);
  const { does } = planned(aLayout({ slots: [aRunningSlot('m1', { vanishings })] }), seen());
  expect(does).toEqual(['record-vanished m1 (Vanished)', 'create-pane m1 (Vanished)']);
});

test('with restart policy Never a vanished pane stays away until somebody restarts it', () => {
  const spec = { restartPolicy: 'Never' } as const;
  const gone = planned(aLayout({ slots: [aRunningSlot('m1', { spec })] }), seen());
  expect(gone.does).toEqual(['record-vanished m1 (Vanished)']);

  const lost = aSlot('m1', { spec, pane: aLostPane('m1', { spec }) });
  expect(planned(aLayout({ slots: [lost] }), seen())).toMatchObject({
    does: [],
    waits: ['m1 RestartPolicyNever'],
  });

  const wanted = { ...lost, restartRequested: true };
  expect(planned(aLayout({ slots: [wanted] }), seen()).does).toEqual([
    'create-pane m1 (RestartRequested)',
  ]);
});

test('with restart policy Never a pane that vanishes under a requested restart is made anew', () => {
  const slot = aRunningSlot('m1', { spec: { restartPolicy: 'Never' }, restartRequested: true });
  expect(planned(aLayout({ slots: [slot] }), seen()).does).toEqual([
    'record-vanished m1 (Vanished)',
    'create-pane m1 (Vanished)',
  ]);
});

test('with restart policy OnFailure a vanished pane comes back', () => {
  const slot = aRunningSlot('m1', { spec: { restartPolicy: 'OnFailure' } });
  expect(planned(aLayout({ slots: [slot] }), seen()).does).toContain('create-pane m1 (Vanished)');
});

test('a pane whose tag was overwritten is lost before another one is recorded under its tmux id', () => {
  const layout = aLayout({
    slots: [aSlot('m1', { pane: anIntendedPane('m1') }), aRunningSlot('s1')],
  });
  const overwritten = aSeenPane('s1', { paneId: paneId('m1') });
  expect(planned(layout, seen([overwritten])).does).toEqual([
    'record-vanished s1 (Vanished)',
    'record-started m1',
    'create-pane s1 (Vanished)',
  ]);
});
