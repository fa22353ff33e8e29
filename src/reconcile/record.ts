import type { EventActor } from '../domain/events.ts';
import type { LayoutId } from '../domain/ids.ts';
import type { PaneRecord } from '../domain/records.ts';
import { type FailedStage, type PaneState, transitionPath } from '../domain/states.ts';
import type { PanePatch, Transaction } from './ports.ts';

export interface StateChange {
  readonly layout: LayoutId;
  readonly pane: Pick<PaneRecord, 'id' | 'state' | 'markerToken'>;
  readonly to: PaneState;
  readonly stage?: FailedStage;
  readonly actor?: EventActor;
  /** Written together with the last hop. */
  readonly patch?: PanePatch;
}

/** Moves a pane to a state, hop by legal hop, each with its event; leaving `creating` clears the marker first. */
export function changePaneState(tx: Transaction, change: StateChange): void {
  const { layout, pane, to, stage, patch } = change;
  const actor = change.actor ?? 'daemon';
  const path = transitionPath(pane.state, to);
  let from = pane.state;
  if (from === 'creating' && path.length > 0 && pane.markerToken !== undefined) {
    tx.emit({
      type: 'managed_pane_pending_marker_cleared',
      actor,
      paneId: pane.id,
      payload: { marker_token: pane.markerToken },
    });
  }
  for (const next of path) {
    const failedStage = stageOf(next, stage);
    tx.updatePane(pane.id, {
      ...(next === to ? patch : {}),
      state: next,
      markerToken: undefined,
      ...(failedStage && { failedStage }),
    });
    tx.emit({
      type: 'managed_pane_state_changed',
      actor,
      layoutId: layout,
      paneId: pane.id,
      payload: {
        prev_state: from,
        new_state: next,
        ...(failedStage && { failed_stage: failedStage }),
      },
    });
    from = next;
  }
}

/** A failure always has a stage; a state passed on the way gets the mildest that fits. */
function stageOf(state: PaneState, stage: FailedStage | undefined): FailedStage | undefined {
  if (state === 'failed') return stage ?? 'pane_create';
  if (state === 'degraded') return stage === 'log_attach' ? stage : 'launch_command';
  return undefined;
}

export interface Removal {
  readonly id: LayoutId;
  readonly name: string;
  readonly reason: string;
}

/** The layout is over: nothing of it stands any more. */
export function recordRemoval(tx: Transaction, { id, name, reason }: Removal): void {
  tx.emit({
    type: 'layout_removed',
    actor: 'daemon',
    layoutId: id,
    payload: { name, reason },
  });
  tx.closeLayout(id);
}
