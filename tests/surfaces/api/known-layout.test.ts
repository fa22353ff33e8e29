import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import { computeStatus } from '../../../src/plan/status.ts';
import { knownLayout } from '../../../src/surfaces/api/methods/known-layout.ts';
import { toLayoutView } from '../../../src/surfaces/api/views.ts';
import { aLayout, aRunningSlot, aSeenPane, NOW, seen } from '../../support/builders.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const moment = { now: NOW, policy: DEFAULT_POLICY };

function aReadyLayout() {
  const layout = aLayout({ slots: [aRunningSlot('m1')] });
  const observation = seen([aSeenPane('m1')]);
  const status = computeStatus({ ...moment, layout, observation, blocked: [] });
  const { sync, health, conditions } = status;
  return { ...layout, sync, health, conditions };
}

function shown(failure: string | undefined) {
  const services = { lastFailure: () => failure, policy: DEFAULT_POLICY };
  const layout = knownLayout(aReadyLayout(), { ...services, clock: virtualClock() });
  const { sync, health, conditions } = toLayoutView(layout, moment);
  return {
    sync,
    health,
    conditions: conditions.map(({ type, status, reason }) => [type, status, reason]),
  };
}

test('a layout is shown as it was recorded, and as unknown while nothing can be recorded of it', () => {
  expect(shown(undefined)).toEqual({
    sync: 'Synced',
    health: 'Healthy',
    conditions: [
      ['Ready', 'True', 'AllReady'],
      ['Observed', 'True', 'Observed'],
    ],
  });
  expect(shown('Cannot use the database: the disk is full.')).toEqual({
    sync: 'Unknown',
    health: 'Unknown',
    conditions: [
      ['Ready', 'Unknown', 'PassFailed'],
      ['Observed', 'False', 'PassFailed'],
    ],
  });
});
