import type { PaneRecord } from '../domain/records.ts';
import type { PaneGuard, TmuxOp } from '../domain/tmux-ops.ts';
import type { ArrangeLayout, MarkReady, SlotRef, UpdatePane } from '../plan/action.ts';
import { diffLiveFields } from '../plan/slot-diff.ts';
import type { Transaction } from './ports.ts';
import { changePaneState } from './record.ts';
import type { Step, StepContext } from './step.ts';

/** Steps on panes that stand and stay. */

/** The title becomes the label before `ready` is committed; a pane whose log could not be had is degraded. */
export function readyStep({ at, pane, seen }: MarkReady, context: StepContext): Step {
  const guard: PaneGuard = { epoch: context.epoch, pane: seen.id, owner: pane.id };
  return {
    ops: [{ kind: 'retitle', guard, title: pane.spec.label }],
    settle: (tx, [outcome]) => {
      const row = context.current(pane.id);
      if (row?.state !== 'creating') return;
      if (outcome?.kind === 'error')
        recordOverdue(tx, { at, pane: row, problem: outcome.message }, context);
      // No answer, or a pane that is another's by now: the next look tells.
      if (outcome?.kind !== 'done') return;
      const patch = { readyAt: context.clock() };
      const unlogged = reasonUnlogged(row, seen);
      if (unlogged === undefined) {
        changePaneState(tx, { layout: at.layout, pane: row, to: 'ready', patch });
        return;
      }
      emitUnlogged(tx, at, { pane: row, reason: unlogged });
      changePaneState(tx, {
        layout: at.layout,
        pane: row,
        to: 'degraded',
        stage: 'log_attach',
        patch: { ...patch, problem: unlogged },
      });
    },
  };
}

/** Settled, and yet tmux has refused its title in all the time there was. */
function recordOverdue(
  tx: Transaction,
  {
    at,
    pane,
    problem,
  }: { readonly at: SlotRef; readonly pane: PaneRecord; readonly problem: string },
  { clock, policy }: StepContext,
): void {
  const now = clock();
  if (now - pane.createdAt <= policy.creatingTtlMs) return;
  changePaneState(tx, {
    layout: at.layout,
    pane,
    to: 'failed',
    stage: 'registration',
    patch: { endedAt: now, problem: `tmux refused its title: ${problem}` },
  });
}

/** Why nothing of the pane's output is kept; `undefined` when it is, or need not be. */
function reasonUnlogged(pane: PaneRecord, seen: MarkReady['seen']): string | undefined {
  if (!pane.spec.log) return undefined;
  if (pane.logPath === undefined) return pane.problem ?? 'its log could not be had';
  if (seen.piped) return undefined;
  // What writes it runs there, as the user of its panes: only its end tells that it could not.
  return `nothing writes its log ${pane.logPath}: check that its user can append to that file, and that its disk has room`;
}

function emitUnlogged(
  tx: Transaction,
  at: SlotRef,
  { pane, reason }: { readonly pane: PaneRecord; readonly reason: string },
): void {
  tx.emit({
    type: 'managed_pane_log_attach_failed',
    actor: 'daemon',
    layoutId: at.layout,
    paneId: pane.id,
    payload: { reason },
  });
}

/** Label, log and what only we know of a pane, changed without touching its process. */
export function updateStep({ at, pane, seen }: UpdatePane, context: StepContext): Step {
  const wanted = at.slot.spec;
  const changed = new Set(diffLiveFields(pane.spec, wanted).map((change) => change.field));
  const ops: TmuxOp[] = [];
  let logPath = pane.logPath;
  let problem: string | undefined;
  if (seen !== undefined) {
    const guard: PaneGuard = { epoch: context.epoch, pane: seen.id, owner: pane.id };
    if (changed.has('label')) ops.push({ kind: 'retitle', guard, title: wanted.label });
    // What has ended prints nothing more; its successor gets its log from the start.
    if (changed.has('log') && !seen.dead) {
      const log = wanted.log ? context.logs.prepare(context.container, pane.agentId) : undefined;
      logPath = log !== undefined && 'path' in log ? log.path : undefined;
      problem = log !== undefined && 'problem' in log ? log.problem : undefined;
      ops.push({ kind: 'pipe', guard, ...(logPath && { logFile: logPath }) });
    }
  }
  return {
    ops,
    settle: (tx, outcomes) => {
      // Anything but done: the row keeps its old spec, and the next pass tries again.
      if (!outcomes.every((outcome) => outcome.kind === 'done')) return;
      tx.updatePane(pane.id, { spec: { ...wanted }, logPath, problem });
    },
  };
}

export function arrangeStep(action: ArrangeLayout, context: StepContext): Step {
  const { layout, place, arrangement } = action;
  const ops: readonly TmuxOp[] =
    place === undefined
      ? []
      : [{ kind: 'arrange', epoch: context.epoch, layout, place, arrangement }];
  return {
    ops,
    settle: (tx, outcomes) => {
      // Geometry is advisory: an arrangement tmux refuses is not tried for ever.
      if (outcomes.every(({ kind }) => kind === 'done' || kind === 'error')) {
        tx.updateLayout(layout, { arranged: arrangement });
      }
    },
  };
}
