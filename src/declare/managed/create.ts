import { refuse } from '../../domain/errors.ts';
import {
  type ContainerId,
  type LayoutId,
  type PaneId,
  type SlotId,
  tmuxSessionName,
} from '../../domain/ids.ts';
import { replaceHash, type SlotSpec } from '../../domain/spec.ts';
import type { LayoutState, PaneState } from '../../domain/states.ts';
import type { LayoutTemplate } from '../../domain/templates.ts';
import type { DeclarationTransaction } from '../ports.ts';
import {
  freeLayoutName,
  labelConflict,
  requirePlace,
  requireUndeclaredSession,
  sessionConflict,
} from './conflicts.ts';
import { type ManagedDeps, within } from './deps.ts';
import { requireIdentifier } from './identifiers.ts';
import { findOverrides, findTemplate, readOverrides, toSlots, toSpec } from './launch.ts';
import type { ManagedLayout } from './ports.ts';
import { requireScope, type Scope } from './scope.ts';

export interface CreateRequest {
  readonly container: string;
  readonly template: string;
  readonly session: string;
  /** Profile names by `role:label`, as the client wrote them. */
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly key?: string;
}

export interface CreatedLayout {
  readonly layout: LayoutId;
  readonly state: LayoutState;
  readonly intendedPanes: number;
  readonly panes: readonly {
    readonly id: PaneId;
    readonly role: string;
    readonly label: string;
    readonly state: PaneState;
  }[];
  readonly replay: boolean;
}

/**
 * A look that takes longer does not hold the answer up: tmux itself refuses a session that is there already. Enough
 * for the first one, which opens the channel; later ones take a hundredth of it.
 */
const LOOK_MS = 250;

/**
 * Writes a layout and its panes, all `creating`, in one transaction, and wakes the loop, which starts them.
 * The order of the checks is part of the contract.
 * @throws {AgentTowerError} as the contract lists them for `managed.layout.create`.
 */
export async function createLayout(
  request: CreateRequest,
  scope: Scope,
  deps: ManagedDeps,
): Promise<CreatedLayout> {
  // A container has more names than one; whose they are is not told.
  requireScope(scope, deps.resolveContainer(request.container) ?? request.container);
  const container = resolve(request.container, deps);
  const problem = deps.containerProblem(container);
  if (problem !== undefined) throw problem;
  requireIdentifier('tmux_session_name', request.session);
  if (request.key !== undefined) requireIdentifier('idempotency_key', request.key);
  const chosen = readOverrides(request.overrides);
  const earlier = findReplay(container, request, deps);
  if (earlier !== undefined) return earlier;

  const catalog = deps.catalog();
  const template = findTemplate(catalog, request.template);
  const overrides = findOverrides(chosen, catalog);
  const isTaken = await isSessionThere(container, request.session, deps);
  const meanwhile = findReplay(container, request, deps);
  if (meanwhile !== undefined) return meanwhile;
  if (isTaken) throw sessionConflict(container, request.session, deps);
  requireCapacity(deps);
  const slots = toSlots({ template, session: request.session, overrides }, catalog);

  const created = deps.store.transact((tx) =>
    admit(tx, { container, request, template, slots }, deps),
  );
  deps.wake(container);
  return created;
}

function resolve(name: string, { resolveContainer }: ManagedDeps): ContainerId {
  const container = resolveContainer(name);
  if (container !== undefined) return container;
  const message = `no container ${name} is known here; \`agenttower get containers\` lists those that are`;
  throw refuse('container_not_found', message, { container_id: name });
}

function findReplay(
  container: ContainerId,
  { key }: CreateRequest,
  { managed }: ManagedDeps,
): CreatedLayout | undefined {
  const layout = key === undefined ? undefined : managed.layoutByKey(container, key);
  return layout && toCreated(layout, managed);
}

function toCreated(layout: ManagedLayout, managed: ManagedDeps['managed']): CreatedLayout {
  return {
    layout: layout.id,
    state: layout.state,
    intendedPanes: layout.spec.slots.length,
    panes: managed
      .panesOf(layout.id)
      .map(({ id, spec: { role, label }, state }) => ({ id, role, label, state })),
    replay: true,
  };
}

/** False when it could not be seen. */
async function isSessionThere(
  container: ContainerId,
  session: string,
  { observe, seenBeforeWork, clock }: ManagedDeps,
): Promise<boolean> {
  const name = tmuxSessionName(session);
  const before = seenBeforeWork(container);
  const seen = before ?? (await within(observe(container), LOOK_MS, clock));
  if (seen?.kind !== 'seen') return false;
  // Of an older look only what is not ours counts: what was ours then may have been removed since.
  const isOld = before !== undefined;
  return seen.sessions.some((one) => one.name === name && !(isOld && one.layoutId !== undefined));
}

function requireCapacity({ managed, maxLayouts: limit }: ManagedDeps): void {
  const count = managed.countLayouts();
  if (count < limit) return;
  const message = `there are ${count} layouts already and ${limit} is the limit; remove one, or raise managed_layouts under [limits] in config.toml`;
  throw refuse('managed_layout_capacity_exceeded', message, { current_count: count, limit });
}

// --- writing --------------------------------------------------------------------------------------------------------

interface Admission {
  readonly container: ContainerId;
  readonly request: CreateRequest;
  readonly template: LayoutTemplate;
  readonly slots: readonly SlotSpec[];
}

/** Nobody else writes while this runs, so that what it checks still holds when it commits. */
function admit(tx: DeclarationTransaction, admission: Admission, deps: ManagedDeps): CreatedLayout {
  const { container, request, template, slots } = admission;
  const { session, key } = request;
  const replay = findReplay(container, request, deps);
  if (replay !== undefined) return replay;
  requireCapacity(deps);
  requireUndeclaredSession(container, session, deps);
  requirePlaces(admission, deps);
  closeEmptied(tx, container, deps);

  const layout = deps.ids.uuid() as LayoutId;
  const name = freeLayoutName(container, session, deps);
  const spec = toSpec({ name, container, session, template }, slots);
  const source = { kind: 'imperative', name: 'imperative', path: '' } as const;
  tx.insertLayout({ id: layout, container, spec, source, ...(key && { idempotencyKey: key }) });
  tx.emit({
    type: 'managed_layout_created',
    actor: 'operator',
    layoutId: layout,
    payload: {
      template_name: template.name,
      container_id: deps.wireContainerId(container),
      intended_pane_count: slots.length,
    },
  });
  const panes = slots.map((slot, position) => {
    const id = insertPane(tx, { layout, slot, position, request }, deps);
    return { id, role: slot.role, label: slot.label, state: 'creating' as const };
  });
  return { layout, state: 'creating', intendedPanes: slots.length, panes, replay: false };
}

function requirePlaces({ container, request, slots }: Admission, deps: ManagedDeps): void {
  const labels = new Set<string>();
  slots.forEach(({ label }, position) => {
    requirePlace({ container, session: request.session, position, label }, deps);
    if (labels.has(label)) throw labelConflict(container, label, deps);
    labels.add(label);
  });
}

/** Layouts of which nothing is left give their names back at once; the loop would close them in its next pass. */
function closeEmptied(
  tx: DeclarationTransaction,
  container: ContainerId,
  { store }: ManagedDeps,
): void {
  for (const { id, source, deleting, slots } of store.layoutsOf(container)) {
    const isOver = slots.every(({ pane }) => pane === undefined || pane.state === 'removed');
    if (source.kind === 'imperative' && deleting !== undefined && isOver) tx.closeLayout(id);
  }
}

function insertPane(
  tx: DeclarationTransaction,
  {
    layout,
    slot,
    position,
    request,
  }: {
    readonly layout: LayoutId;
    readonly slot: SlotSpec;
    readonly position: number;
    readonly request: CreateRequest;
  },
  { ids }: ManagedDeps,
): PaneId {
  const id = ids.uuid() as PaneId;
  const slotId = ids.uuid() as SlotId;
  const { session, key } = request;
  const markerToken = key ?? ids.uuid();
  tx.insertSlot({ id: slotId, layout, spec: slot, position });
  tx.insertPane({
    id,
    slot: slotId,
    spec: slot,
    replaceHash: replaceHash(slot),
    session,
    markerToken,
    agentId: ids.agentId(),
  });
  const { role, label } = slot;
  tx.emit({
    type: 'managed_pane_created',
    actor: 'operator',
    layoutId: layout,
    paneId: id,
    payload: { role, label, tmux_session_name: session, tmux_pane_index: position },
  });
  tx.emit({
    type: 'managed_pane_pending_marker_set',
    actor: 'operator',
    paneId: id,
    payload: { marker_token: markerToken },
  });
  return id;
}
