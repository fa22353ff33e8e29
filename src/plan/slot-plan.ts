import type { ObservedPane } from '../domain/observed.ts';
import type { PaneRecord, SlotRecord } from '../domain/records.ts';
import { isLive } from '../domain/states.ts';
import type { Action, Blocked, Cause, SlotRef } from './action.ts';
import { afterExit, afterServerLoss, afterVanishing, isCleanExit, isHealthy } from './backoff.ts';
import { diffLiveFields } from './slot-diff.ts';
import { decideUnwanted } from './slot-unwanted.ts';
import {
  act,
  activeHold,
  backoffWait,
  blockedBy,
  findUntagged,
  isAhead,
  isLabelTaken,
  isOutdated,
  labelTaken,
  lossCause,
  outdatedInStart,
  type Proposal,
  propose,
  type SlotDecision,
  type SlotView,
  say,
  specChange,
} from './slot-view.ts';

/** Decides one slot: wanted or not, there or not. Pure; reads like the specification's table. */
export function decideSlot(view: SlotView, slot: SlotRecord): SlotDecision {
  const at = refer(view, slot);
  const unwanted = reasonUnwanted(view, slot);
  if (view.suspended) return observeOnly(view, at);
  if (unwanted !== undefined) return decideUnwanted(view, at, unwanted);
  const decision =
    slot.pane !== undefined && isLive(slot.pane.state)
      ? decideLive(view, at, slot.pane)
      : decideEmpty(view, at);
  if (slot.hold === undefined) return decision;
  return { ...decision, actions: [{ kind: 'end-hold', at }, ...decision.actions] };
}

function refer(view: SlotView, slot: SlotRecord): SlotRef {
  return { layout: view.layout.id, layoutName: view.layout.spec.name, slot };
}

function reasonUnwanted(view: SlotView, slot: SlotRecord): Cause | undefined {
  if (view.layout.deleting !== undefined) return { reason: view.layout.deleting.reason };
  if (!slot.declared) return { reason: 'NoLongerDeclared' };
  const hold = activeHold(slot, view.now);
  return hold === undefined ? undefined : { reason: 'Held', by: hold.by };
}

// --- wanted, nothing there ------------------------------------------------------------------------------------------

function decideEmpty(view: SlotView, at: SlotRef): SlotDecision {
  const { slot } = at;
  const { pane } = slot;
  if (view.leftoverStands) {
    return blockedBy(at, 'LeftoverStands', 'its ended pane still stands and is removed first');
  }
  if (pane === undefined)
    return propose({ kind: 'create', cause: { reason: 'Missing' }, first: true });
  const replaces = pane.id;
  const again = (cause: Cause): SlotDecision =>
    propose({ kind: 'create', cause, replaces, first: false });
  if (slot.restartRequested) return again({ reason: 'RestartRequested' });
  if (isOutdated(view, slot, pane)) return again(specChange(view, slot, pane));
  if (pane.state === 'removed') return again({ reason: 'HoldEnded' });
  if (slot.spec.restartPolicy === 'Never') {
    return blockedBy(at, 'RestartPolicyNever', 'its restart policy is Never; `restart` starts it');
  }
  const waiting = backoffWait(view, at);
  if (waiting !== undefined) return waiting;
  return again(
    pane.failedStage === 'recovery_reattach'
      ? lossCause(pane, view.epoch)
      : { reason: 'CreateFailed' },
  );
}

// --- wanted and recorded as live ------------------------------------------------------------------------------------

function decideLive(view: SlotView, at: SlotRef, pane: PaneRecord): SlotDecision {
  const seen = view.byOwner.get(pane.id);
  if (seen === undefined) return decideUnseen(view, at, pane);
  if (pane.state === 'creating') return decideCreating(view, at, { pane, seen });
  if (seen.dead && pane.failedStage !== 'launch_command')
    return recordExit(view, at, { pane, seen });
  // Whatever comes next would give the pane its declared label.
  if (isLabelTaken(view, at.slot)) return { actions: [], blocked: labelTaken(at) };
  if (seen.dead) return decideDead(view, at, { pane, seen });
  if (pane.state === 'degraded' && pane.failedStage === 'launch_command') {
    return act({ kind: 'retag-pane', at, pane, cause: { reason: 'RespawnedByHand' }, seen });
  }
  return decideRunning(view, at, { pane, seen });
}

interface Standing {
  readonly pane: PaneRecord;
  readonly seen: ObservedPane;
}

function decideUnseen(view: SlotView, at: SlotRef, pane: PaneRecord): SlotDecision {
  const untagged = findUntagged(view, pane);
  if (untagged !== undefined) {
    return act({ kind: 'retag-pane', at, pane, cause: { reason: 'TagLost' }, seen: untagged });
  }
  const { fence } = at.slot;
  const landed = fence?.epoch === view.epoch && fence.value === pane.id;
  if (pane.epoch === undefined && !landed) return resumeCreate(view, at, pane);
  return afterLoss(view, at, pane);
}

/** The intention was written down, but tmux never confirmed it: it is sent again, fenced. */
function resumeCreate(view: SlotView, at: SlotRef, pane: PaneRecord): SlotDecision {
  const { now, policy } = view;
  // Its time is that in which it could be started.
  const triedSince = Math.max(pane.createdAt, view.runningSince);
  const outOfTime = now - triedSince > policy.creatingTtlMs;
  if (outOfTime || pane.attempts > policy.stageRetryMs.length) return giveUp(view, at, pane);
  if (view.leftoverStands) {
    return blockedBy(at, 'LeftoverStands', 'its ended pane still stands and is removed first');
  }
  if (pane.retryAt !== undefined && isAhead(pane.retryAt, now, policy)) {
    return { actions: [], wakeAt: pane.retryAt };
  }
  const cause: Cause = { reason: 'Interrupted' };
  const old = pane.replacesPaneId;
  const seen = old === undefined ? undefined : view.byOwner.get(old);
  if (old !== undefined && seen !== undefined) {
    return act({ kind: 'respawn-pane', at, cause, seen, old, resume: pane });
  }
  return propose({ kind: 'create', cause, resume: pane, first: false });
}

function giveUp({ now, policy }: SlotView, at: SlotRef, pane: PaneRecord): SlotDecision {
  const backoff = afterExit(at.slot, pane, now, policy);
  const problem = 'its start was never confirmed by tmux';
  return act({ kind: 'give-up', at, pane, stage: 'pane_create', problem, backoff });
}

/** Gone from a successful look. Ends the incarnation; policy permitting, the next one is made in the same pass. */
function afterLoss(view: SlotView, at: SlotRef, pane: PaneRecord): SlotDecision {
  const { now, policy } = view;
  const { slot } = at;
  const cause = lossCause(pane, view.epoch);
  const backoff =
    cause.reason === 'Vanished' ? afterVanishing(slot, now, policy) : afterServerLoss(slot);
  const record: Action = { kind: 'record-vanished', at, pane, cause, backoff };
  if (slot.spec.restartPolicy === 'Never' && !slot.restartRequested) return act(record);
  if (backoff.nextAttemptAt !== undefined)
    return { actions: [record], wakeAt: backoff.nextAttemptAt };
  return {
    actions: [record],
    proposal: { kind: 'create', cause, replaces: pane.id, first: false },
  };
}

function decideCreating(view: SlotView, at: SlotRef, { pane, seen }: Standing): SlotDecision {
  if (seen.dead) return recordExit(view, at, { pane, seen });
  const { now } = view;
  const blocked = outdatedInStart(view, at, pane);
  if (pane.startedAt === undefined) {
    return {
      actions: [{ kind: 'record-started', at, pane, seen }],
      wakeAt: now + pane.spec.settleMs,
      ...blocked,
    };
  }
  const settledAt = pane.startedAt + pane.spec.settleMs;
  // A clock that was set back must not keep a pane from becoming ready.
  if (now >= settledAt || now < pane.startedAt) return act({ kind: 'mark-ready', at, pane, seen });
  return { actions: [], wakeAt: settledAt, ...blocked };
}

function decideDead(view: SlotView, at: SlotRef, { pane, seen }: Standing): SlotDecision {
  const { slot } = at;
  const succeed = (cause: Cause): SlotDecision => act(succession(view, at, { pane, seen }, cause));
  if (slot.restartRequested) return succeed({ reason: 'RestartRequested' });
  if (isOutdated(view, slot, pane) && view.layout.spec.updateStrategy.type === 'RollingUpdate') {
    return propose(replacement(view, slot, { pane, seen }, false));
  }
  const over = reasonOver(slot, pane);
  if (over !== undefined) {
    const actions = isOutdated(view, slot, pane) ? [] : updates(at, { pane, seen });
    return { actions, blocked: say(at, over.reason, over.message) };
  }
  const waiting = backoffWait(view, at);
  if (waiting !== undefined) return waiting;
  return succeed({
    reason: 'ProcessExited',
    ...(pane.exitCode !== undefined && { code: pane.exitCode }),
    ...(pane.exitSignal !== undefined && { signal: pane.exitSignal }),
  });
}

function recordExit(view: SlotView, at: SlotRef, { pane, seen }: Standing): SlotDecision {
  const backoff = afterExit(at.slot, pane, view.now, view.policy);
  const { nextAttemptAt: wakeAt } = backoff;
  return {
    actions: [{ kind: 'record-exited', at, pane, seen, backoff }],
    ...(wakeAt !== undefined && { wakeAt }),
  };
}

function reasonOver(
  slot: SlotRecord,
  pane: PaneRecord,
): Pick<Blocked, 'reason' | 'message'> | undefined {
  const { restartPolicy } = slot.spec;
  if (restartPolicy === 'Always') return undefined;
  if (isCleanExit(pane))
    return { reason: 'Completed', message: 'its process ended without an error' };
  if (restartPolicy === 'OnFailure') return undefined;
  return {
    reason: 'RestartPolicyNever',
    message: 'its process failed and its restart policy is Never; `restart` starts it again',
  };
}

function decideRunning(view: SlotView, at: SlotRef, standing: Standing): SlotDecision {
  const { pane, seen } = standing;
  const { slot } = at;
  if (slot.restartRequested) {
    return act(succession(view, at, standing, { reason: 'RestartRequested' }));
  }
  if (isOutdated(view, slot, pane)) return propose(replacement(view, slot, standing, true));
  const actions: Action[] = [];
  if (pane.pid !== undefined && pane.pid !== seen.pid) {
    actions.push({ kind: 'record-pid', at, pane, pid: seen.pid });
  }
  actions.push(...updates(at, standing));
  if (slot.failures === 0) return { actions };
  if (isHealthy(pane, view.now, view.policy)) {
    actions.push({ kind: 'record-healthy', at, pane });
    return { actions };
  }
  return { actions, wakeAt: (pane.readyAt ?? view.now) + view.policy.healthyAfterMs };
}

/** What can be changed without a new process, and what is only recorded of one that has ended. */
function updates(at: SlotRef, { pane, seen }: Standing): readonly Action[] {
  const fields = diffLiveFields(pane.spec, at.slot.spec).map((change) => change.field);
  if (fields.length === 0) return [];
  return [{ kind: 'update-pane', at, pane, cause: { reason: 'SpecChanged', fields }, seen }];
}

/** The next incarnation, in the same place; a pane in a session it has left is removed, and made anew in the other. */
function succession(view: SlotView, at: SlotRef, { pane, seen }: Standing, cause: Cause): Action {
  return pane.session === view.layout.spec.session
    ? { kind: 'respawn-pane', at, cause, seen, old: pane.id }
    : { kind: 'kill-pane', at, pane, cause, seen };
}

function replacement(
  view: SlotView,
  slot: SlotRecord,
  standing: Standing,
  available: boolean,
): Proposal {
  const { fields } = specChange(view, slot, standing.pane);
  return { kind: 'replace', ...standing, fields, available };
}

// --- suspended ------------------------------------------------------------------------------------------------------

/** Suspended: what happens is still written down, nothing is started, replaced or removed. */
function observeOnly(view: SlotView, at: SlotRef): SlotDecision {
  const { pane } = at.slot;
  if (pane === undefined || !isLive(pane.state)) return { actions: [] };
  const seen = view.byOwner.get(pane.id);
  if (seen === undefined) {
    if (findUntagged(view, pane) !== undefined) return { actions: [] };
    if (pane.epoch === undefined) return outlast(view, at, pane);
    return { actions: afterLoss(view, at, pane).actions };
  }
  // It was started before: that it runs, and runs well, is all there is left to write down.
  if (pane.state === 'creating') return decideCreating(view, at, { pane, seen });
  const exited = seen.dead && pane.failedStage !== 'launch_command';
  return exited ? recordExit(view, at, { pane, seen }) : { actions: [] };
}

/** Nothing is sent again meanwhile, so that its time can only run out. */
function outlast(view: SlotView, at: SlotRef, pane: PaneRecord): SlotDecision {
  const endsAt = Math.max(pane.createdAt, view.runningSince) + view.policy.creatingTtlMs;
  if (view.now <= endsAt) return { actions: [], wakeAt: endsAt + 1 };
  return giveUp(view, at, pane);
}
