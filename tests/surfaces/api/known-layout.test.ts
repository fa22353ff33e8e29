import { expect, test } from 'vitest';
import type { Observation } from '../../../src/domain/observed.ts';
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

function shown(
  { failure, observation }: { readonly failure?: string; readonly observation?: Observation },
  recorded = aReadyLayout(),
) {
  const services = {
    lastFailure: () => failure,
    lastObservation: () => observation,
    policy: DEFAULT_POLICY,
  };
  const layout = knownLayout(recorded, { ...services, clock: virtualClock() });
  const { sync, health, conditions } = toLayoutView(layout, moment);
  return {
    sync,
    health,
    conditions: conditions.map(({ type, status, reason }) => [type, status, reason]),
  };
}

test('a layout is shown as it was recorded, and as unknown while nothing can be recorded of it', () => {
  expect(shown({ observation: seen() })).toEqual({
    sync: 'Synced',
    health: 'Healthy',
    conditions: [
      ['Ready', 'True', 'AllReady'],
      ['Observed', 'True', 'Observed'],
    ],
  });
  expect(shown({ observation: seen(), failure: 'the disk is full' })).toEqual({
    sync: 'Unknown',
    health: 'Unknown',
    conditions: [
      ['Ready', 'Unknown', 'PassFailed'],
      ['Observed', 'False', 'PassFailed'],
    ],
  });
});

test('what was recorded before the daemon started is not claimed before the first look is over', () => {
  expect(shown({})).toMatchObject({
    sync: 'Unknown',
    conditions: [
      ['Ready', 'Unknown', 'NotLookedYet'],
      ['Observed', 'False', 'NotLookedYet'],
    ],
  });
  const justDeclared = aLayout({ slots: [] });
  expect(shown({}, justDeclared)).toEqual({
    sync: 'OutOfSync',
    health: 'Progressing',
    conditions: [],
  });
});
