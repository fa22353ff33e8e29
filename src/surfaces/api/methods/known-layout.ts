import type { LayoutRecord } from '../../../domain/records.ts';
import { computeStatus } from '../../../plan/status.ts';
import type { Services } from './services.ts';

/**
 * The layout with the status that can be vouched for now. Where the newest pass came to nothing, as on a full disk,
 * the recorded one may be long past: it is unknown, and says why.
 */
export function knownLayout(
  layout: LayoutRecord,
  { lastFailure, clock, policy }: Pick<Services, 'lastFailure' | 'clock' | 'policy'>,
): LayoutRecord {
  const { container } = layout;
  const message = lastFailure(container);
  if (message === undefined) return layout;
  const observation = { kind: 'unknown', container, reason: 'PassFailed', message } as const;
  const moment = { now: clock.now(), policy };
  const { sync, health, conditions } = computeStatus({
    ...moment,
    layout,
    observation,
    blocked: [],
  });
  return { ...layout, sync, health, conditions };
}
