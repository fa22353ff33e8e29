import type { LayoutRecord } from '../domain/records.ts';
import { isStartedFrom } from '../domain/spec.ts';
import {
  aggregateLayoutState,
  type FailedStage,
  isLive,
  type LayoutState,
} from '../domain/states.ts';
import type { Condition, ConditionType, Health, Sync } from '../domain/status.ts';
import { isSuspended } from './compute.ts';
import { computeConditions, type StatusInput, stamp } from './conditions.ts';
import { diffLiveFields } from './slot-diff.ts';
import { HEALTH_OF, type SlotWithStatus, slotStatus } from './slot-status.ts';
import { activeHold } from './slot-view.ts';

/** What the loop says of a layout after a pass. */
export interface LayoutStatus {
  readonly sync: Sync;
  readonly health: Health;
  readonly state: LayoutState;
  readonly failedStage: FailedStage | undefined;
  readonly conditions: readonly Condition[];
  readonly observedGeneration: number;
}

/** Pure: equal inputs give equal status, and `lastTransitionTime` moves only when a condition's status does. */
export function computeStatus(input: StatusInput): LayoutStatus {
  const { layout, observation } = input;
  const slots = layout.slots.map((slot) => ({ slot, status: slotStatus(slot, input) }));
  const sync = observation.kind === 'unknown' ? 'Unknown' : computeSync(input);
  const health = computeHealth(input, slots);
  const drafts = computeConditions({ ...input, slots, sync });
  const settled = drafts.some(
    ({ type, status }) =>
      status === 'True' && SETTLED.includes(type) && observation.kind === 'seen',
  );
  const observedGeneration = settled ? layout.generation : layout.observedGeneration;
  return {
    sync,
    health,
    ...computeLayoutState(layout),
    conditions: drafts.map((draft) => stamp(draft, input)),
    observedGeneration,
  };
}

/** A generation counts as observed once one of these says where it ended. */
const SETTLED: readonly ConditionType[] = ['Ready', 'Stalled', 'CrashLoop', 'Held', 'Suspended'];

/** The layout's state by the newest pane of each slot; the older ones have been succeeded. */
export function computeLayoutState(
  layout: LayoutRecord,
): Pick<LayoutStatus, 'state' | 'failedStage'> {
  const panes = layout.slots.map(({ pane, declared }) => ({
    state: pane?.state ?? (declared ? ('creating' as const) : ('removed' as const)),
    ...(pane?.failedStage && { failedStage: pane.failedStage }),
    superseded: false,
  }));
  const { state, failedStage } = aggregateLayoutState(panes);
  return { state, failedStage };
}

/** Does what stands equal what is declared? Says nothing about whether it works. */
function computeSync({ layout, now }: StatusInput): Sync {
  if (layout.deleting !== undefined || layout.pruneBlocked !== undefined) return 'OutOfSync';
  const same = layout.slots.every((slot) => {
    const { pane } = slot;
    if (!slot.declared) return pane === undefined || !isLive(pane.state);
    if (activeHold(slot, now) !== undefined) return false;
    if (pane === undefined || pane.state === 'removed') return false;
    if (pane.state === 'failed' && slot.spec.restartPolicy !== 'Never') return false;
    return (
      isStartedFrom(pane, slot.spec) &&
      pane.session === layout.spec.session &&
      diffLiveFields(pane.spec, slot.spec).length === 0
    );
  });
  return same ? 'Synced' : 'OutOfSync';
}

const WORST_FIRST: readonly Health[] = ['Degraded', 'Progressing', 'Suspended', 'Healthy'];

function computeHealth(input: StatusInput, slots: readonly SlotWithStatus[]): Health {
  const { observation, layout, blocked } = input;
  if (observation.kind === 'unknown') return 'Unknown';
  if (observation.kind === 'stopped') return 'Missing';
  if (isSuspended(layout)) return 'Suspended';
  if (blocked.some(({ reason }) => reason === 'SessionNameConflict')) return 'Degraded';
  const present = new Set(slots.map(({ status }) => HEALTH_OF[status]));
  return WORST_FIRST.find((health) => present.has(health)) ?? 'Healthy';
}
