import type { ContainerId, LayoutId } from '../../domain/ids.ts';
import type { LayoutRecord } from '../../domain/records.ts';
import { computeLayoutState } from '../../plan/status.ts';
import type { DeclarationTransaction } from '../ports.ts';
import type { ManagedDeps } from './deps.ts';

/** The layout as the transaction under way has it; `undefined` when it is closed. */
export function readOpenLayout(
  container: ContainerId,
  id: LayoutId,
  { store }: Pick<ManagedDeps, 'store'>,
): LayoutRecord | undefined {
  return store.layoutsOf(container).find((layout) => layout.id === id);
}

/** Writes the state that follows from the layout's panes now, with its event when it is another one. */
export function recordLayoutState(tx: DeclarationTransaction, layout: LayoutRecord): void {
  const { state, failedStage } = computeLayoutState(layout);
  if (state === layout.state && failedStage === layout.failedStage) return;
  tx.updateLayout(layout.id, { state, failedStage });
  if (state === layout.state) return;
  tx.emit({
    type: 'managed_layout_state_changed',
    actor: 'operator',
    layoutId: layout.id,
    payload: { prev_state: layout.state, new_state: state },
  });
}
