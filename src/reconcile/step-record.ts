import { LOCAL_CONTAINER } from '../domain/ids.ts';
import { NO_WORKING_DIR } from '../domain/tmux-ops.ts';
import type {
  CloseLayout,
  CloseSlot,
  EndHold,
  EndPane,
  GiveUp,
  RecordExited,
  RecordHealthy,
  RecordPid,
  RecordStarted,
  RecordVanished,
  SlotRef,
} from '../plan/action.ts';
import { isContested, isCrashLoop } from '../plan/backoff.ts';
import type { Transaction } from './ports.ts';
import { changePaneState, recordRemoval } from './record.ts';
import type { Step, StepContext } from './step.ts';

/** Steps that only write down what was seen. tmux is not touched. */

export function startedStep({ pane, seen }: RecordStarted, context: StepContext): Step {
  return written((tx) => {
    tx.updatePane(pane.id, {
      epoch: context.epoch,
      tmuxPaneId: seen.id,
      pid: seen.pid,
      startedAt: context.now,
      attempts: 0,
      retryAt: undefined,
    });
    tx.registerAgent(pane.id);
  });
}

export function exitedStep(action: RecordExited, context: StepContext): Step {
  const { at, pane, seen, backoff } = action;
  return written((tx) => {
    const elapsed = Math.max(0, context.now - (pane.startedAt ?? pane.createdAt));
    tx.emit({
      type: 'managed_pane_launch_command_exited',
      actor: 'daemon',
      layoutId: at.layout,
      paneId: pane.id,
      payload: { exit_code: seen.exitCode ?? -1, elapsed_ms: elapsed },
    });
    const seenAs = { epoch: context.epoch, tmuxPaneId: seen.id, pid: seen.pid };
    const patch = {
      ...(pane.epoch === undefined && seenAs),
      endedAt: context.now,
      exitCode: seen.exitCode,
      exitSignal: seen.exitSignal,
      failedStage: 'launch_command' as const,
      ...directoryProblem(action, context),
    };
    if (pane.state === 'degraded') tx.updatePane(pane.id, patch);
    else {
      changePaneState(tx, {
        layout: at.layout,
        pane,
        to: 'degraded',
        stage: 'launch_command',
        patch,
      });
    }
    const wasLooping = isCrashLoop(at.slot, context.now, context.policy);
    tx.updateSlot(at.slot.id, backoff);
    const looping = isCrashLoop(
      { ...at.slot, ...slotBackoff(backoff) },
      context.now,
      context.policy,
    );
    if (looping && !wasLooping) {
      const payload = { label: at.slot.spec.label, exits: backoff.exits.length };
      tx.emit({
        type: 'slot_crash_loop',
        actor: 'daemon',
        layoutId: at.layout,
        paneId: pane.id,
        payload,
      });
    }
  });
}

export function vanishedStep(action: RecordVanished, context: StepContext): Step {
  const { at, pane, backoff } = action;
  return written((tx) => {
    changePaneState(tx, {
      layout: at.layout,
      pane,
      to: 'failed',
      stage: 'recovery_reattach',
      patch: { endedAt: context.now },
    });
    const wasContested = isContested(at.slot, context.now, context.policy);
    tx.updateSlot(at.slot.id, backoff);
    const contested = isContested(
      { ...at.slot, ...slotBackoff(backoff) },
      context.now,
      context.policy,
    );
    if (contested && !wasContested) emitContested(tx, at, backoff.vanishings.length);
  });
}

function emitContested(tx: Transaction, at: SlotRef, vanishings: number): void {
  tx.emit({
    type: 'slot_contested',
    actor: 'daemon',
    layoutId: at.layout,
    payload: {
      label: at.slot.spec.label,
      vanishings,
      advice: `agenttower stop layout/${at.layoutName}/${at.slot.key} keeps it away`,
    },
  });
}

export function healthyStep({ at, pane }: RecordHealthy): Step {
  return written((tx) => {
    tx.updateSlot(at.slot.id, { failures: 0, nextAttemptAt: undefined });
    const payload = { label: at.slot.spec.label };
    tx.emit({
      type: 'slot_recovered',
      actor: 'daemon',
      layoutId: at.layout,
      paneId: pane.id,
      payload,
    });
  });
}

export function pidStep({ pane, pid }: RecordPid): Step {
  return written((tx) => tx.updatePane(pane.id, { pid }));
}

export function giveUpStep(
  { at, pane, stage, problem, backoff }: GiveUp,
  context: StepContext,
): Step {
  return written((tx) => {
    changePaneState(tx, {
      layout: at.layout,
      pane,
      to: 'failed',
      stage,
      patch: { endedAt: context.now, problem },
    });
    const { failures, nextAttemptAt } = backoff;
    tx.updateSlot(at.slot.id, { failures, nextAttemptAt });
  });
}

export function endPaneStep({ at, pane }: EndPane, context: StepContext): Step {
  return written((tx) => {
    changePaneState(tx, {
      layout: at.layout,
      pane,
      to: 'removed',
      patch: { endedAt: context.now },
    });
  });
}

export function endHoldStep({ at }: EndHold): Step {
  return written((tx) => {
    tx.updateSlot(at.slot.id, { hold: undefined });
    tx.emit({
      type: 'slot_hold_ended',
      actor: 'daemon',
      layoutId: at.layout,
      payload: { label: at.slot.spec.label, by: 'expiry' },
    });
  });
}

export function closeSlotStep({ at }: CloseSlot): Step {
  return written((tx) => tx.closeSlot(at.slot.id));
}

export function closeLayoutStep({ layout: id, layoutName: name, reason }: CloseLayout): Step {
  return written((tx) => recordRemoval(tx, { id, name, reason }));
}

function written(intend: (tx: Transaction) => void): Step {
  return { intend, ops: [] };
}

function slotBackoff(backoff: RecordExited['backoff']): {
  readonly failures: number;
  readonly exits: readonly number[];
  readonly vanishings: readonly number[];
} {
  const { failures, exits, vanishings } = backoff;
  return { failures, exits, vanishings };
}

/** Of a directory inside a container only the process itself can tell. */
function directoryProblem(
  { pane, seen }: RecordExited,
  { container }: StepContext,
): { readonly problem?: string } {
  const { workingDir } = pane.spec;
  const wasUp = pane.readyAt !== undefined;
  if (container === LOCAL_CONTAINER || workingDir === undefined || wasUp) return {};
  if (seen.exitCode !== NO_WORKING_DIR) return {};
  const problem = `its working directory ${workingDir} does not exist in container ${container}, or cannot be entered; make it, or change workingDir`;
  return { problem };
}
