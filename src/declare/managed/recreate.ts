import { refuse } from '../../domain/errors.ts';
import type { PaneId } from '../../domain/ids.ts';
import type { LayoutRecord, SlotRecord } from '../../domain/records.ts';
import { replaceHash, type SlotSpec } from '../../domain/spec.ts';
import { CHAIN_LIMIT, type PaneState } from '../../domain/states.ts';
import type { LaunchProfile } from '../../domain/templates.ts';
import type { DeclarationTransaction } from '../ports.ts';
import { freeLayoutName, requirePlace, requireUndeclaredSession } from './conflicts.ts';
import type { ManagedDeps } from './deps.ts';
import { paneNotFound } from './find-pane.ts';
import { requireIdentifier } from './identifiers.ts';
import { findProfile, relaunched } from './launch.ts';
import { readOpenLayout, recordLayoutState } from './layout-state.ts';
import type { ManagedPane } from './ports.ts';
import { requireScope, type Scope } from './scope.ts';

export interface RecreateRequest {
  readonly predecessor: string;
  /** Name of the launch profile to start from instead of the predecessor's. */
  readonly profile?: string;
  readonly key?: string;
}

export interface RecreatedPane {
  readonly pane: PaneId;
  readonly predecessor: PaneId;
  readonly chainDepth: number;
  readonly state: PaneState;
  readonly replay: boolean;
}

/**
 * Writes the successor of a pane that has ended, ends the hold on its slot and wakes the loop, which starts it: in the
 * layout's session while that lives, else in a new one.
 * @throws {AgentTowerError} as the contract lists them for `managed.pane.recreate`, in its order.
 */
export function recreatePane(
  request: RecreateRequest,
  scope: Scope,
  deps: ManagedDeps,
): RecreatedPane {
  const { key } = request;
  if (key !== undefined) requireIdentifier('idempotency_key', key);
  const predecessor = deps.managed.pane(request.predecessor);
  if (predecessor === undefined) throw paneNotFound(request.predecessor, scope, deps);
  requireScope(scope, predecessor.container);
  requireEnded(predecessor);
  requireShallow(predecessor);
  const earlier = findReplay(predecessor.id, key, deps);
  if (earlier !== undefined) return earlier;
  const profile =
    request.profile === undefined ? undefined : findProfile(deps.catalog(), request.profile);
  const recreated = deps.store.transact((tx) => admit(tx, { predecessor, profile, key }, deps));
  deps.wake(predecessor.container);
  return recreated;
}

/** The successor that was made with this key, whatever became of it. */
function findReplay(
  predecessor: PaneId,
  key: string | undefined,
  { managed }: ManagedDeps,
): RecreatedPane | undefined {
  const successor = key === undefined ? undefined : managed.successorByKey(predecessor, key);
  return successor && toRecreated(predecessor, successor, true);
}

function requireEnded({ id, state }: ManagedPane): void {
  if (state === 'removed' || state === 'failed') return;
  throw illegalSource(id, state, `it is ${state}; remove it first`);
}

function illegalSource(id: PaneId, state: PaneState, why: string): Error {
  return refuse('managed_pane_illegal_recreate_source', `pane ${id} cannot be recreated: ${why}`, {
    predecessor_pane_id: id,
    current_state: state,
  });
}

function requireShallow({ id, chainDepth }: ManagedPane): void {
  if (chainDepth < CHAIN_LIMIT - 1) return;
  throw refuse(
    'managed_pane_recreate_chain_too_deep',
    `pane ${id} stands at the end of ${CHAIN_LIMIT} recreations in a row; create the layout anew`,
    { predecessor_pane_id: id, predecessor_chain_depth: chainDepth, limit: CHAIN_LIMIT },
  );
}

// --- writing --------------------------------------------------------------------------------------------------------

interface Admission {
  readonly predecessor: ManagedPane;
  readonly profile: LaunchProfile | undefined;
  readonly key: string | undefined;
}

function admit(tx: DeclarationTransaction, admission: Admission, deps: ManagedDeps): RecreatedPane {
  const { predecessor, profile, key } = admission;
  const replay = findReplay(predecessor.id, key, deps);
  if (replay !== undefined) return replay;
  requireNoSuccessor(predecessor, deps);
  const { container, session, position, chainDepth } = predecessor;
  const { label } = predecessor.spec;
  requirePlace({ container, session, position, label }, deps);

  const layout = takeBack(tx, predecessor, deps);
  const slot = layout.slots.find(({ id, declared }) => id === predecessor.slot && declared);
  if (slot === undefined) {
    const why = 'its layout no longer has a place for it';
    throw illegalSource(predecessor.id, predecessor.state, why);
  }
  const isClients = layout.source.kind === 'imperative';
  const spec = relaunched(isClients ? predecessor.spec : slot.spec, profile);
  respecify(tx, { layout, slot, spec, isClients });
  const id = deps.ids.uuid() as PaneId;
  const markerToken = key ?? deps.ids.uuid();
  tx.insertPane({
    id,
    slot: slot.id,
    spec,
    replaceHash: replaceHash(spec),
    session: layout.spec.session,
    markerToken,
    agentId: deps.ids.agentId(),
    recreates: {
      predecessor: predecessor.id,
      chainDepth: chainDepth + 1,
      ...(key !== undefined && { idempotencyKey: key }),
    },
  });
  emitRecreated(tx, { layout, predecessor, id, markerToken });
  const now = readOpenLayout(container, layout.id, deps);
  if (now !== undefined) recordLayoutState(tx, now);
  const created = { id, chainDepth: chainDepth + 1, state: 'creating' } as const;
  return toRecreated(predecessor.id, created, false);
}

function requireNoSuccessor({ id }: ManagedPane, { managed }: ManagedDeps): void {
  const successor = managed.liveSuccessor(id);
  if (successor === undefined) return;
  throw refuse(
    'managed_pane_concurrent_recreate',
    `pane ${id} was recreated already: ${successor.id} is ${successor.state}`,
    { predecessor_pane_id: id, in_flight_successor_pane_id: successor.id },
  );
}

/** The layout as part of the desired state, where it may not have been any more. */
function takeBack(
  tx: DeclarationTransaction,
  { container, layout: id, session }: ManagedPane,
  deps: ManagedDeps,
): LayoutRecord {
  const open = readOpenLayout(container, id, deps);
  if (open !== undefined && open.deleting === undefined) return open;
  const recorded = deps.managed.layout(id);
  if (recorded === undefined) throw new Error(`pane of a layout that is not recorded: ${id}`);
  requireUndeclaredSession(container, session, { ...deps, except: id });
  const { spec } = recorded;
  const name = freeLayoutName(container, spec.name, { ...deps, except: id });
  // Whoever declared it once does not any more: it is the client's now, and no prune takes it away.
  const source = { kind: 'imperative', name: 'imperative', path: '' } as const;
  const patch = {
    deleting: undefined,
    suspended: undefined,
    source,
    ...(name !== spec.name && { spec: { ...spec, name } }),
  };
  if (open === undefined) tx.reopenLayout(id, patch);
  else tx.updateLayout(id, patch);
  const taken = readOpenLayout(container, id, deps);
  if (taken === undefined) throw new Error(`layout ${id} was taken back but is not open`);
  return taken;
}

function respecify(
  tx: DeclarationTransaction,
  {
    layout,
    slot,
    spec,
    isClients,
  }: {
    readonly layout: LayoutRecord;
    readonly slot: SlotRecord;
    readonly spec: SlotSpec;
    readonly isClients: boolean;
  },
): void {
  tx.updateSlot(slot.id, {
    spec,
    hold: undefined,
    restartRequested: false,
    failures: 0,
    nextAttemptAt: undefined,
    exits: [],
    vanishings: [],
  });
  if (!isClients || replaceHash(slot.spec) === replaceHash(spec)) return;
  const slots = layout.spec.slots.map((one) => (one.key === spec.key ? spec : one));
  tx.updateLayout(layout.id, { spec: { ...layout.spec, slots } });
}

function emitRecreated(
  tx: DeclarationTransaction,
  {
    layout,
    predecessor,
    id,
    markerToken,
  }: {
    readonly layout: LayoutRecord;
    readonly predecessor: ManagedPane;
    readonly id: PaneId;
    readonly markerToken: string;
  },
): void {
  const scope = { actor: 'operator', paneId: id } as const;
  tx.emit({
    type: 'managed_pane_recreated',
    ...scope,
    layoutId: layout.id,
    payload: { predecessor_id: predecessor.id, chain_depth: predecessor.chainDepth + 1 },
  });
  const payload = { marker_token: markerToken };
  tx.emit({ type: 'managed_pane_pending_marker_set', ...scope, payload });
}

function toRecreated(
  predecessor: PaneId,
  { id, chainDepth, state }: Pick<ManagedPane, 'id' | 'chainDepth' | 'state'>,
  replay: boolean,
): RecreatedPane {
  return { pane: id, predecessor, chainDepth, state, replay };
}
