import type { Policy } from '../domain/policy.ts';
import type { PaneRecord, SlotRecord } from '../domain/records.ts';
import type { Health } from '../domain/status.ts';
import { isCleanExit, isContested, isCrashLoop } from './backoff.ts';
import { activeHold } from './slot-view.ts';

/** One word per slot; the worst of them and the conditions make up the layout's status. */
export type SlotStatus =
  | 'Ready'
  | 'Starting'
  | 'Pending'
  | 'Backoff'
  | 'CrashLoop'
  | 'Contested'
  | 'Held'
  | 'Completed'
  | 'Failed'
  | 'Degraded'
  | 'Removing';

export const HEALTH_OF: Readonly<Record<SlotStatus, Health>> = {
  Ready: 'Healthy',
  Completed: 'Healthy',
  Held: 'Suspended',
  Starting: 'Progressing',
  Pending: 'Progressing',
  Removing: 'Progressing',
  Backoff: 'Degraded',
  CrashLoop: 'Degraded',
  Contested: 'Degraded',
  Degraded: 'Degraded',
  Failed: 'Degraded',
};
/** The slot's one-word status, for tables and for its layout's health. */
export function slotStatus(
  slot: SlotRecord,
  input: { readonly now: number; readonly policy: Policy },
): SlotStatus {
  const { now, policy } = input;
  const { pane } = slot;
  if (!slot.declared) return 'Removing';
  if (activeHold(slot, now) !== undefined) return 'Held';
  if (isCrashLoop(slot, now, policy)) return 'CrashLoop';
  if (isContested(slot, now, policy) && pane?.state !== 'ready') return 'Contested';
  if (pane === undefined || pane.state === 'removed') return 'Pending';
  if (pane.state === 'creating') return 'Starting';
  if (pane.state === 'ready') return 'Ready';
  return pane.failedStage === 'log_attach' ? unloggedStatus(pane) : endedStatus(slot);
}

/** Its state stays `degraded` for whoever asked for it; what is declared now may have been had since. */
function unloggedStatus({ spec, logPath, problem }: PaneRecord): SlotStatus {
  const isLogged = logPath !== undefined && problem === undefined;
  return spec.log && !isLogged ? 'Degraded' : 'Ready';
}

function endedStatus(slot: SlotRecord): SlotStatus {
  const { pane } = slot;
  const { restartPolicy } = slot.spec;
  if (pane === undefined || restartPolicy === 'Always') return 'Backoff';
  if (pane.failedStage === 'launch_command' && isCleanExit(pane)) return 'Completed';
  return restartPolicy === 'OnFailure' ? 'Backoff' : 'Failed';
}

/**
 * When time alone may change what is planned for the slot or said of it, where the plan itself names no time: its hold
 * ends, exits and vanishings of it are forgotten, a start that is not confirmed is given up, or what the clock was set
 * back behind comes so near that it is believed again. Infinity for never.
 */
export function slotHoldsUntil(
  { hold, exits, vanishings, nextAttemptAt, pane }: SlotRecord,
  { now, policy, runningSince }: Moment,
): number {
  const counted = [...exits, ...vanishings].flatMap((time) => [
    time - policy.crashWindowMs + 1,
    time + policy.crashWindowMs,
  ]);
  const believed = [nextAttemptAt, pane?.retryAt].flatMap((time) =>
    time === undefined ? [] : [time - policy.backoffCapMs, time],
  );
  const givenUp = [pane?.createdAt ?? 0, runningSince].map(
    (time) => time + policy.creatingTtlMs + 1,
  );
  const times = [hold?.until ?? Infinity, ...counted, ...believed, ...givenUp];
  return Math.min(...times.filter((time) => time > now));
}

interface Moment {
  readonly now: number;
  readonly policy: Policy;
  /** When this stretch of the container's running began; 0 when it always ran as far as we know. */
  readonly runningSince: number;
}

export interface SlotWithStatus {
  readonly slot: SlotRecord;
  readonly status: SlotStatus;
}
