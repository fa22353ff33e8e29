import type { ContainerId, Epoch, LayoutId, PaneId } from '../domain/ids.ts';
import type { SeenObservation, StoppedObservation } from '../domain/observed.ts';
import type { Policy } from '../domain/policy.ts';
import type { LayoutRecord, PaneRecord } from '../domain/records.ts';
import type { Clock } from '../lib/clock.ts';
import type { Action, Plan } from '../plan/action.ts';
import type { Directories, Ids, PaneLogs, Store, TmuxServer } from './ports.ts';
import type { Step, StepContext } from './step.ts';
import { arrangeStep, readyStep, updateStep } from './step-live.ts';
import {
  closeLayoutStep,
  closeSlotStep,
  endHoldStep,
  endPaneStep,
  exitedStep,
  giveUpStep,
  healthyStep,
  pidStep,
  startedStep,
  vanishedStep,
} from './step-record.ts';
import { abandonStep, killLeftoverStep, killStep, releaseStep } from './step-remove.ts';
import { createStep, respawnStep, retagStep } from './step-start.ts';

export interface ExecuteDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly ids: Ids;
  readonly logs: PaneLogs;
  /** Absent where nobody can look into the container beforehand. */
  readonly directories?: Directories;
}

export interface Executed {
  /** Commands that were sent to tmux. */
  readonly ops: number;
  /** Of them, those whose guard did not hold or that got no answer: the next look must come soon. */
  readonly unsettled: number;
}

type Known = SeenObservation | StoppedObservation;
/** No tmux server runs where nothing runs, so that nothing is told to one either. */
const NO_EPOCH = '' as Epoch;

/**
 * Carries a plan out, in order: first everything intended is committed, then tmux is told in one pipelined batch,
 * then its answers are committed with their events. Decides nothing; would carry out a plan written by hand.
 * @throws {AgentTowerError} `database_unusable`, before tmux is touched or after it has answered.
 */
export async function executePlan(
  plan: Plan,
  seen: { readonly observation: Known; readonly layouts: readonly LayoutRecord[] },
  server: TmuxServer,
  deps: ExecuteDeps,
): Promise<Executed> {
  if (plan.actions.length === 0) return { ops: 0, unsettled: 0 };
  let rows: ReadonlyMap<PaneId, PaneRecord> = new Map();
  const current = (pane: PaneId): PaneRecord | undefined => rows.get(pane);
  const context = makeContext(plan.container, seen.observation, { ...deps, current });
  const byId = new Map(seen.layouts.map((layout) => [layout.id, layout]));
  const steps = plan.actions.map((action) => toStep(action, byId, context));

  const intents = steps.flatMap((step) => step.intend ?? []);
  if (intents.length > 0) {
    deps.store.transact((tx) => {
      for (const intend of intents) intend(tx);
    });
  }

  const ops = steps.flatMap((step) => step.ops);
  const outcomes = ops.length > 0 ? await server.run(ops) : [];

  let next = 0;
  const settled = steps.map((step) => ({
    step,
    outcomes: outcomes.slice(next, (next += step.ops.length)),
  }));
  if (steps.some((step) => step.settle !== undefined)) {
    // What the steps then write is each its own pane's: one reading serves them all.
    rows = indexPanes(deps.store.layoutsOf(plan.container));
    deps.store.transact((tx) => {
      for (const entry of settled) entry.step.settle?.(tx, entry.outcomes);
    });
  }
  const unsettled = outcomes.filter(({ kind }) => kind === 'refused' || kind === 'unknown').length;
  return { ops: ops.length, unsettled };
}

function makeContext(
  container: ContainerId,
  observation: Known,
  { clock, policy, ids, logs, directories, current }: ExecuteDeps & Pick<StepContext, 'current'>,
): StepContext {
  return {
    container,
    epoch: observation.kind === 'seen' ? observation.epoch : NO_EPOCH,
    now: clock.now(),
    policy,
    ids,
    logs,
    ...(directories && { directories }),
    current,
    clock: () => clock.now(),
  };
}

function indexPanes(layouts: readonly LayoutRecord[]): ReadonlyMap<PaneId, PaneRecord> {
  const panes = layouts.flatMap(({ slots }) => slots.flatMap(({ pane }) => pane ?? []));
  return new Map(panes.map((pane) => [pane.id, pane]));
}

type Layouts = ReadonlyMap<LayoutId, LayoutRecord>;
type StepOf<Kind extends Action['kind']> = (
  action: Extract<Action, { kind: Kind }>,
  context: StepContext,
  layouts: Layouts,
) => Step;

/** Every action kind has its step; a kind without one does not compile. */
const STEP_OF: { readonly [Kind in Action['kind']]: StepOf<Kind> } = {
  'record-started': startedStep,
  'record-exited': exitedStep,
  'record-vanished': vanishedStep,
  'record-healthy': healthyStep,
  'record-pid': pidStep,
  'give-up': giveUpStep,
  'end-pane': endPaneStep,
  'end-hold': endHoldStep,
  'close-slot': closeSlotStep,
  'close-layout': closeLayoutStep,
  'create-pane': (action, context, layouts) =>
    createStep(action, layoutOf(action.at.layout, layouts), context),
  'respawn-pane': (action, context, layouts) =>
    respawnStep(action, layoutOf(action.at.layout, layouts), context),
  'retag-pane': (action, context, layouts) =>
    retagStep(action, layoutOf(action.at.layout, layouts), context),
  'mark-ready': readyStep,
  'update-pane': updateStep,
  'arrange-layout': arrangeStep,
  'kill-pane': killStep,
  'kill-leftover': killLeftoverStep,
  'abandon-pane': abandonStep,
  'release-pane': releaseStep,
};

function toStep(action: Action, layouts: Layouts, context: StepContext): Step {
  const build = STEP_OF[action.kind] as StepOf<Action['kind']>;
  return build(action, context, layouts);
}

function layoutOf(id: LayoutId, layouts: Layouts): LayoutRecord {
  const layout = layouts.get(id);
  if (layout === undefined)
    throw new Error(`the plan names a layout that was not planned for: ${id}`);
  return layout;
}
