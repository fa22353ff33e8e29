import { type TmuxWindowId, tmuxSessionName } from '../domain/ids.ts';
import type { ObservedSession, SeenObservation } from '../domain/observed.ts';
import type { Place, WindowPlace } from '../domain/tmux-ops.ts';
import type { Action, Blocked, SlotRef } from './action.ts';
import { afterExit, isCleanExit } from './backoff.ts';
import { decideSlot } from './slot-plan.ts';
import {
  activeHold,
  isLabelTaken,
  labelTaken,
  type Proposal,
  type SlotDecision,
  type SlotView,
  say,
} from './slot-view.ts';

export interface LayoutView extends Omit<SlotView, 'leftoverStands'> {
  readonly observation: SeenObservation;
  /** Slots (by id) of which an ended incarnation still stands. */
  readonly leftovers: ReadonlySet<string>;
}

export interface LayoutPlan {
  readonly actions: readonly Action[];
  readonly blocked: readonly Blocked[];
  readonly wakeAt: readonly number[];
}

interface Decided {
  readonly at: SlotRef;
  readonly decision: SlotDecision;
}

/**
 * Decides one layout: every slot by itself, then what only the layout can allow: start order, the session's name,
 * how many panes may be unavailable at once. A failing slot never changes what is decided for its siblings.
 */
export function planLayout(view: LayoutView): LayoutPlan {
  const { layout } = view;
  const decided = layout.slots.map((slot) => ({
    at: { layout: layout.id, layoutName: layout.spec.name, slot },
    decision: decideSlot({ ...view, leftoverStands: view.leftovers.has(slot.id) }, slot),
  }));
  const created = placeCreates(view, decided);
  const replaced = rollReplacements(view, decided);
  return {
    actions: [
      ...decided.flatMap(({ decision }) => decision.actions),
      ...created.actions,
      ...replaced.actions,
      ...arrange(view, created.actions.length > 0),
      ...closeGone(view, decided),
    ],
    blocked: [
      ...decided.flatMap(({ decision }) => decision.blocked ?? []),
      ...created.blocked,
      ...replaced.blocked,
    ],
    wakeAt: decided.flatMap(({ decision }) => decision.wakeAt ?? []),
  };
}

// --- creating -------------------------------------------------------------------------------------------------------

interface Allowed {
  readonly actions: readonly Action[];
  readonly blocked: readonly Blocked[];
}

function placeCreates(view: LayoutView, decided: readonly Decided[]): Allowed {
  const actions: Action[] = [];
  const blocked: Blocked[] = [];
  let place = findPlace(view, decided.length);
  for (const { at, decision } of decided) {
    const { proposal } = decision;
    if (proposal?.kind !== 'create') continue;
    if (place === undefined) {
      const conflict = sessionConflict(view, at);
      const refused = refuseClient(view, at, { proposal, problem: conflict.message });
      if (refused === undefined) blocked.push(conflict);
      else actions.push(refused);
      continue;
    }
    const obstacle = findObstacle(view, at, proposal);
    if (obstacle !== undefined) {
      blocked.push(obstacle);
      continue;
    }
    const { cause, resume, replaces } = proposal;
    actions.push({
      kind: 'create-pane',
      at,
      cause,
      place,
      ...(resume && { resume }),
      ...(replaces && { replaces }),
    });
    if (place.kind === 'new-session') place = { kind: 'session', session: place.session };
  }
  return { actions, blocked };
}

/** Where the next pane goes, or `undefined` when the session's name belongs to somebody else. */
function findPlace(view: LayoutView, paneCount: number): Place | undefined {
  const { layout, observation } = view;
  const name = tmuxSessionName(layout.spec.session);
  const ours = findOwnSession(view, name);
  if (ours !== undefined) return placeIn(view, ours);
  if (observation.sessions.some((session) => session.name === name)) return undefined;
  // Wide and high enough that every split has room before anybody attaches.
  const height = Math.max(50, 6 * paneCount);
  return { kind: 'new-session', session: name, width: 200, height };
}

/** The layout's session: by its declared name, else one that a person renamed while our panes live in it. */
function findOwnSession(view: LayoutView, name: string): ObservedSession | undefined {
  const { layout, observation } = view;
  const owned = observation.sessions.filter((session) => session.layoutId === layout.id);
  const exact = owned.find((session) => session.name === name);
  if (exact !== undefined) return exact;
  const home = new Set(
    layout.slots
      .filter((slot) => slot.pane?.session === layout.spec.session)
      .flatMap((slot) => (slot.pane && view.byOwner.get(slot.pane.id)) ?? [])
      .flatMap(({ sessionId, alsoIn = [] }) => [sessionId, ...alsoIn]),
  );
  return owned.find((session) => home.has(session.id));
}

/** The window of the session that holds most of the layout's panes, else most of ours, else most of anybody's. */
function placeIn(
  { layout, observation }: LayoutView,
  { id: session }: ObservedSession,
): WindowPlace {
  const own = new Set(layout.slots.map(({ pane }) => pane?.id));
  const linked = observation.panes.filter(
    (pane) => pane.sessionId === session || pane.alsoIn?.includes(session) === true,
  );
  const proper = linked.filter((pane) => pane.sessionId === session);
  const choices = [
    linked.filter(({ paneId }) => paneId !== undefined && own.has(paneId)),
    proper.filter(({ paneId }) => paneId !== undefined),
    proper,
    linked,
  ];
  const counts = new Map<TmuxWindowId, number>();
  for (const { windowId } of choices.find((panes) => panes.length > 0) ?? []) {
    counts.set(windowId, (counts.get(windowId) ?? 0) + 1);
  }
  const [first] = [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  if (first === undefined) throw new Error(`session ${session} was observed without a pane`);
  return { kind: 'window', session, window: first[0] };
}

function findObstacle(
  view: LayoutView,
  at: SlotRef,
  proposal: Extract<Proposal, { kind: 'create' }>,
): Blocked | undefined {
  const { slot } = at;
  if (isLabelTaken(view, slot)) {
    return { ...labelTaken(at), next: { action: 'create', cause: proposal.cause } };
  }
  const waitsFor = proposal.first ? slot.spec.after.filter((key) => !isReady(view, key)) : [];
  if (waitsFor.length === 0) return undefined;
  const message = `starts after ${waitsFor.join(', ')}`;
  const next = { action: 'create', cause: proposal.cause } as const;
  return { ...say(at, 'WaitingForDependency', message), next };
}

function sessionConflict(view: LayoutView, at: SlotRef): Blocked {
  const name = tmuxSessionName(view.layout.spec.session);
  return say(
    at,
    'SessionNameConflict',
    `a tmux session named ${name} is there already and is not ours; rename it, or declare another session`,
  );
}

/** A client that asked for this pane is told that it failed; a declaration waits until the name is free. */
function refuseClient(
  { layout, now, policy }: LayoutView,
  at: SlotRef,
  {
    proposal: { resume: pane },
    problem,
  }: { readonly proposal: Extract<Proposal, { kind: 'create' }>; readonly problem: string },
): Action | undefined {
  if (layout.source.kind !== 'imperative' || pane === undefined) return undefined;
  const backoff = afterExit(at.slot, pane, now, policy);
  return { kind: 'give-up', at, pane, stage: 'pane_create', problem, backoff };
}

function isReady(view: LayoutView, key: string): boolean {
  return view.layout.slots.some((slot) => slot.key === key && slot.pane?.state === 'ready');
}

// --- replacing ------------------------------------------------------------------------------------------------------

/** Replaces outdated panes: those that do not work at once, the others while enough of the layout stays available. */
function rollReplacements(view: LayoutView, decided: readonly Decided[]): Allowed {
  const { updateStrategy } = view.layout.spec;
  const actions: Action[] = [];
  const blocked: Blocked[] = [];
  let unavailable = decided.filter((entry) => !isAvailable(view, entry)).length;
  for (const { at, decision } of decided) {
    const { proposal } = decision;
    if (proposal?.kind !== 'replace') continue;
    const { pane, seen, fields, available } = proposal;
    const cause = { reason: 'SpecChanged', fields } as const;
    if (updateStrategy.type === 'OnDelete') {
      blocked.push(
        say(at, 'OnDelete', `out of date (${fields.join(', ')}); replaced when it is restarted`),
      );
      continue;
    }
    if (available && unavailable >= updateStrategy.maxUnavailable) {
      const message = `out of date (${fields.join(', ')}); ${unavailable} of its siblings ${unavailable === 1 ? 'is' : 'are'} not ready yet`;
      const next = { action: 'replace', cause } as const;
      blocked.push({ ...say(at, 'RollingUpdate', message), next });
      continue;
    }
    if (available) unavailable += 1;
    actions.push(
      fields.includes('session')
        ? { kind: 'kill-pane', at, pane, cause, seen }
        : { kind: 'respawn-pane', at, cause, seen, old: pane.id },
    );
  }
  return { actions, blocked };
}

function isAvailable(view: LayoutView, { at, decision }: Decided): boolean {
  const { slot } = at;
  if (!slot.declared || activeHold(slot, view.now) !== undefined) return true;
  const { pane } = slot;
  // Not started before others are ready: they hold the rollout back themselves, as long as they should.
  if (pane === undefined) return slot.spec.after.some((key) => !isReady(view, key));
  // Over for good: waiting for it would hold the rollout back for ever.
  const reason = decision.blocked?.reason;
  if (reason === 'Completed' || reason === 'RestartPolicyNever') return true;
  const seen = view.byOwner.get(pane.id);
  if (seen === undefined || seen.dead)
    return isCleanExit(pane) && slot.spec.restartPolicy !== 'Always';
  return pane.state === 'ready' || pane.failedStage === 'log_attach';
}

// --- the rest -------------------------------------------------------------------------------------------------------

/** A changed arrangement is applied once; afterwards geometry is the operator's. */
function arrange(view: LayoutView, creating: boolean): readonly Action[] {
  const { layout } = view;
  const { arrangement, name } = layout.spec;
  if (creating || view.suspended || layout.deleting !== undefined) return [];
  if (layout.arranged === undefined || layout.arranged === arrangement) return [];
  const session = findOwnSession(view, tmuxSessionName(layout.spec.session));
  const place = session && placeIn(view, session);
  return [{ kind: 'arrange-layout', layout: layout.id, layoutName: name, place, arrangement }];
}

function closeGone(view: LayoutView, decided: readonly Decided[]): readonly Action[] {
  const { layout } = view;
  if (view.suspended) return [];
  if (layout.deleting !== undefined) {
    if (!decided.every(({ decision }) => decision.gone === true)) return [];
    const { reason } = layout.deleting;
    return [{ kind: 'close-layout', layout: layout.id, layoutName: layout.spec.name, reason }];
  }
  return decided
    .filter(({ at, decision }) => !at.slot.declared && decision.gone === true)
    .map(({ at }) => ({ kind: 'close-slot', at }));
}
