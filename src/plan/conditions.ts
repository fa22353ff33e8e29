import type { Observation } from '../domain/observed.ts';
import type { Policy } from '../domain/policy.ts';
import type { LayoutRecord, SlotRecord } from '../domain/records.ts';
import { isStartedFrom } from '../domain/spec.ts';
import type { Condition, ConditionType, Sync } from '../domain/status.ts';
import type { Blocked } from './action.ts';
import { isSuspended } from './compute.ts';
import { HEALTH_OF, type SlotStatus, type SlotWithStatus } from './slot-status.ts';

export interface StatusInput {
  readonly now: number;
  readonly policy: Policy;
  /** The layout as recorded after the pass. */
  readonly layout: LayoutRecord;
  readonly observation: Observation;
  /** What the pass's plan could not do for this layout. */
  readonly blocked: readonly Blocked[];
}

export type Draft = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;
export interface ConditionInput extends StatusInput {
  readonly slots: readonly SlotWithStatus[];
  readonly sync: Sync;
}

/** `Ready` and `Observed` always; the others only while they are true. */
export function computeConditions(input: ConditionInput): readonly Draft[] {
  const { layout, observation } = input;
  const stalled = stalledReason(input);
  const abnormal: readonly (Draft | undefined)[] = [
    stalled && yes('Stalled', stalled.reason, stalled.message),
    isSuspended(layout) ? yes('Suspended', 'Suspended', suspendedMessage(layout)) : undefined,
    slotCondition(input, 'Held', 'Held', 'is held'),
    slotCondition(input, 'CrashLoop', 'CrashLoop', 'keeps exiting'),
    slotCondition(
      input,
      'Contested',
      'Contested',
      'keeps being removed by someone else; `agenttower stop` keeps it away',
    ),
    layout.pruneBlocked === undefined
      ? undefined
      : yes('PruneBlocked', 'PruneBlocked', layout.pruneBlocked),
    layout.ownershipConflict === undefined
      ? undefined
      : yes('OwnershipConflict', 'OwnershipConflict', layout.ownershipConflict),
  ];
  const found = abnormal.filter((draft) => draft !== undefined);
  const ready = readyCondition(input, found);
  const reconciling =
    ready.status !== 'True' &&
    ready.reason !== ON_DELETE &&
    observation.kind === 'seen' &&
    found.length === 0
      ? [yes('Reconciling', ready.reason, ready.message)]
      : [];
  return [ready, ...reconciling, observedCondition(input), ...found];
}

function readyCondition(input: ConditionInput, abnormal: readonly Draft[]): Draft {
  const { layout, observation, slots, sync } = input;
  if (observation.kind === 'unknown')
    return say('Ready', 'Unknown', observation.reason, observation.message);
  if (observation.kind === 'stopped') return no('ContainerNotRunning', observation.message);
  if (layout.deleting !== undefined) return no('Deleting', 'its panes are being removed');
  const hindrance = abnormal.find(({ type }) => HINDERS_READY.includes(type));
  if (hindrance !== undefined) return no(hindrance.reason, hindrance.message);
  const waiting = slots.filter(({ status }) => HEALTH_OF[status] !== 'Healthy');
  if (waiting.length > 0) {
    const list = describeWaiting(waiting);
    const degraded = waiting.some(({ status }) => HEALTH_OF[status] === 'Degraded');
    return no(
      degraded ? 'PanesDegraded' : 'PanesStarting',
      `${list} (${slots.length === 1 ? '1 slot' : `${slots.length} slots`})`,
    );
  }
  if (sync !== 'Synced') return no(outOfSyncReason(input), outOfSyncMessage(input));
  const completed = slots.length > 0 && slots.every(({ status }) => status === 'Completed');
  return say(
    'Ready',
    'True',
    completed ? 'Completed' : 'AllReady',
    `${slots.length} of ${slots.length} panes`,
  );
}

const HINDERS_READY: readonly ConditionType[] = ['Stalled', 'Suspended', 'Held', 'CrashLoop'];

function stalledReason(input: ConditionInput): { reason: string; message: string } | undefined {
  const conflict = input.blocked.find(({ reason }) => reason === 'SessionNameConflict');
  if (conflict !== undefined) return conflict;
  const failed = input.slots
    .filter(({ status }) => status === 'Failed')
    .map(({ slot }) => slot.key);
  if (failed.length > 0) {
    return {
      reason: 'RestartPolicyNever',
      message: `${failed.join(', ')} failed and the restart policy is Never; \`agenttower restart\` starts it again`,
    };
  }
  // One that is out of date is about to be replaced by another.
  const unlogged = input.slots.filter(
    ({ slot: { pane, spec }, status }) =>
      status === 'Degraded' && pane !== undefined && isStartedFrom(pane, spec),
  );
  if (unlogged.length === 0) return undefined;
  return {
    reason: 'LogNotAttached',
    message: `${describeWaiting(unlogged)}; once that is mended, \`agenttower restart\` has it logged, and \`log: false\` in the manifest does without`,
  };
}

function slotCondition(
  { slots }: ConditionInput,
  type: ConditionType,
  wanted: SlotStatus,
  what: string,
): Draft | undefined {
  const hit = slots.filter(({ status }) => status === wanted);
  if (hit.length === 0) return undefined;
  const detail = hit.map(({ slot }) => describeSlot(slot, wanted)).join(', ');
  return yes(type, type, `${detail} ${what}`);
}

function describeSlot(slot: SlotRecord, status: SlotStatus): string {
  if (status === 'Held' && slot.hold !== undefined) {
    const { by, reason } = slot.hold;
    return `${slot.key} (by ${by}${reason === '' ? '' : `: ${reason}`})`;
  }
  if (status !== 'CrashLoop') return slot.key;
  const how = slot.pane?.problem ?? lastExit(slot);
  return `${slot.key} (${slot.exits.length} exits${how === undefined ? '' : `, last ${how}`})`;
}

/** Slots that are not ready, with what went wrong in their last incarnations: once, where that is the same. */
function describeWaiting(waiting: readonly SlotWithStatus[]): string {
  const keys = new Map<string, string[]>();
  for (const { slot, status } of waiting) {
    const isBad = HEALTH_OF[status] === 'Degraded';
    const why = isBad ? (slot.pane?.problem ?? lastExit(slot)) : undefined;
    const told = `${status}${why === undefined ? '' : ` (${why})`}`;
    keys.set(told, [...(keys.get(told) ?? []), slot.key]);
  }
  return Array.from(keys, ([told, slots]) => `${slots.join(', ')} ${told}`).join('; ');
}

function lastExit({ pane }: SlotRecord): string | undefined {
  if (pane?.exitSignal !== undefined) return `signal ${pane.exitSignal}`;
  if (pane?.exitCode === undefined) return undefined;
  const hint = SHELLS_MEAN[pane.exitCode];
  return `exit status ${pane.exitCode}${hint === undefined ? '' : `: ${hint}`}`;
}

/** What a status says where a shell, or who starts a program as shells do, gave it. */
const SHELLS_MEAN: Readonly<Record<number, string>> = {
  126: 'a command there cannot be run',
  127: 'a command was not found',
};

function observedCondition({ observation }: StatusInput): Draft {
  if (observation.kind !== 'unknown')
    return say('Observed', 'True', 'Observed', 'seen in the last pass');
  return say('Observed', 'False', observation.reason, observation.message);
}

/** `OnDelete` when all that is left is for a person to do: to restart what is out of date. */
function outOfSyncReason({ blocked, layout }: ConditionInput): 'OnDelete' | 'OutOfSync' {
  const isLeft = blocked.some(({ reason }) => reason === ON_DELETE);
  return isLeft && layout.pruneBlocked === undefined ? ON_DELETE : 'OutOfSync';
}

const ON_DELETE = 'OnDelete';

function outOfSyncMessage({ blocked, layout }: ConditionInput): string {
  const first = blocked[0];
  if (layout.pruneBlocked !== undefined) return layout.pruneBlocked;
  if (first === undefined) return 'changes are on their way';
  return `${first.slotKey === undefined ? '' : `${first.slotKey}: `}${first.message}`;
}

/** Who suspended a layout, and why. */
export function suspendedMessage(layout: LayoutRecord): string {
  if (layout.suspended === undefined) return 'suspended by its manifest (spec.suspend)';
  const { by, reason } = layout.suspended;
  const also = layout.spec.suspend ? '; its manifest suspends it too' : '';
  return `suspended by ${by}${reason === '' ? '' : `: ${reason}`}${also}`;
}

/** A condition as recorded: it moved only if its status did. */
export function stamp(draft: Draft, { layout, now }: StatusInput): Condition {
  const before = layout.conditions.find(({ type }) => type === draft.type);
  const unmoved = before?.status === draft.status;
  return {
    ...draft,
    lastTransitionTime: unmoved ? before.lastTransitionTime : now,
    observedGeneration: layout.generation,
  };
}

function say(
  type: ConditionType,
  status: Condition['status'],
  reason: string,
  message: string,
): Draft {
  return { type, status, reason, message };
}

function yes(type: ConditionType, reason: string, message: string): Draft {
  return say(type, 'True', reason, message);
}

function no(reason: string, message: string): Draft {
  return say('Ready', 'False', reason, message);
}
