import type { UnknownObservation } from '../../../domain/observed.ts';
import type { LayoutRecord } from '../../../domain/records.ts';
import { computeStatus } from '../../../plan/status.ts';
import type { Services } from './services.ts';

type Looks = Pick<Services, 'lastFailure' | 'lastObservation'>;
type Doubt = Pick<UnknownObservation, 'reason' | 'message'>;

/**
 * The layout with the status that can be vouched for now. Where the newest pass came to nothing, as on a full disk, or
 * none has ended since the daemon started, the recorded one may be long past: it is unknown, and says why.
 */
export function knownLayout(
  layout: LayoutRecord,
  { clock, policy, ...looks }: Looks & Pick<Services, 'clock' | 'policy'>,
): LayoutRecord {
  const doubt = findDoubt(layout, looks);
  if (doubt === undefined) return layout;
  const observation = { kind: 'unknown', container: layout.container, ...doubt } as const;
  const moment = { now: clock.now(), policy };
  const { sync, health, conditions } = computeStatus({
    ...moment,
    layout,
    observation,
    blocked: [],
  });
  return { ...layout, sync, health, conditions };
}

function findDoubt(
  { container, conditions }: LayoutRecord,
  { lastFailure, lastObservation }: Looks,
): Doubt | undefined {
  const message = lastFailure(container);
  if (message !== undefined) return { reason: 'PassFailed', message };
  // Of one that was only just declared nothing is claimed.
  if (lastObservation(container) !== undefined || conditions.length === 0) return undefined;
  return {
    reason: 'NotLookedYet',
    message: `the first look at container ${container} since the daemon started is not over yet`,
  };
}
