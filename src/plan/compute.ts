import type { PaneId, TmuxPaneId } from '../domain/ids.ts';
import type { Observation, ObservedPane, SeenObservation } from '../domain/observed.ts';
import type { Policy } from '../domain/policy.ts';
import type { EndedPane, LayoutRecord, PaneRecord } from '../domain/records.ts';
import { isLive } from '../domain/states.ts';
import type { Action, Plan } from './action.ts';
import { planEmptied } from './emptied-plan.ts';
import { type LayoutView, planLayout } from './layout-plan.ts';

export interface PlanInput {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly policy: Policy;
  /** All layouts of one container that are not closed, in any order. */
  readonly layouts: readonly LayoutRecord[];
  readonly observation: Observation;
  /** Ended incarnations among the tags that were observed. */
  readonly ended: ReadonlyMap<PaneId, EndedPane>;
}

/**
 * Compares desired, recorded and observed state of one container and says what is to be done, in order, each step
 * with its cause. Pure: no I/O, no clock, no randomness; equal inputs give equal plans, whatever their order.
 */
export function computePlan(input: PlanInput): Plan {
  const { observation } = input;
  const { container } = observation;
  // Unknown is not absent: nothing is concluded from a look that failed.
  if (observation.kind === 'unknown') {
    return { container, actions: [], blocked: [], unknown: observation };
  }
  const layouts = input.layouts.toSorted((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
  if (observation.kind === 'stopped') {
    const isEmptied = observation.nothingRuns === true;
    const actions = isEmptied ? planEmptied(layouts.filter((one) => !isSuspended(one))) : [];
    return { container, actions: actions.toSorted(byPhase), blocked: [] };
  }

  const shared = indexContainer(input, observation);
  const plans = layouts.map((layout) => planLayout(viewOf(layout, shared)));
  const wakes = plans.flatMap((plan) => plan.wakeAt);
  return {
    container,
    actions: [...plans.flatMap((plan) => plan.actions), ...killLeftovers(shared, layouts)].toSorted(
      byPhase,
    ),
    blocked: plans.flatMap((plan) => plan.blocked),
    ...(wakes.length > 0 && { wakeAt: Math.min(...wakes) }),
  };
}

function byPhase(a: Action, b: Action): number {
  return PHASE[a.kind] - PHASE[b.kind];
}

/**
 * Write down what was seen, end what is over, make what is missing, and remove last. What is gone comes before all:
 * somebody else's pane may by now be recorded under its tmux id.
 */
const PHASE: Readonly<Record<Action['kind'], number>> = {
  'record-vanished': 0,
  'end-pane': 0,
  'record-started': 1,
  'record-exited': 1,
  'record-healthy': 1,
  'record-pid': 1,
  'give-up': 1,
  'end-hold': 1,
  'retag-pane': 2,
  'mark-ready': 2,
  'update-pane': 2,
  'create-pane': 3,
  'respawn-pane': 3,
  'arrange-layout': 4,
  'kill-leftover': 5,
  'kill-pane': 5,
  'abandon-pane': 5,
  'release-pane': 5,
  'close-slot': 6,
  'close-layout': 6,
};

type Shared = Omit<LayoutView, 'layout' | 'suspended'> & {
  /** Observed panes whose incarnation has ended, less those that are about to be respawned in place. */
  readonly standing: readonly { readonly owner: EndedPane; readonly seen: ObservedPane }[];
};

function indexContainer(input: PlanInput, observation: SeenObservation): Shared {
  const byOwner = new Map<PaneId, ObservedPane>();
  const byId = new Map<TmuxPaneId, ObservedPane>();
  for (const pane of observation.panes) {
    byId.set(pane.id, pane);
    if (pane.paneId !== undefined) byOwner.set(pane.paneId, pane);
  }
  const live = input.layouts.flatMap(({ slots }) =>
    slots.flatMap((slot) =>
      slot.pane !== undefined && isLive(slot.pane.state) ? [{ slot, pane: slot.pane }] : [],
    ),
  );
  const heirs = new Map(live.map(({ pane }) => [pane.replacesPaneId, pane]));
  const standing = [...input.ended.values()].flatMap((owner) => {
    const seen = byOwner.get(owner.id);
    return seen === undefined || isTakenOver(seen, heirs.get(owner.id)) ? [] : [{ owner, seen }];
  });
  return {
    now: input.now,
    policy: input.policy,
    epoch: observation.epoch,
    runningSince: observation.runningSince ?? 0,
    observation,
    byOwner,
    byId,
    standing,
    leftovers: new Set(standing.map(({ owner }) => owner.slot)),
    liveLabels: new Map(live.map(({ slot, pane }) => [pane.spec.label, slot.id])),
  };
}

/** Its heir is about to start in its place, or has, and only the tag is behind. */
function isTakenOver(seen: ObservedPane, heir: PaneRecord | undefined): boolean {
  return heir !== undefined && (heir.epoch === undefined || heir.tmuxPaneId === seen.id);
}

function viewOf(layout: LayoutRecord, shared: Shared): LayoutView {
  return { ...shared, layout, suspended: isSuspended(layout) };
}

/** Declared suspended or suspended by an operator; a deleted layout is not kept by either. */
export function isSuspended(layout: LayoutRecord): boolean {
  if (layout.deleting?.reason === 'DeleteRequested') return false;
  return layout.spec.suspend || layout.suspended !== undefined;
}

function killLeftovers(shared: Shared, layouts: readonly LayoutRecord[]): readonly Action[] {
  const suspended = new Set(layouts.filter(isSuspended).map((layout) => layout.id));
  return shared.standing
    .filter(({ owner }) => !suspended.has(owner.layout))
    .toSorted((a, b) => (a.owner.id < b.owner.id ? -1 : 1))
    .map(({ owner, seen }) => ({ kind: 'kill-leftover', owner, seen }));
}
