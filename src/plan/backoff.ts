import type { Policy } from '../domain/policy.ts';
import type { PaneRecord, SlotRecord } from '../domain/records.ts';
import { sha256 } from '../lib/hash.ts';
import type { BackoffState } from './action.ts';

/**
 * Pause before the next start after `failures` failures in a row: base doubling to the cap, plus up to a quarter of
 * jitter, never above the cap. The jitter comes from the slot and the count, so that equal inputs plan equal times.
 */
export function backoffMs(slot: SlotRecord, failures: number, policy: Policy): number {
  const doubled = policy.backoffBaseMs * 2 ** Math.min(failures - 1, 30);
  const fraction = Number.parseInt(sha256(`${slot.id}/${failures}`).slice(0, 8), 16) / 0xffff_ffff;
  return Math.min(policy.backoffCapMs, Math.round(doubled * (1 + fraction / 4)));
}

/** The slot after its process ended by itself, or could not be started, at `now`. */
export function afterExit(
  slot: SlotRecord,
  pane: PaneRecord,
  now: number,
  policy: Policy,
): BackoffState {
  const failures = isHealthy(pane, now, policy) ? 1 : slot.failures + 1;
  return {
    failures,
    nextAttemptAt: now + backoffMs(slot, failures, policy),
    exits: [...recent(slot.exits, now, policy), now],
    vanishings: slot.vanishings,
  };
}

/**
 * The slot after its pane was removed by someone else: back at once, until this has happened so often that somebody
 * is clearly at work against it; then at the pace of the cap.
 */
export function afterVanishing(slot: SlotRecord, now: number, policy: Policy): BackoffState {
  const vanishings = [...recent(slot.vanishings, now, policy), now];
  const contested = vanishings.length >= policy.contestedVanishings;
  return {
    failures: slot.failures,
    nextAttemptAt: contested ? now + policy.backoffCapMs : undefined,
    exits: slot.exits,
    vanishings,
  };
}

/** The slot after its whole server or container went away: nobody's fault, nothing counted. */
export function afterServerLoss(slot: SlotRecord): BackoffState {
  return {
    failures: slot.failures,
    nextAttemptAt: undefined,
    exits: slot.exits,
    vanishings: slot.vanishings,
  };
}

/** Has worked for a healthy minute; one that only lacks its log works too. */
export function isHealthy(pane: PaneRecord, now: number, policy: Policy): boolean {
  return (
    (pane.state === 'ready' || pane.failedStage === 'log_attach') &&
    pane.readyAt !== undefined &&
    now - pane.readyAt >= policy.healthyAfterMs
  );
}

/**
 * Those of `times` that lie within the crash window before `now`, or as near after it: a clock that was set back a
 * little keeps them, and one that had run far ahead must not have them count until it is there again.
 */
export function recent(times: readonly number[], now: number, policy: Policy): readonly number[] {
  return times.filter((time) => Math.abs(now - time) < policy.crashWindowMs);
}

export function isCrashLoop(slot: SlotRecord, now: number, policy: Policy): boolean {
  return slot.failures > 0 && recent(slot.exits, now, policy).length >= policy.crashLoopExits;
}

export function isContested(slot: SlotRecord, now: number, policy: Policy): boolean {
  return recent(slot.vanishings, now, policy).length >= policy.contestedVanishings;
}

/** Ended by itself without an error: exit status 0, or a signal that asks politely. */
export function isCleanExit(pane: PaneRecord): boolean {
  if (pane.exitSignal !== undefined) return ['HUP', 'INT', 'TERM'].includes(pane.exitSignal);
  return pane.exitCode === 0;
}
