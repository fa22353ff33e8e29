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

/** How long an answer waits for its turn, and how long for tmux. The loop removes what still stands then. */
const PATIENCE_MS = { turn: 250, kill: 500 } as const;

/**
 * Ends a pane, and holds its slot so that nothing brings it back before it is recreated or started.
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
  const { container, layout } = pane;
  const find = (): readonly ManagedPane[] => [deps.managed.pane(id) ?? pane].filter(isRemovable);
  const hold = (tx: DeclarationTransaction): void => {
    for (const one of find()) holdSlot(tx, one, deps);
  };
  await end({ container, layout, find, hold }, deps);
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
  const recorded = deps.managed.layout(id);
  if (recorded === undefined) throw layoutNotFound(id);
  requireScope(scope, recorded.container);
  const { container, id: layout } = recorded;
  const find = (): readonly ManagedPane[] => deps.managed.panesOf(layout).filter(isRemovable);
  const hold = (tx: DeclarationTransaction): void => holdAll(tx, recorded, deps);
  await end({ container, layout, find, hold }, deps);
  return { layout, state: deps.managed.layout(id)?.state ?? 'removed' };
}

function isRemovable({ state }: ManagedPane): boolean {
  return state !== 'creating' && state !== 'removed';
}

export function layoutNotFound(id: string): Error {
  return refuse(
    'managed_layout_not_found',
    `there is no layout ${id}; \`agenttower managed layout list\` shows those there are`,
    { layout_id: id },
  );
}

// --- ending ---------------------------------------------------------------------------------------------------------

interface Removal {
  readonly container: ContainerId;
  readonly layout: LayoutId;
  /** The panes that are to end, as they are recorded now. */
  readonly find: () => readonly ManagedPane[];
  /** Keeps the loop from bringing them back. */
  readonly hold: (tx: DeclarationTransaction) => void;
}

/**
 * Between two passes: what is wanted is committed, tmux is told, and what became of it ends the rows, with its events.
 * A crash in between leaves panes that are held, and the loop removes them. When the turn does not come soon, the rows
 * end at once and the loop removes what then stands without a row.
 */
async function end(removal: Removal, deps: ManagedDeps): Promise<void> {
  const { container } = removal;
  const isDone = await deps.turns.takeWithin(container, PATIENCE_MS.turn, async () => {
    const kills = removal.find().filter(isInTmux);
    if (kills.length > 0) deps.store.transact(removal.hold);
    const surviving = await kill(container, kills, deps);
    deps.store.transact((tx) => recordRemoval(tx, removal, { surviving, ...deps }));
    return true;
  });
  if (isDone !== true) {
    deps.store.transact((tx) => {
      const surviving = new Set(
        removal
          .find()
          .filter(isInTmux)
          .map(({ id }) => id),
      );
      recordRemoval(tx, removal, { surviving, ...deps });
    });
  }
  deps.wake(container);
}

/** tmux was told of it once; a failed pane may be gone since, or another life of the server ago. */
function isInTmux({ epoch, tmuxPaneId }: ManagedPane): boolean {
  return epoch !== undefined && tmuxPaneId !== undefined;
}

/** Those that tmux has not confirmed to be gone. That there was no such pane confirms it. */
async function kill(
  container: ContainerId,
  panes: readonly ManagedPane[],
  { runTmux, clock }: ManagedDeps,
): Promise<ReadonlySet<PaneId>> {
  const ops = panes.flatMap(({ id: owner, epoch, tmuxPaneId: pane }): readonly TmuxOp[] =>
    epoch === undefined || pane === undefined
      ? []
      : [{ kind: 'kill', guard: { epoch, pane, owner } }],
  );
  if (ops.length === 0) return new Set();
  const outcomes = await within(runTmux(container, ops), PATIENCE_MS.kill, clock);
  const isGone = (index: number): boolean => {
    const kind = outcomes?.[index]?.kind;
    return kind === 'done' || kind === 'refused';
  };
  return new Set(panes.filter((_pane, index) => !isGone(index)).map(({ id }) => id));
}

function recordRemoval(
  tx: DeclarationTransaction,
  { container, layout, find, hold }: Removal,
  deps: ManagedDeps & { readonly surviving: ReadonlySet<PaneId> },
): void {
  hold(tx);
  for (const pane of find()) {
    tx.emit({
      type: 'managed_pane_removed',
      actor: 'operator',
      layoutId: layout,
      paneId: pane.id,
      payload: { tmux_kill_succeeded: !deps.surviving.has(pane.id) },
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
  const isOver = now.slots.every(
    ({ pane, hold: held }) => pane?.state === 'removed' || isOurs(held),
  );
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
