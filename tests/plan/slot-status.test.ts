import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import type { LayoutRecord } from '../../src/domain/records.ts';
import { computePlan } from '../../src/plan/compute.ts';
import { slotHoldsUntil } from '../../src/plan/slot-status.ts';
import {
  aForeignSession,
  aHold,
  aLayout,
  anIntendedPane,
  aRunningSlot,
  aSlot,
  MINUTE,
  NOW,
  type PaneChanges,
  SECOND,
  seen,
} from '../support/builders.ts';

const policy = DEFAULT_POLICY;
const MOMENT = { now: NOW, policy, runningSince: 0 };

/** A start that tmux never confirmed, whose session has meanwhile been taken by somebody else. */
function aConflict(changes: PaneChanges): LayoutRecord {
  return aLayout({ slots: [aSlot('m1', { pane: anIntendedPane('m1', changes) })] });
}

function planAt(layout: LayoutRecord, now: number) {
  const observation = seen([], { sessions: [aForeignSession('web')] });
  return computePlan({ now, policy, layouts: [layout], observation, ended: new Map() });
}

test.each<[string, PaneChanges]>([
  ['is given up', { retryAt: NOW - 1 }],
  ['waits again, which a clock set back had ended', { attempts: 1, retryAt: NOW + 3 * MINUTE }],
])('a start that is blocked is the same until it %s', (_what, changes) => {
  const layout = aConflict(changes);
  const [slot] = layout.slots;
  const before = planAt(layout, NOW);
  expect(before.blocked.map(({ reason }) => reason)).toEqual(['SessionNameConflict']);
  expect(before.actions).toEqual([]);
  expect(before.wakeAt).toBeUndefined();
  const until = slotHoldsUntil(slot!, MOMENT);
  expect(planAt(layout, until - 1)).toEqual(before);
  expect(planAt(layout, until)).not.toEqual(before);
});

test('a start waits from when its container began to run, if that is later', () => {
  const slot = aSlot('m1', {
    pane: anIntendedPane('m1', { createdAt: NOW - policy.creatingTtlMs }),
  });
  expect(slotHoldsUntil(slot, MOMENT)).toBe(NOW + 1);
  const runningSince = NOW - MINUTE;
  const late = aSlot('m1', { pane: anIntendedPane('m1', { createdAt: NOW - 10 * MINUTE }) });
  expect(slotHoldsUntil(late, { ...MOMENT, runningSince })).toBe(
    runningSince + policy.creatingTtlMs + 1,
  );
});

test('a slot is as it is until its hold ends or an exit of it is forgotten', () => {
  const exits = [NOW - policy.crashWindowMs + 2 * SECOND];
  expect(slotHoldsUntil(aRunningSlot('m1', { exits }), MOMENT)).toBe(NOW + 2 * SECOND);
  const hold = aHold({ until: NOW + SECOND });
  expect(slotHoldsUntil(aRunningSlot('m1', { exits, hold }), MOMENT)).toBe(NOW + SECOND);
});

test('an exit that the clock was set back far behind changes it when it comes near again', () => {
  const exits = [NOW + policy.crashWindowMs + SECOND];
  expect(slotHoldsUntil(aRunningSlot('m1', { exits }), MOMENT)).toBe(NOW + SECOND + 1);
});

test('nothing of a slot that runs for long and never failed changes with time', () => {
  const [slot] = aLayout({ slots: [aSlot('m1')] }).slots;
  expect(slotHoldsUntil(slot!, MOMENT)).toBe(Infinity);
});
