import { refuse } from '../domain/errors.ts';
import type { ContainerId } from '../domain/ids.ts';
import type { LayoutRecord, PaneRecord, SlotRecord } from '../domain/records.ts';
import { type Clock, toTimestamp } from '../lib/clock.ts';
import type { AppliedObject } from './applied-object.ts';
import { describeSource } from './changes.ts';
import { findLayout, findSlots, type LayoutAddress } from './find-layout.ts';
import type { DeclarationStore } from './ports.ts';
import { recordDeletion } from './record-changes.ts';

/** The operator's verbs on what is declared: each edits the desired state and wakes the loop. */

export interface OperateDeps {
  readonly store: DeclarationStore;
  readonly clock: Clock;
  readonly wake: (container: ContainerId) => void;
}

export interface SlotTarget extends LayoutAddress {
  /** Key or label; the whole layout when absent. */
  readonly slot?: string;
}

export interface Operated {
  readonly layout: string;
  readonly slots: readonly string[];
}

export interface StopOptions {
  readonly by: string;
  readonly reason: string;
  /** How long the hold lasts; for good when absent. */
  readonly forMs?: number;
}

/** Kills the panes and holds their slots: they stay away, through edits and restarts, until `start` or expiry. */
export function stopSlots(target: SlotTarget, options: StopOptions, deps: OperateDeps): Operated {
  const { by, reason, forMs } = options;
  return onSlots(target, deps, (tx, { layout, slot }) => {
    const since = deps.clock.now();
    const until = forMs === undefined ? undefined : since + forMs;
    tx.updateSlot(slot.id, {
      hold: { by, reason, since, ...(until !== undefined && { until }) },
      restartRequested: false,
      nextAttemptAt: undefined,
    });
    tx.emit({
      type: 'slot_held',
      actor: 'operator',
      layoutId: layout.id,
      payload: {
        label: slot.spec.label,
        by,
        reason,
        until: until === undefined ? null : toTimestamp(until),
      },
    });
  });
}

/** Ends holds and back-offs; what is not running is started now. */
export function startSlots(target: SlotTarget, by: string, deps: OperateDeps): Operated {
  return onSlots(target, deps, (tx, { layout, slot }) => {
    const runs = slot.pane !== undefined && isRunning(slot.pane);
    // A restart that was promised earlier is still owed.
    const restartRequested = slot.restartRequested || (!runs && slot.pane !== undefined);
    tx.updateSlot(slot.id, { ...forgiven, restartRequested });
    if (slot.hold !== undefined) emitHoldEnded(tx, layout, { slot, by });
  });
}

/**
 * Replaces the panes now, ending holds and back-offs too.
 * @throws {AgentTowerError} `suspended`: nothing of a suspended layout is changed, and the restart would come late.
 */
export function restartSlots(target: SlotTarget, by: string, deps: OperateDeps): Operated {
  refuseSuspended(findLayout(deps.store.layouts(), target));
  return onSlots(target, deps, (tx, { layout, slot }) => {
    tx.updateSlot(slot.id, { ...forgiven, restartRequested: slot.pane !== undefined });
    if (slot.hold !== undefined) emitHoldEnded(tx, layout, { slot, by });
  });
}

/** From now on the layout is observed and nothing of it is changed. */
export function suspendLayout(
  address: LayoutAddress,
  { by, reason }: Pick<StopOptions, 'by' | 'reason'>,
  deps: OperateDeps,
): Operated {
  const layout = findLayout(deps.store.layouts(), address);
  deps.store.transact((tx) => {
    tx.updateLayout(layout.id, { suspended: { by, reason, at: deps.clock.now() } });
    const payload = { name: layout.spec.name, by, reason };
    tx.emit({ type: 'layout_suspended', actor: 'operator', layoutId: layout.id, payload });
  });
  deps.wake(layout.container);
  return { layout: layout.spec.name, slots: layout.slots.map(({ key }) => key) };
}

/** @throws {AgentTowerError} `suspended` while the manifest itself suspends the layout. */
export function resumeLayout(address: LayoutAddress, by: string, deps: OperateDeps): Operated {
  const layout = findLayout(deps.store.layouts(), address);
  const { name, suspend } = layout.spec;
  deps.store.transact((tx) => {
    tx.updateLayout(layout.id, { suspended: undefined });
    if (layout.suspended === undefined) return;
    tx.emit({
      type: 'layout_resumed',
      actor: 'operator',
      layoutId: layout.id,
      payload: { name, by },
    });
  });
  deps.wake(layout.container);
  if (suspend) {
    const where = describeSource(layout.source);
    const message = `layout ${name} stays suspended by its manifest: set spec.suspend to false in ${where}`;
    throw refuse('suspended', message, { layout: name, by: where });
  }
  return { layout: name, slots: layout.slots.map(({ key }) => key) };
}

/**
 * Deletes layouts that no configured source declares.
 * @throws {AgentTowerError} `owned_by_source` with the ways out, before anything is deleted.
 */
export function deleteLayouts(
  addresses: readonly LayoutAddress[],
  deps: OperateDeps,
): readonly AppliedObject[] {
  const layouts = deps.store.layouts();
  const found = addresses.map((address) => {
    const known = layouts.some(({ spec }) => spec.name === address.name);
    return known ? findLayout(layouts, address) : undefined;
  });
  for (const layout of found) if (layout !== undefined) refuseOwned(layout);
  const going = found.filter((layout) => layout !== undefined);
  if (going.length > 0) {
    deps.store.transact((tx) => {
      const at = deps.clock.now();
      for (const layout of going) recordDeletion(tx, layout, { reason: 'DeleteRequested', at });
    });
  }
  for (const container of new Set(going.map((layout) => layout.container))) deps.wake(container);
  return addresses.map(({ name }, index) => ({
    kind: 'Layout',
    name,
    action: found[index] === undefined ? 'not found' : 'deleted',
  }));
}

function refuseSuspended({ spec, suspended, source }: LayoutRecord): void {
  if (suspended === undefined && !spec.suspend) return;
  const by = suspended?.by ?? describeSource(source);
  const resume =
    suspended === undefined
      ? 'set spec.suspend to false there'
      : `first agenttower resume layout/${spec.name}`;
  const message = `layout ${spec.name} is suspended by ${by}, so nothing was restarted; ${resume}`;
  throw refuse('suspended', message, { layout: spec.name, by });
}

function refuseOwned({ source, spec }: LayoutRecord): void {
  if (source.kind === 'apply' || source.kind === 'imperative') return;
  const where = describeSource(source);
  const alternatives = [
    `remove it from ${where}`,
    `agenttower stop layout/${spec.name}`,
    `agenttower suspend layout/${spec.name}`,
  ];
  throw refuse(
    'owned_by_source',
    `layout ${spec.name} is declared by ${where} and would come back; instead: ${alternatives.join('; or ')}`,
    { layout: spec.name, source: source.name, path: source.path, alternatives },
  );
}

/** Its process is there; one that only lacks its log works too. */
function isRunning({ state, failedStage }: PaneRecord): boolean {
  return (
    state === 'ready' ||
    state === 'creating' ||
    (state === 'degraded' && failedStage === 'log_attach')
  );
}

// --- shared ---------------------------------------------------------------------------------------------------------

type Tx = Parameters<Parameters<DeclarationStore['transact']>[0]>[0];

const forgiven = {
  hold: undefined,
  failures: 0,
  nextAttemptAt: undefined,
  exits: [],
  vanishings: [],
} as const;

function onSlots(
  target: SlotTarget,
  { store, wake }: OperateDeps,
  write: (tx: Tx, at: { readonly layout: LayoutRecord; readonly slot: SlotRecord }) => void,
): Operated {
  const layout = findLayout(store.layouts(), target);
  const slots = findSlots(layout, target.slot);
  store.transact((tx) => {
    for (const slot of slots) write(tx, { layout, slot });
  });
  wake(layout.container);
  return { layout: layout.spec.name, slots: slots.map(({ key }) => key) };
}

function emitHoldEnded(
  tx: Tx,
  layout: LayoutRecord,
  { slot, by }: { readonly slot: SlotRecord; readonly by: string },
): void {
  tx.emit({
    type: 'slot_hold_ended',
    actor: 'operator',
    layoutId: layout.id,
    payload: { label: slot.spec.label, by },
  });
}
