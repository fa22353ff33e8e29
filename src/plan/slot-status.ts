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
  if (pane.failedStage === 'log_attach') return isLoggedAsWanted(pane) ? 'Ready' : 'Degraded';
  return endedStatus(slot);
}

/** Its state stays `degraded` for whoever asked for it; what is declared now may have been had since. */
function isLoggedAsWanted({ spec, logPath, problem }: PaneRecord): boolean {
  return !spec.log || (logPath !== undefined && problem === undefined);
}

function endedStatus(slot: SlotRecord): SlotStatus {
  const { pane } = slot;
  const { restartPolicy } = slot.spec;
  if (pane === undefined || restartPolicy === 'Always') return 'Backoff';
  if (pane.failedStage === 'launch_command' && isCleanExit(pane)) return 'Completed';
  return restartPolicy === 'OnFailure' ? 'Backoff' : 'Failed';
}

/** When time alone may make it another: its hold ends, or exits and vanishings of it are forgotten. Infinity for never. */
export function statusHoldsUntil(
  { hold, exits, vanishings }: SlotRecord,
  { now, policy }: { readonly now: number; readonly policy: Policy },
): number {
  const forgotten = [...exits, ...vanishings].map((time) => time + policy.crashWindowMs);
  return Math.min(...[hold?.until ?? Infinity, ...forgotten].filter((time) => time > now));
}

export interface SlotWithStatus {
  readonly slot: SlotRecord;
  readonly status: SlotStatus;
}
