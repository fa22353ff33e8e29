import type { DeclarationStore, DeclarationTransaction } from '../../src/declare/ports.ts';
import { refuse } from '../../src/domain/errors.ts';
import type { NewEvent } from '../../src/domain/events.ts';
import type { LayoutId, PaneId, SlotId } from '../../src/domain/ids.ts';
import type { LayoutRecord, PaneRecord } from '../../src/domain/records.ts';
import { replaceHash } from '../../src/domain/spec.ts';
import { isLive, type PaneState } from '../../src/domain/states.ts';
import type { LayoutPatch, NewPane, PanePatch, SlotPatch } from '../../src/reconcile/ports.ts';
import { findPane, findSlot, type Placed, reasonUnwanted } from './invariants.ts';
import type { PassFaults } from './pass-faults.ts';
import { Violation, type World } from './world.ts';

/** What one transaction wrote, in order. */
interface Written {
  readonly panes: NewPane[];
  readonly panePatches: (readonly [PaneId, PanePatch])[];
  readonly slotPatches: (readonly [SlotId, SlotPatch])[];
  readonly layoutPatches: (readonly [LayoutId, LayoutPatch])[];
  readonly events: NewEvent[];
  /** Names of the writes that status and conditions do not need. */
  readonly others: string[];
}

/**
 * The store as one pass (or, without faults of a pass, an operator) uses it: may fail, may be the last thing the daemon
 * does, and everything it commits is checked against what was recorded before.
 */
export function watchStore(world: World, faults: PassFaults | undefined): DeclarationStore {
  const { store } = world;
  return {
    ...store,
    transact: <T>(write: (tx: DeclarationTransaction) => T): T => {
      faults?.reach('before a transaction');
      if (faults?.failsToCommit() === true) {
        world.note(() => '  the store cannot commit');
        throw refuse('database_unusable', 'no space left', { path: 'memory', problem: 'full' });
      }
      const result = commit(world, faults, write);
      faults?.reach('after a transaction');
      return result;
    },
  };
}

function commit<T>(
  world: World,
  faults: PassFaults | undefined,
  write: (tx: DeclarationTransaction) => T,
): T {
  const { store } = world;
  const before = store.layouts();
  const written: Written = {
    panes: [],
    panePatches: [],
    slotPatches: [],
    layoutPatches: [],
    events: [],
    others: [],
  };
  const earlier = new Map<string, string | undefined>();
  /** Of a pane that has a successor: the layouts show the newest of each slot. */
  const noteEarlier = (id: PaneId): void => {
    if (earlier.has(id) || findPane(before, id) !== undefined) return;
    earlier.set(id, store.managed.pane(id)?.state);
  };
  const result = store.transact((tx) => write(listenTo(tx, written, noteEarlier)));
  world.counts.writes += 1;
  for (const { id, slot } of written.panes) world.known.set(id, { slot, hasEnded: false });
  for (const [id, { state }] of written.panePatches) {
    const known = world.known.get(id);
    if (known !== undefined && state !== undefined) known.hasEnded = !isLive(state);
  }
  if (world.trace !== undefined) traceWritten(world, written);
  checkStateEvents(before, written, earlier);
  if (faults !== undefined) checkLoop(world, { before, written, faults });
  return result;
}

/** The transaction, with every write noted on the way. */
function listenTo(
  tx: DeclarationTransaction,
  written: Written,
  onPane: (id: PaneId) => void,
): DeclarationTransaction {
  return {
    insertLayout: (layout) => {
      written.others.push('insertLayout');
      tx.insertLayout(layout);
    },
    updateLayout: (id, patch) => {
      written.layoutPatches.push([id, patch]);
      tx.updateLayout(id, patch);
    },
    closeLayout: (id) => {
      written.others.push('closeLayout');
      tx.closeLayout(id);
    },
    reopenLayout: (id, patch) => {
      written.others.push('reopenLayout');
      tx.reopenLayout(id, patch);
    },
    putScannedPane: (pane) => {
      written.others.push('putScannedPane');
      tx.putScannedPane(pane);
    },
    dropScannedPane: (pane) => {
      written.others.push('dropScannedPane');
      tx.dropScannedPane(pane);
    },
    insertSlot: (slot) => {
      written.others.push('insertSlot');
      tx.insertSlot(slot);
    },
    updateSlot: (id, patch) => {
      written.slotPatches.push([id, patch]);
      tx.updateSlot(id, patch);
    },
    closeSlot: (id) => {
      written.others.push('closeSlot');
      tx.closeSlot(id);
    },
    insertPane: (pane) => {
      written.panes.push(pane);
      tx.insertPane(pane);
    },
    updatePane: (id, patch) => {
      onPane(id);
      written.panePatches.push([id, patch]);
      tx.updatePane(id, patch);
    },
    registerAgent: (pane) => {
      written.others.push('registerAgent');
      tx.registerAgent(pane);
    },
    putContainer: (record) => tx.putContainer(record),
    emit: (event) => {
      written.events.push(event);
      tx.emit(event);
    },
    putObject: (object) => tx.putObject(object),
    deleteObject: (kind, name) => tx.deleteObject(kind, name),
    declareRoute: (route) => tx.declareRoute(route),
    withdrawRoute: (name) => tx.withdrawRoute(name),
    endRoutesOf: (pane) => tx.endRoutesOf(pane),
    putSelector: (selector) => {
      written.others.push('putSelector');
      tx.putSelector(selector);
    },
    deleteSelector: (selector) => {
      written.others.push('deleteSelector');
      tx.deleteSelector(selector);
    },
    putSource: (record) => tx.putSource(record),
    deleteSource: (name) => tx.deleteSource(name),
    spendPlan: (planId) => tx.spendPlan(planId),
  };
}

// --- every transaction ----------------------------------------------------------------------------------------------

/** Each change of a state has exactly one event, and each event tells of a change. */
function checkStateEvents(
  before: readonly LayoutRecord[],
  written: Written,
  earlier: ReadonlyMap<string, string | undefined>,
): void {
  const states = new Map<string, string>();
  const told: string[] = [];
  for (const event of written.events) {
    if (event.type === 'managed_pane_state_changed') {
      told.push(`${event.paneId}:${event.payload.prev_state}→${event.payload.new_state}`);
    } else if (event.type === 'managed_layout_state_changed') {
      told.push(`${event.layoutId}:${event.payload.prev_state}→${event.payload.new_state}`);
    }
  }
  const changed: string[] = [];
  const change = (id: string, old: string | undefined, state: string): void => {
    const from = states.get(id) ?? old ?? 'creating';
    if (from !== state) changed.push(`${id}:${from}→${state}`);
    states.set(id, state);
  };
  for (const [id, { state }] of written.panePatches) {
    if (state !== undefined)
      change(id, findPane(before, id)?.slot.pane?.state ?? earlier.get(id), state);
  }
  for (const [id, { state }] of written.layoutPatches) {
    if (state === undefined) continue;
    change(id, before.find((layout) => layout.id === id)?.state, state);
  }
  // Across entities the order is free; for each it is the order of its changes.
  if (told.toSorted().join() !== changed.toSorted().join()) {
    throw new Violation('I9', `states changed [${changed.join()}], events tell [${told.join()}]`);
  }
}

// --- transactions of the loop ---------------------------------------------------------------------------------------

interface LoopWrite {
  readonly before: readonly LayoutRecord[];
  readonly written: Written;
  readonly faults: PassFaults;
}

function checkLoop(world: World, write: LoopWrite): void {
  checkBlind(world, write);
  for (const pane of write.written.panes) checkNewPane(world, write, pane);
  for (const [id, patch] of write.written.panePatches) {
    if (patch.state === undefined) continue;
    const at = findPane(write.before, id);
    if (at !== undefined) checkPaneState(world, write, { at, to: patch.state });
  }
  for (const [id, patch] of write.written.slotPatches) checkBackoff(world, write, { id, patch });
}

const STATUS_FIELDS: ReadonlySet<string> = new Set([
  'sync',
  'health',
  'state',
  'failedStage',
  'conditions',
  'observedGeneration',
]);

/** After a look that showed nothing, only status and conditions may be written. */
function checkBlind(world: World, write: LoopWrite): void {
  const { before, written, faults } = write;
  if (faults.truth?.kind === 'seen') return;
  if (faults.truth?.kind === 'stopped' && isOnlyEnding(world, write)) return;
  if (isOnlyUnbegun(write)) return;
  const ended = written.panePatches.map(([id]) => findPane(before, id)?.slot.pane);
  if (ended.length > 0 && ended.every((pane) => isOverdue(world, pane))) return;
  const isMore =
    written.panes.length + written.panePatches.length + written.slotPatches.length > 0 ||
    written.others.length > 0 ||
    written.layoutPatches.some(([, patch]) =>
      Object.keys(patch).some((field) => !STATUS_FIELDS.has(field)),
    ) ||
    written.events.some(({ type }) => type !== 'managed_layout_state_changed');
  if (isMore) throw new Violation('I4', 'rows were changed after a look that showed nothing');
}

/** Where nothing runs, what nobody wants is over; nothing begins there, and nothing wanted ends. */
function isOnlyEnding(world: World, { before, written }: LoopWrite): boolean {
  const isUnwanted = (id: PaneId): boolean => {
    const found = findPane(before, id);
    return ['deleted', 'no longer declared'].includes(
      (found && reasonUnwanted(world, found)) ?? '',
    );
  };
  return (
    written.panes.length + written.slotPatches.length === 0 &&
    written.panePatches.every(([id]) => isUnwanted(id)) &&
    written.others.every((write) => write === 'closeSlot' || write === 'closeLayout')
  );
}

/** Of what was never begun, nothing can stand anywhere: that it is over needs no look. */
function isOnlyUnbegun({ before, written }: LoopWrite): boolean {
  const { panes, panePatches, slotPatches, layoutPatches, others, events } = written;
  const isUnbegun = (event: NewEvent): boolean => {
    const layout = before.find(({ id }) => id === event.layoutId);
    const isBegun = layout?.slots.some(({ pane }) => pane !== undefined) ?? true;
    return event.type === 'layout_removed' && layout?.deleting !== undefined && !isBegun;
  };
  return (
    [panes, panePatches, slotPatches, layoutPatches].every((writes) => writes.length === 0) &&
    events.length > 0 &&
    events.every(isUnbegun) &&
    others.length === events.length &&
    others.every((write) => write === 'closeLayout')
  );
}

/** Its time to be confirmed is up, which needs no look. One that was confirmed is at work: only a look ends it. */
function isOverdue({ clock, policy }: World, pane: PaneRecord | undefined): boolean {
  const isUnconfirmed = pane?.state === 'creating' && pane.epoch === undefined;
  return isUnconfirmed && clock.now() - pane.createdAt > policy.creatingTtlMs;
}

function checkNewPane(world: World, { before, written }: LoopWrite, pane: NewPane): void {
  const at = findSlot(before, pane.slot);
  if (at === undefined) throw new Violation('I3', `a pane row for the unknown slot ${pane.slot}`);
  const problem = reasonUnwanted(world, at);
  if (problem !== undefined) throw new Violation('I6', `${at.slot.key} is ${problem} and started`);
  const { nextAttemptAt } = at.slot;
  const now = world.clock.now();
  const waits =
    nextAttemptAt !== undefined &&
    nextAttemptAt > now &&
    nextAttemptAt - now <= world.policy.backoffCapMs;
  if (!waits || at.slot.restartRequested || isOutdated(at)) return;
  const cause = written.events.find(
    (event) => event.type === 'pane_replaced' && event.paneId === pane.id,
  );
  const reason = cause?.type === 'pane_replaced' ? cause.payload.cause : 'Missing';
  // A person had started it by hand, or had taken it away: there is nothing left to wait for.
  if (
    ['RespawnedByHand', 'HoldEnded', 'Vanished', 'TmuxServerLost', 'ContainerRestarted'].includes(
      reason,
    )
  )
    return;
  throw new Violation(
    'I12',
    `${at.slot.key} is started (${reason}) ${nextAttemptAt - now} ms early`,
  );
}

interface Step {
  readonly at: Placed;
  readonly to: PaneState;
}

/** A live incarnation ends only for a reason that stands in the records, or that was seen. */
function checkPaneState(world: World, write: LoopWrite, { at, to }: Step): void {
  const { pane } = at.slot;
  if (pane === undefined || !isLive(pane.state) || isLive(to)) return;
  const finals = write.written.panePatches.filter(([id, { state }]) => id === pane.id && state);
  if (finals.at(-1)?.[1].state !== to) return;
  const stands = findStanding(write, at);
  if (to === 'failed') {
    if (pane.epoch === undefined || stands === undefined || isOverdue(world, pane)) return;
    throw new Violation('I4', `${at.slot.key} counts as lost, but ${stands.id} is its pane`);
  }
  const unwanted = reasonUnwanted(world, at);
  const justified =
    (unwanted !== undefined && unwanted !== 'suspended') ||
    at.slot.restartRequested ||
    isOutdated(at) ||
    stands?.dead === true ||
    pane.failedStage === 'launch_command' ||
    write.faults.sent.some(
      (op) =>
        (op.kind === 'release' && op.guard.owner === pane.id) ||
        (op.kind === 'burn-fence' && op.fence.slot === at.slot.id),
    );
  if (!justified) throw new Violation('I5', `${at.slot.key} (${pane.id}) is ended for no reason`);
}

/** The pane of an incarnation in the look of this pass: by its tag, or by what tmux knew it by. */
function findStanding({ faults }: LoopWrite, { slot: { pane } }: Placed) {
  const { truth } = faults;
  if (truth?.kind !== 'seen' || pane === undefined) return undefined;
  return truth.panes.find(
    (seen) =>
      seen.paneId === pane.id ||
      (seen.paneId === undefined &&
        truth.epoch === pane.epoch &&
        seen.id === pane.tmuxPaneId &&
        seen.pid === pane.pid),
  );
}

function isOutdated({ layout, slot }: Placed): boolean {
  const { pane } = slot;
  if (pane === undefined) return false;
  return pane.replaceHash !== replaceHash(slot.spec) || pane.session !== layout.spec.session;
}

function checkBackoff(
  world: World,
  { before }: LoopWrite,
  { id, patch }: { readonly id: SlotId; readonly patch: SlotPatch },
): void {
  const { nextAttemptAt } = patch;
  if (nextAttemptAt === undefined) return;
  const { backoffBaseMs, backoffCapMs } = world.policy;
  const failures = patch.failures ?? findSlot(before, id)?.slot.failures ?? 0;
  const least = Math.min(backoffCapMs, backoffBaseMs * 2 ** Math.max(0, failures - 1));
  const delay = nextAttemptAt - world.clock.now();
  if (delay < least || delay > backoffCapMs) {
    throw new Violation('I12', `a pause of ${delay} ms after ${failures} failures`);
  }
}

function traceWritten(world: World, written: Written): void {
  const parts = [
    ...written.others,
    ...written.panes.map(({ id, slot }) => `pane ${id.slice(-4)} for ${slot.slice(-4)}`),
    ...written.panePatches.map(([id, patch]) => `pane ${id.slice(-4)} ${render(patch)}`),
    ...written.slotPatches.map(([id, patch]) => `slot ${id.slice(-4)} ${render(patch)}`),
    ...written.layoutPatches.map(([id, patch]) => `layout ${id.slice(-4)} ${render(patch)}`),
  ];
  world.note(() => `  commit: ${parts.join('; ')}`);
}

function render(patch: object): string {
  const entries = Object.entries(patch).filter(([key]) => key !== 'conditions' && key !== 'spec');
  return entries.map(([key, value]) => `${key}=${JSON.stringify(value) ?? 'none'}`).join(' ');
}
