import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import type { RestartPolicy } from '../../src/domain/spec.ts';
import {
  aDeadPane,
  aLayout,
  anExitedPane,
  aPane,
  aRunningSlot,
  aSlot,
  aStartingPane,
  MINUTE,
  NOW,
  paneId,
  SECOND,
  seen,
  without,
} from '../support/builders.ts';
import { only, planned } from './told.ts';

const CAP = DEFAULT_POLICY.backoffCapMs;

test('a process that ends by itself is written down first, and its dead pane stays to be looked at', () => {
  const layout = aLayout({ slots: [aRunningSlot('m1'), aRunningSlot('s1')] });
  const { plan, does, wakesIn } = planned(layout, seen([aDeadPane('m1'), 's1']));
  expect(does).toEqual(['record-exited m1']);
  const { backoff } = only(plan, 'record-exited');
  expect(backoff).toMatchObject({ failures: 1, exits: [NOW], vanishings: [] });
  expect(wakesIn).toBe((backoff.nextAttemptAt ?? 0) - NOW);
});

test.each([1, 2, 3, 4, 5, 6, 7, 40])(
  'a dead pane waits 1 s, then 2 s, then 4 s, up to a minute: failure %i',
  (failures) => {
    const slot = aRunningSlot('m1', { failures: failures - 1 });
    const { plan, wakesIn } = planned(aLayout({ slots: [slot] }), seen([aDeadPane('m1')]));
    const { backoff } = only(plan, 'record-exited');
    const doubled = SECOND * 2 ** (failures - 1);
    expect(backoff.failures).toBe(failures);
    expect(wakesIn).toBeGreaterThanOrEqual(Math.min(CAP, doubled));
    expect(wakesIn).toBeLessThanOrEqual(Math.min(CAP, doubled * 1.25));
  },
);

test('a dead pane whose wait is over is revived in place', () => {
  const slot = aSlot('m1', { pane: anExitedPane('m1'), failures: 1, nextAttemptAt: NOW });
  const { plan, does } = planned(aLayout({ slots: [slot] }), seen([aDeadPane('m1')]));
  expect(does).toEqual(['respawn-pane m1 (ProcessExited (status 3))']);
  expect(only(plan, 'respawn-pane')).toMatchObject({
    old: paneId('m1'),
    seen: { id: aPane('m1').tmuxPaneId },
  });
});

test('while it waits nothing is done, and the plan says for how long', () => {
  const nextAttemptAt = NOW + 1_500;
  const slot = aSlot('m1', { pane: anExitedPane('m1'), failures: 2, nextAttemptAt });
  const { plan, does, wakesIn } = planned(aLayout({ slots: [slot] }), seen([aDeadPane('m1')]));
  expect(does).toEqual([]);
  expect(plan.blocked).toEqual([
    {
      layoutName: 'web',
      slotKey: 'm1',
      reason: 'Backoff',
      message: 'waits after 2 failures in a row',
    },
  ]);
  expect(wakesIn).toBe(1_500);
});

test('after one failure it is a failure, not failures', () => {
  const slot = aSlot('m1', { pane: anExitedPane('m1'), failures: 1, nextAttemptAt: NOW + 1 });
  const { plan } = planned(aLayout({ slots: [slot] }), seen([aDeadPane('m1')]));
  expect(plan.blocked[0]?.message).toBe('waits after 1 failure in a row');
});

test('a clock that was set back does not freeze a slot: no wait is longer than the cap', () => {
  const longest = aSlot('m1', { pane: anExitedPane('m1'), nextAttemptAt: NOW + CAP });
  expect(planned(aLayout({ slots: [longest] }), seen([aDeadPane('m1')])).does).toEqual([]);
  const slot = aSlot('m1', { pane: anExitedPane('m1'), nextAttemptAt: NOW + CAP + 1 });
  expect(planned(aLayout({ slots: [slot] }), seen([aDeadPane('m1')])).does).toEqual([
    'respawn-pane m1 (ProcessExited (status 3))',
  ]);
});

test('a failure after a healthy minute is the first of a new row', () => {
  const pane = aPane('m1', { readyAt: NOW - MINUTE });
  const slot = aRunningSlot('m1', { pane, failures: 6 });
  const { plan } = planned(aLayout({ slots: [slot] }), seen([aDeadPane('m1')]));
  expect(only(plan, 'record-exited').backoff.failures).toBe(1);
});

test('a process that ends before it has settled counts as a failure and never became ready', () => {
  const slot = aSlot('m1', { pane: aStartingPane('m1'), failures: 1 });
  const { plan, does, wakesIn } = planned(aLayout({ slots: [slot] }), seen([aDeadPane('m1')]));
  expect(does).toEqual(['record-exited m1']);
  const { backoff } = only(plan, 'record-exited');
  expect(backoff.failures).toBe(2);
  expect(wakesIn).toBe((backoff.nextAttemptAt ?? 0) - NOW);
});

test('a pane that works without its log is watched for exits like any other', () => {
  const pane = aPane('m1', { state: 'degraded', failedStage: 'log_attach' });
  const { does } = planned(aLayout({ slots: [aSlot('m1', { pane })] }), seen([aDeadPane('m1')]));
  expect(does).toEqual(['record-exited m1']);
});

test('a restart is never refused, however long the wait still is', () => {
  const slot = aSlot('m1', {
    pane: anExitedPane('m1', { spec: { restartPolicy: 'Never' } }),
    spec: { restartPolicy: 'Never' },
    failures: 9,
    nextAttemptAt: NOW + CAP,
    restartRequested: true,
  });
  expect(planned(aLayout({ slots: [slot] }), seen([aDeadPane('m1')])).does).toEqual([
    'respawn-pane m1 (RestartRequested)',
  ]);
});

test('a healthy minute makes a slot forget its failures', () => {
  const pane = aPane('m1', { readyAt: NOW - MINUTE });
  const slot = aRunningSlot('m1', { pane, failures: 3 });
  expect(planned(aLayout({ slots: [slot] }), seen(['m1'])).does).toEqual(['record-healthy m1']);

  const earlier = planned(aLayout({ slots: [slot] }), {
    observation: seen(['m1']),
    now: NOW - SECOND,
  });
  expect(earlier).toMatchObject({ does: [], wakesIn: SECOND });
});

test('a pane that is ready since nobody knows when is healthy a minute from now', () => {
  const pane = without(aPane('m1'), 'readyAt');
  const layout = aLayout({ slots: [aSlot('m1', { pane, failures: 1 })] });
  expect(planned(layout, seen(['m1']))).toMatchObject({ does: [], wakesIn: MINUTE });
});

test('a healthy minute counts for a pane that works without its log, too', () => {
  const pane = aPane('m1', {
    state: 'degraded',
    failedStage: 'log_attach',
    readyAt: NOW - 2 * MINUTE,
  });
  const { does, wakesIn } = planned(
    aLayout({ slots: [aSlot('m1', { pane, failures: 1 })] }),
    seen(['m1']),
  );
  expect(does).toEqual(['record-healthy m1']);
  expect(wakesIn).toBeUndefined();
});

describe('restart policies', () => {
  type Exit = { readonly exitCode?: number; readonly exitSignal?: string };
  const completed = { does: [], waits: ['m1 Completed'] };
  const left = { does: [], waits: ['m1 RestartPolicyNever'] };

  test.each<[RestartPolicy, Exit, object]>([
    ['Always', { exitCode: 0 }, revived('status 0')],
    ['Always', { exitCode: 3 }, revived('status 3')],
    ['Always', { exitSignal: 'TERM' }, revived('signal TERM')],
    ['Always', { exitSignal: 'SEGV' }, revived('signal SEGV')],
    ['OnFailure', { exitCode: 0 }, completed],
    ['OnFailure', { exitCode: 3 }, revived('status 3')],
    ['OnFailure', { exitSignal: 'HUP' }, completed],
    ['OnFailure', { exitSignal: 'INT' }, completed],
    ['OnFailure', { exitSignal: 'TERM' }, completed],
    ['OnFailure', { exitSignal: 'KILL' }, revived('signal KILL')],
    ['Never', { exitCode: 0 }, completed],
    ['Never', { exitCode: 3 }, left],
    ['Never', { exitSignal: 'INT' }, completed],
    ['Never', { exitSignal: 'KILL' }, left],
  ])('%s after %j', (restartPolicy, exit, expected) => {
    const spec = { restartPolicy };
    const slot = aSlot('m1', { spec, pane: anExitedPane('m1', { spec, ...exit }) });
    const observation = seen([aDeadPane('m1', exit)]);
    expect(planned(aLayout({ slots: [slot] }), observation)).toMatchObject(expected);
  });

  test('an exit tmux told nothing about is a failure', () => {
    const { exitCode: _none, ...pane } = anExitedPane('m1');
    const slot = aSlot('m1', { pane });
    expect(planned(aLayout({ slots: [slot] }), seen([aDeadPane('m1')])).does).toEqual([
      'respawn-pane m1 (ProcessExited)',
    ]);
  });

  test('a start that tmux refused is tried again after its wait, unless the policy is Never', () => {
    expect(retried('Always').does).toEqual(['create-pane m1 (CreateFailed)']);
    expect(retried('OnFailure').does).toEqual(['create-pane m1 (CreateFailed)']);
    expect(retried('Never')).toMatchObject(left);
  });
});

function refused(restartPolicy: RestartPolicy) {
  const spec = { restartPolicy };
  const pane = aPane('m1', { spec, state: 'failed', failedStage: 'pane_create' });
  return aSlot('m1', { spec, pane, failures: 1, nextAttemptAt: NOW });
}

function revived(how: string) {
  return { does: [`respawn-pane m1 (ProcessExited (${how}))`] };
}

function retried(policy: RestartPolicy) {
  return planned(aLayout({ slots: [refused(policy)] }), seen());
}
