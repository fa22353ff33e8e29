import type { AgentId, PaneId, TmuxPaneId } from '../domain/ids.ts';
import type { LayoutRecord, PaneRecord } from '../domain/records.ts';
import { replaceHash, type SlotSpec } from '../domain/spec.ts';
import { isLive } from '../domain/states.ts';
import type { FenceStep, OpOutcome, ProcessSpec, TmuxOp } from '../domain/tmux-ops.ts';
import type { CreatePane, RespawnPane, RetagPane, SlotRef } from '../plan/action.ts';
import { afterExit } from '../plan/backoff.ts';
import type { NewPane, Transaction } from './ports.ts';
import { changePaneState } from './record.ts';
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

// --- preparing ------------------------------------------------------------------------------------------------------

interface Start {
  readonly id: PaneId;
  readonly spec: SlotSpec;
  readonly title: string;
  readonly fence: FenceStep;
  readonly process: ProcessSpec;
  /** Order of the slot within its layout, from 0. */
  readonly position: number;
  /** The row as it was, when an earlier intention is carried out. */
  readonly resumed: PaneRecord | undefined;
  readonly row: NewPane;
  /** Why it cannot be started at all. */
  readonly problem?: string;
}

interface Ancestry {
  readonly resume?: PaneRecord | undefined;
  readonly replaces?: PaneId | undefined;
}

function prepareStart(
  at: SlotRef,
  layout: LayoutRecord,
  { resume, replaces }: Ancestry,
  context: StepContext,
): Start {
  const { slot } = at;
  const spec = resume?.spec ?? slot.spec;
  const id = resume?.id ?? (context.ids.uuid() as PaneId);
  const agentId = resume?.agentId ?? context.ids.agentId();
  const markerToken = resume?.markerToken ?? context.ids.uuid();
  const log = prepareLog(spec, agentId, context);
  return {
    id,
    spec,
    title: `@MANAGED:${markerToken}:${spec.label}`,
    fence: { slot: slot.id, expect: fenceValue(at, context), next: id },
    process: toProcess(spec, log.logPath),
    position: layout.slots.findIndex(({ id: known }) => known === slot.id),
    resumed: resume,
    row: {
      id,
      slot: slot.id,
      spec,
      replaceHash: replaceHash(spec),
      session: layout.spec.session,
      markerToken,
      agentId,
      ...(replaces && { replacesPaneId: replaces }),
      ...log,
    },
    ...directoryProblem(spec, context),
  };
}

function directoryProblem(
  { workingDir }: SlotSpec,
  { container, directories }: StepContext,
): { readonly problem?: string } {
  const problem =
    workingDir === undefined ? undefined : directories?.problem(container, workingDir);
  return problem === undefined ? {} : { problem };
}

function prepareLog(
  spec: SlotSpec,
  agent: AgentId,
  { container, logs }: StepContext,
): { readonly logPath?: string; readonly problem?: string } {
  if (!spec.log) return {};
  const log = logs.prepare(container, agent);
  return 'path' in log ? { logPath: log.path } : { problem: log.problem };
}

function toProcess(spec: SlotSpec, logFile: string | undefined): ProcessSpec {
  const { command: argv, env, workingDir } = spec;
  return { argv, env, ...(workingDir && { workingDir }), ...(logFile && { logFile }) };
}

/** What the fence is believed to be; wrong beliefs are refused by tmux and corrected by its answer. */
function fenceValue({ slot }: SlotRef, { epoch }: StepContext): string {
  return slot.fence?.epoch === epoch ? slot.fence.value : '';
}

// --- recording ------------------------------------------------------------------------------------------------------

/** The incarnation that is succeeded in place makes room for the next one's row. */
function endForerunner(tx: Transaction, { layout, slot: { pane } }: SlotRef): void {
  if (pane !== undefined && isLive(pane.state))
    changePaneState(tx, { layout, pane, to: 'removed' });
}

function intendStart(tx: Transaction, at: SlotRef, start: Start, cause: string): void {
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

interface Started {
  readonly at: SlotRef;
  readonly start: Start;
  readonly context: StepContext;
}

function settleStart(tx: Transaction, started: Started, outcome: OpOutcome | undefined): void {
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
function recordRefusal(
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
