import type { PaneId, TmuxPaneId } from '../domain/ids.ts';
import type { LayoutRecord } from '../domain/records.ts';
import type { TmuxOp } from '../domain/tmux-ops.ts';
import type { CreatePane, RespawnPane, RetagPane, SlotRef } from '../plan/action.ts';
import { prepareStart, type Start } from './prepare-start.ts';
import {
  endForerunner,
  intendStart,
  recordRefusal,
  type Started,
  settleStart,
} from './record-start.ts';
import type { Step, StepContext } from './step.ts';

/** A new incarnation, or one whose start was never confirmed, in a place of its own. */
export function createStep(action: CreatePane, layout: LayoutRecord, context: StepContext): Step {
  const { at, cause, place, resume } = action;
  const start = prepareStart(at, layout, { resume, replaces: action.replaces }, context);
  const op: TmuxOp = {
    kind: 'create',
    epoch: context.epoch,
    fence: start.fence,
    layout: at.layout,
    pane: start.id,
    place,
    process: start.process,
    title: start.title,
    arrangement: layout.spec.arrangement,
  };
  const { problem } = start;
  if (problem !== undefined) return refusedStep({ at, start, context }, cause.reason, problem);
  return {
    intend: (tx) => intendStart(tx, at, start, cause.reason),
    ops: [op],
    settle: (tx, [outcome]) => {
      settleStart(tx, { at, start, context }, outcome);
      if (outcome?.kind === 'done')
        tx.updateLayout(at.layout, { arranged: layout.spec.arrangement });
    },
  };
}

/** A new incarnation in the place of an old one: `respawn-pane`, so that geometry and siblings stay as they are. */
export function respawnStep(action: RespawnPane, layout: LayoutRecord, context: StepContext): Step {
  const { at, cause, seen, old, resume } = action;
  const start = prepareStart(at, layout, { resume, replaces: old }, context);
  const op: TmuxOp = {
    kind: 'respawn',
    guard: { epoch: context.epoch, pane: seen.id, owner: old },
    fence: start.fence,
    pane: start.id,
    process: start.process,
    title: start.title,
  };
  const { problem } = start;
  if (problem !== undefined) return unreplacedStep(at, problem);
  return {
    intend: (tx) => {
      if (start.resumed === undefined) endForerunner(tx, at);
      intendStart(tx, at, start, cause.reason);
    },
    ops: [op],
    settle: (tx, [outcome]) => settleStart(tx, { at, start, context }, outcome),
  };
}

/** It cannot be started where it is declared: its row says so, the slot backs off, and tmux is not asked. */
function refusedStep(started: Started, cause: string, message: string): Step {
  const { at, start, context } = started;
  return {
    intend: (tx) => intendStart(tx, at, start, cause),
    ops: [],
    settle: (tx) => {
      const pane = context.current(start.id);
      if (pane?.state === 'creating') recordRefusal(tx, started, { pane, message });
    },
  };
}

/** A pane that could not be started again is left as it is, and says why. */
function unreplacedStep({ slot: { pane } }: SlotRef, problem: string): Step {
  return {
    ops: [],
    ...(pane !== undefined &&
      pane.problem !== problem && { intend: (tx) => tx.updatePane(pane.id, { problem }) }),
  };
}

/** Gives a pane its tag back, or takes over one that a person respawned by hand. */
export function retagStep(action: RetagPane, layout: LayoutRecord, context: StepContext): Step {
  const { at, pane, cause, seen } = action;
  const retag = (owner: PaneId, title: string): TmuxOp => ({
    kind: 'retag',
    epoch: context.epoch,
    pane: seen.id,
    pid: seen.pid,
    owner,
    title,
  });
  if (cause.reason === 'TagLost') return { ops: [retag(pane.id, seen.title)] };
  const start = prepareStart(at, layout, { replaces: pane.id }, context);
  return {
    // The row is confirmed at once: the pane stands already, so that nothing may start it a second time.
    intend: (tx) => {
      endForerunner(tx, at);
      intendStart(tx, at, start, cause.reason);
      const { epoch, now } = context;
      tx.updatePane(start.id, { epoch, tmuxPaneId: seen.id, pid: seen.pid, startedAt: now });
      tx.registerAgent(start.id);
    },
    ops: [retag(start.id, start.title), ...pipeOf(start, seen.id, context)],
  };
}

/** Whoever respawned it started a new process, whose log is the new incarnation's. */
function pipeOf(
  { id, process }: Start,
  pane: TmuxPaneId,
  { epoch }: StepContext,
): readonly TmuxOp[] {
  const { logFile } = process;
  if (logFile === undefined) return [];
  return [{ kind: 'pipe', guard: { epoch, pane, owner: id }, logFile }];
}
