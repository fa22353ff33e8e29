import { refuse } from '../../domain/errors.ts';
import type { ContainerId, LayoutId, PaneId } from '../../domain/ids.ts';
import type { LayoutState } from '../../domain/states.ts';
import type { TmuxOp } from '../../domain/tmux-ops.ts';
import { changePaneState } from '../../reconcile/record.ts';
import type { DeclarationTransaction } from '../ports.ts';
import { type ManagedDeps, within } from './deps.ts';
import { paneNotFound } from './find-pane.ts';
import { readOpenLayout, recordLayoutState } from './layout-state.ts';
import type { ManagedPane } from './ports.ts';
import { requireScope, type Scope } from './scope.ts';

/** How long an answer waits for the panes to be gone. The loop removes what still stands then. */
const KILL_MS = 1_000;

/**
 * Ends a pane, and holds its slot so that nothing brings it back before it is recreated or started. The records say so
 * before tmux is touched: a crash in between leaves a pane whose row has ended, and the loop removes it.
 * @throws {AgentTowerError} `managed_pane_not_found`, `managed_pane_protected_adopted`, `host_only`,
 * `managed_pane_illegal_transition` while it is being created.
 */
export async function removePane(id: string, scope: Scope, deps: ManagedDeps): Promise<PaneId> {
  const pane = deps.managed.pane(id);
  if (pane === undefined) throw paneNotFound(id, scope, deps);
  requireScope(scope, pane.container);
  if (pane.state === 'creating') {
    throw refuse(
      'managed_pane_illegal_transition',
      `pane ${id} is still being created; wait until it is ready, degraded or failed, then remove it`,
      { pane_id: id, current_state: pane.state, requested_action: 'remove' },
    );
  }
  if (pane.state === 'removed') return pane.id;
  deps.store.transact((tx) => recordRemoval(tx, { ...pane, panes: [pane] }, deps));
  await killNow(pane.container, [pane], deps);
  deps.wake(pane.container);
  return pane.id;
}

/**
 * Ends every pane of a layout. One that is still being created is ended by the loop.
 * @throws {AgentTowerError} `managed_layout_not_found`, `host_only`.
 */
export async function removeLayout(
  id: string,
  scope: Scope,
  deps: ManagedDeps,
): Promise<{ readonly layout: LayoutId; readonly state: LayoutState }> {
  const layout = deps.managed.layout(id);
  if (layout === undefined) throw layoutNotFound(id);
  requireScope(scope, layout.container);
  const panes = deps.managed
    .panesOf(layout.id)
    .filter(({ state }) => state !== 'creating' && state !== 'removed');
  deps.store.transact((tx) => {
    holdAll(tx, layout, deps);
    recordRemoval(tx, { container: layout.container, layout: layout.id, panes }, deps);
  });
  await killNow(layout.container, panes, deps);
  deps.wake(layout.container);
  return { layout: layout.id, state: deps.managed.layout(id)?.state ?? 'removed' };
}

export function layoutNotFound(id: string): Error {
  return refuse(
    'managed_layout_not_found',
    `there is no layout ${id}; \`agenttower managed layout list\` shows those there are`,
    { layout_id: id },
  );
}

// --- writing --------------------------------------------------------------------------------------------------------

interface Removal {
  readonly container: ContainerId;
  readonly layout: LayoutId;
  readonly panes: readonly ManagedPane[];
}

function recordRemoval(
  tx: DeclarationTransaction,
  { container, layout, panes }: Removal,
  deps: ManagedDeps,
): void {
  const reachable = deps.lastObservation(container)?.kind !== 'unknown';
  for (const pane of panes) {
    holdSlot(tx, pane, deps);
    tx.emit({
      type: 'managed_pane_removed',
      actor: 'operator',
      layoutId: layout,
      paneId: pane.id,
      payload: { tmux_kill_succeeded: reachable },
    });
    const patch = { endedAt: deps.clock.now() };
    changePaneState(tx, { layout, pane, to: 'removed', actor: 'operator', patch });
    for (const id of tx.endRoutesOf(pane.id)) {
      tx.emit({ type: 'route_deleted', actor: 'operator', payload: { route_id: id } });
    }
  }
  const now = readOpenLayout(container, layout, deps);
  if (now === undefined) return;
  recordLayoutState(tx, now);
  // Nothing declares it any more: once nothing of it stands either, the loop closes it.
  const isOver = now.slots.every(({ pane, hold }) => pane?.state === 'removed' || isOurs(hold));
  if (now.source.kind === 'imperative' && now.deleting === undefined && isOver) {
    tx.updateLayout(layout, { deleting: { reason: 'DeleteRequested', at: deps.clock.now() } });
  }
}

const HOLD = { by: 'operator', reason: 'removed' };

function isOurs(hold: { readonly by: string; readonly reason: string } | undefined): boolean {
  return hold?.by === HOLD.by && hold.reason === HOLD.reason;
}

/** An older incarnation may be ended without a word about the one that lives now. */
function holdSlot(tx: DeclarationTransaction, pane: ManagedPane, deps: ManagedDeps): void {
  const layout = readOpenLayout(pane.container, pane.layout, deps);
  const slot = layout?.slots.find(({ id }) => id === pane.slot);
  if (slot === undefined || slot.pane?.id !== pane.id) return;
  const hold = { ...HOLD, since: deps.clock.now() };
  tx.updateSlot(slot.id, { hold, restartRequested: false, nextAttemptAt: undefined });
}

function holdAll(
  tx: DeclarationTransaction,
  { id, container }: { readonly id: LayoutId; readonly container: ContainerId },
  deps: ManagedDeps,
): void {
  const hold = { ...HOLD, since: deps.clock.now() };
  for (const slot of readOpenLayout(container, id, deps)?.slots ?? []) {
    tx.updateSlot(slot.id, { hold, restartRequested: false, nextAttemptAt: undefined });
  }
}

async function killNow(
  container: ContainerId,
  panes: readonly ManagedPane[],
  { runTmux, clock }: ManagedDeps,
): Promise<void> {
  const ops = panes.flatMap(({ id: owner, epoch, tmuxPaneId: pane }): readonly TmuxOp[] =>
    epoch === undefined || pane === undefined
      ? []
      : [{ kind: 'kill', guard: { epoch, pane, owner } }],
  );
  if (ops.length > 0) await within(runTmux(container, ops), KILL_MS, clock);
}
