import type { Epoch, PaneId, TmuxPaneId } from '../domain/ids.ts';
import type { ObservedPane } from '../domain/observed.ts';
import type { Policy } from '../domain/policy.ts';
import type { Hold, LayoutRecord, PaneRecord, SlotRecord } from '../domain/records.ts';
import { isStartedFrom } from '../domain/spec.ts';
import { isLive } from '../domain/states.ts';
import type { Action, Blocked, Cause, SlotRef } from './action.ts';
import { diffReplaceFields } from './slot-diff.ts';

/** What one slot is decided against: one look, one moment. */
export interface SlotView {
  readonly now: number;
  readonly policy: Policy;
  readonly epoch: Epoch;
  /** When this stretch of the container's running began; 0 when it always ran as far as we know. */
  readonly runningSince: number;
  readonly layout: LayoutRecord;
  readonly suspended: boolean;
  readonly byOwner: ReadonlyMap<PaneId, ObservedPane>;
  readonly byId: ReadonlyMap<TmuxPaneId, ObservedPane>;
  /** Label → slot id of every live pane recorded in the container. */
  readonly liveLabels: ReadonlyMap<string, string>;
  /** An ended incarnation of this slot still stands: nothing new is started beside it. */
  readonly leftoverStands: boolean;
}

/** Something the slot needs that the layout must first allow: a place, a turn in the rollout. */
export type Proposal =
  | {
      readonly kind: 'create';
      readonly cause: Cause;
      readonly resume?: PaneRecord;
      readonly replaces?: PaneId;
      /** No incarnation was ever started: the slots it comes `after` must be ready. */
      readonly first: boolean;
    }
  | {
      readonly kind: 'replace';
      readonly pane: PaneRecord;
      readonly seen: ObservedPane;
      readonly fields: readonly string[];
      /** Works now, so that replacing it costs availability. */
      readonly available: boolean;
    };

export interface SlotDecision {
  readonly actions: readonly Action[];
  readonly proposal?: Proposal;
  readonly blocked?: Blocked;
  readonly wakeAt?: number;
  /** Nothing of it is left in tmux and its row has ended. */
  readonly gone?: boolean;
}

/** The hold that keeps the slot empty at `now`, if any. */
export function activeHold(slot: SlotRecord, now: number): SlotRecord['hold'] {
  const { hold } = slot;
  return hold !== undefined && (hold.until === undefined || now < hold.until) ? hold : undefined;
}

/** Why a lost pane is gone: its server or container went, or somebody removed it alone. */
export function lossCause(pane: PaneRecord, epoch: Epoch): Cause {
  if (pane.epoch === undefined || pane.epoch === epoch) return { reason: 'Vanished' };
  return incarnationOf(pane.epoch) === incarnationOf(epoch)
    ? { reason: 'TmuxServerLost' }
    : { reason: 'ContainerRestarted' };
}

function incarnationOf(epoch: Epoch): string {
  return epoch.slice(0, epoch.lastIndexOf('#'));
}

/**
 * The pane as tmux knew it, under the same server and id, but without its tag or still with its forerunner's. Bare it
 * must run the same process too; its forerunner's tag tells whose it is, whoever respawned it meanwhile.
 */
export function findUntagged(view: SlotView, pane: PaneRecord): ObservedPane | undefined {
  if (pane.epoch !== view.epoch || pane.tmuxPaneId === undefined) return undefined;
  const seen = view.byId.get(pane.tmuxPaneId);
  if (seen === undefined) return undefined;
  const isOurs =
    seen.paneId === undefined ? seen.pid === pane.pid : seen.paneId === pane.replacesPaneId;
  return isOurs ? seen : undefined;
}

/** The label the slot is to have is still on the live pane of another one: no two panes ever share it. */
export function isLabelTaken(
  { liveLabels }: Pick<SlotView, 'liveLabels'>,
  slot: SlotRecord,
): boolean {
  const holder = liveLabels.get(slot.spec.label);
  return holder !== undefined && holder !== slot.id;
}

export function labelTaken(at: SlotRef): Blocked {
  return say(at, 'LabelTaken', `the label ${at.slot.spec.label} is still on another live pane`);
}

/** It runs something else than is declared, and the loop will replace it in its turn. */
export function awaitsUpdate(layout: LayoutRecord, slot: SlotRecord): boolean {
  const { pane } = slot;
  if (pane === undefined || !isLive(pane.state) || !slot.declared) return false;
  return layout.spec.updateStrategy.type === 'RollingUpdate' && isOutdated({ layout }, slot, pane);
}

export function isOutdated(
  view: Pick<SlotView, 'layout'>,
  slot: SlotRecord,
  pane: PaneRecord,
): boolean {
  return !isStartedFrom(pane, slot.spec) || pane.session !== view.layout.spec.session;
}

export function specChange(
  view: SlotView,
  slot: SlotRecord,
  pane: PaneRecord,
): Extract<Cause, { reason: 'SpecChanged' }> {
  const fields = diffReplaceFields(pane.spec, slot.spec).map((change) => change.field);
  const moved = pane.session === view.layout.spec.session ? [] : ['session'];
  return { reason: 'SpecChanged', fields: [...fields, ...moved] };
}

/** A start that is outdated already is seen through first; it is replaced right after. */
export function outdatedInStart(
  view: SlotView,
  at: SlotRef,
  pane: PaneRecord,
): Pick<SlotDecision, 'blocked'> {
  if (view.layout.spec.updateStrategy.type === 'OnDelete') return {};
  if (!isOutdated(view, at.slot, pane)) return {};
  const cause = specChange(view, at.slot, pane);
  const message = `out of date (${cause.fields.join(', ')}); it is still starting`;
  return { blocked: { ...say(at, 'RollingUpdate', message), next: { action: 'replace', cause } } };
}

export function backoffWait(view: SlotView, at: SlotRef): SlotDecision | undefined {
  const { nextAttemptAt, failures, vanishings, pane } = at.slot;
  if (nextAttemptAt === undefined || !isAhead(nextAttemptAt, view.now, view.policy))
    return undefined;
  const message =
    pane?.failedStage === 'recovery_reattach'
      ? `waits because it was removed by someone else ${vanishings.length} times`
      : `waits after ${failures} failure${failures === 1 ? '' : 's'} in a row`;
  return { actions: [], blocked: say(at, 'Backoff', message), wakeAt: nextAttemptAt };
}

/** Still to come, and not further away than the longest wait there is: a clock set back must not freeze a slot. */
export function isAhead(time: number, now: number, policy: Policy): boolean {
  return time > now && time - now <= policy.backoffCapMs;
}

export function heldMessage({ by, reason }: Hold): string {
  return `held by ${by}${reason === '' ? '' : `: ${reason}`}; \`start\` ends the hold`;
}

export function act(action: Action): SlotDecision {
  return { actions: [action] };
}

export function propose(proposal: Proposal): SlotDecision {
  return { actions: [], proposal };
}

export function blockedBy(at: SlotRef, reason: Blocked['reason'], message: string): SlotDecision {
  return { actions: [], blocked: say(at, reason, message) };
}

export function say(at: SlotRef, reason: Blocked['reason'], message: string): Blocked {
  return { layoutName: at.layoutName, slotKey: at.slot.key, reason, message };
}
