import type { PaneRecord } from '../domain/records.ts';
import { isLive } from '../domain/states.ts';
import type { OpOutcome } from '../domain/tmux-ops.ts';
import type { SlotRef } from '../plan/action.ts';
import { afterExit } from '../plan/backoff.ts';
import type { Transaction } from './ports.ts';
import type { Start } from './prepare-start.ts';
import { changePaneState } from './record.ts';
import type { StepContext } from './step.ts';

export interface Started {
  readonly at: SlotRef;
  readonly start: Start;
  readonly context: StepContext;
}

/** The incarnation that is succeeded in place makes room for the next one's row. */
export function endForerunner(tx: Transaction, { layout, slot: { pane } }: SlotRef): void {
  if (pane !== undefined && isLive(pane.state))
    changePaneState(tx, { layout, pane, to: 'removed' });
}

/** The row of what is about to be started, and the events that tell of it. */
export function intendStart(tx: Transaction, at: SlotRef, start: Start, cause: string): void {
  if (start.resumed !== undefined) {
    recordLog(tx, start, start.resumed);
    return;
  }
  const { slot } = at;
  const reset = ['SpecChanged', 'RestartRequested', 'HoldEnded'].includes(cause);
  tx.insertPane(start.row);
  tx.updateSlot(slot.id, {
    restartRequested: false,
    nextAttemptAt: undefined,
    ...(reset && { failures: 0, exits: [], vanishings: [] }),
    ...(slot.pane !== undefined && { restarts: slot.restarts + 1 }),
  });
  emitStarted(tx, at, start, cause);
}

/** A row that was written by a request knows nothing yet of its log. */
function recordLog(tx: Transaction, { id, row }: Start, resumed: PaneRecord): void {
  const { logPath, problem } = row;
  if (logPath === resumed.logPath && problem === resumed.problem) return;
  tx.updatePane(id, { logPath, problem });
}

function emitStarted(tx: Transaction, at: SlotRef, start: Start, cause: string): void {
  const { id: paneId, spec, row } = start;
  const scope = { actor: 'daemon', layoutId: at.layout, paneId } as const;
  const { label, role } = spec;
  tx.emit({
    type: 'managed_pane_created',
    ...scope,
    payload: { role, label, tmux_session_name: row.session, tmux_pane_index: start.position },
  });
  tx.emit({
    type: 'managed_pane_pending_marker_set',
    actor: 'daemon',
    paneId,
    payload: { marker_token: row.markerToken },
  });
  if (row.replacesPaneId !== undefined) {
    const payload = { label, cause, replaces_pane_id: row.replacesPaneId };
    tx.emit({ type: 'pane_replaced', ...scope, payload });
  }
}

/** What tmux answered. A pane that was ended meanwhile is left for the next look. */
export function settleStart(
  tx: Transaction,
  started: Started,
  outcome: OpOutcome | undefined,
): void {
  const { at, start, context } = started;
  const { epoch } = context;
  const pane = context.current(start.id);
  if (outcome === undefined || pane === undefined) return;
  switch (outcome.kind) {
    case 'done':
      tx.updateSlot(at.slot.id, { fence: { epoch, value: start.id } });
      // Ended meanwhile by an operator: it stands as a leftover, and the next pass removes it.
      if (pane.state === 'creating') recordStarted(tx, started, outcome);
      return;
    case 'refused':
      settleRefused(tx, started, { pane, outcome });
      return;
    case 'error':
      tx.updateSlot(at.slot.id, { fence: { epoch, value: start.id } });
      if (pane.state === 'creating') recordRefusal(tx, started, { pane, message: outcome.message });
      return;
    case 'unknown':
      if (pane.state === 'creating') recordAttempt(tx, pane, context);
  }
}

function recordStarted(
  tx: Transaction,
  { start, context }: Started,
  outcome: Extract<OpOutcome, { kind: 'done' }>,
): void {
  const { created } = outcome;
  if (created === undefined) return;
  tx.updatePane(start.id, {
    epoch: context.epoch,
    tmuxPaneId: created.id,
    pid: created.pid,
    startedAt: context.clock(),
    attempts: 0,
    retryAt: undefined,
  });
  tx.registerAgent(start.id);
}

function settleRefused(
  tx: Transaction,
  { at, start, context }: Started,
  {
    pane,
    outcome,
  }: { readonly pane: PaneRecord; readonly outcome: Extract<OpOutcome, { kind: 'refused' }> },
): void {
  const { epoch } = context;
  const sameServer = epoch.endsWith(`#${outcome.server}`);
  if (sameServer && outcome.fence !== undefined && outcome.fence !== start.fence.expect) {
    tx.updateSlot(at.slot.id, { fence: { epoch, value: outcome.fence } });
    return;
  }
  // The fence was as believed, so the place or the old pane was not: the next look tells.
  if (sameServer && pane.state === 'creating') recordAttempt(tx, pane, context);
}

/** tmux would not: no room, a session of that name, a bad argument. The slot backs off like after an exit. */
export function recordRefusal(
  tx: Transaction,
  { at, context }: Started,
  { pane, message }: { readonly pane: PaneRecord; readonly message: string },
): void {
  changePaneState(tx, {
    layout: at.layout,
    pane,
    to: 'failed',
    stage: 'pane_create',
    patch: { endedAt: context.clock(), problem: message },
  });
  const { failures, nextAttemptAt } = afterExit(at.slot, pane, context.clock(), context.policy);
  tx.updateSlot(at.slot.id, { failures, nextAttemptAt });
}

function recordAttempt(tx: Transaction, pane: PaneRecord, context: StepContext): void {
  const pause = context.policy.stageRetryMs[pane.attempts] ?? 0;
  tx.updatePane(pane.id, { attempts: pane.attempts + 1, retryAt: context.clock() + pause });
}
