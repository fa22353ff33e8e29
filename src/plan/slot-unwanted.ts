import type { PaneRecord } from '../domain/records.ts';
import { isLive } from '../domain/states.ts';
import type { Action, Cause, SlotRef } from './action.ts';
import { findUntagged, heldMessage, type SlotDecision, type SlotView, say } from './slot-view.ts';

/** Ends what should not be there: kills, releases or, when nothing stands, only closes the row. */
export function decideUnwanted(view: SlotView, at: SlotRef, cause: Cause): SlotDecision {
  const { slot } = at;
  const { pane } = slot;
  const hold = cause.reason === 'Held' ? slot.hold : undefined;
  const blocked = hold && { blocked: say(at, 'Held', heldMessage(hold)) };
  const wake = hold?.until !== undefined && { wakeAt: hold.until };
  if (pane === undefined || !isLive(pane.state)) {
    return { actions: [], ...blocked, ...wake, gone: !view.leftoverStands };
  }
  return { actions: [removal(view, at, pane, cause)], ...blocked, ...wake };
}

function removal(view: SlotView, at: SlotRef, pane: PaneRecord, cause: Cause): Action {
  const seen = view.byOwner.get(pane.id);
  const isOrphaned = at.slot.spec.onRemove === 'orphan' && cause.reason !== 'Held';
  if (seen !== undefined) {
    return { kind: isOrphaned ? 'release-pane' : 'kill-pane', at, pane, cause, seen };
  }
  const untagged = findUntagged(view, pane);
  // Without its tag it is a person's already, which is all a release does.
  if (untagged !== undefined && !(isOrphaned && untagged.paneId === undefined)) {
    return { kind: 'retag-pane', at, pane, cause: { reason: 'TagLost' }, seen: untagged };
  }
  // Never confirmed: a create may still be under way, and must find its fence moved on.
  if (pane.epoch === undefined) return { kind: 'abandon-pane', at, pane, cause };
  return { kind: 'end-pane', at, pane, cause };
}
