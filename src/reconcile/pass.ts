import type { ContainerId, PaneId } from '../domain/ids.ts';
import type { Observation } from '../domain/observed.ts';
import type { LayoutRecord } from '../domain/records.ts';
import { isLive } from '../domain/states.ts';
import type { Condition } from '../domain/status.ts';
import type { Plan } from '../plan/action.ts';
import { computePlan } from '../plan/compute.ts';
import { computeStatus, type LayoutStatus } from '../plan/status.ts';
import { type ExecuteDeps, executePlan } from './execute.ts';
import type { TmuxServers, Transaction } from './ports.ts';
import { isStillSettled, type Settled, settle } from './settled.ts';
import { closeUnbegun, recordUnconfirmed } from './unconfirmed.ts';

export interface PassDeps extends ExecuteDeps {
  readonly tmux: TmuxServers;
}

export interface PassResult {
  readonly observation: Observation;
  readonly plan: Plan;
  /** Something was changed whose result should be looked at without waiting for the next tick. */
  readonly again: boolean;
  readonly settled?: Settled;
}

/**
 * One pass over one container: look, plan, do, write down. Reads the world and the records anew each time; knows
 * nothing of why it was woken. A pass that changes nothing writes nothing. Where all is still as the `last` pass left
 * it, its plan stands.
 */
export async function reconcile(
  container: ContainerId,
  deps: PassDeps,
  last?: PassResult,
): Promise<PassResult> {
  const { store, clock, policy } = deps;
  const server = deps.tmux.of(container);
  const observation = await server.look();
  const layouts = store.layoutsOf(container);
  const now = clock.now();
  if (last?.settled && isStillSettled(last.settled, { observation, layouts }, now)) {
    return { ...last, observation };
  }
  const plan = planFor(observation, layouts, deps);
  const executed =
    observation.kind === 'unknown'
      ? { ops: 0, unsettled: 0 }
      : await executePlan(plan, { observation, layouts }, server, deps);
  if (observation.kind === 'unknown') recordUnconfirmed(layouts, { store, clock, policy });
  if (observation.kind !== 'seen') closeUnbegun(store.layoutsOf(container), store);
  recordStatus(container, { observation, plan }, { store, clock, policy });
  const again = plan.actions.some(({ kind }) => FOLLOWED_UP.has(kind)) || executed.unsettled > 0;
  const settled = settle({ observation, layouts }, plan, { now, policy });
  return { observation, plan, again, ...(settled && { settled }) };
}

/** What the loop would do with `layouts` now; also what `plan` shows for layouts that are not recorded yet. */
export function planFor(
  observation: Observation,
  layouts: readonly LayoutRecord[],
  { store, clock, policy }: Pick<PassDeps, 'store' | 'clock' | 'policy'>,
): Plan {
  const ended = store.endedPanes(tagsWithoutLiveRow(observation, layouts));
  return computePlan({ now: clock.now(), policy, layouts, observation, ended });
}

/** After these the container looks different in a way that lets something else go on. */
const FOLLOWED_UP: ReadonlySet<string> = new Set([
  'kill-pane',
  'kill-leftover',
  'abandon-pane',
  'release-pane',
  'retag-pane',
  'end-pane',
  'mark-ready',
  'close-slot',
  'record-started',
]);

function tagsWithoutLiveRow(
  observation: Observation,
  layouts: readonly LayoutRecord[],
): readonly PaneId[] {
  if (observation.kind !== 'seen') return [];
  const live = new Set(
    layouts.flatMap(({ slots }) =>
      slots.flatMap(({ pane }) => (pane !== undefined && isLive(pane.state) ? [pane.id] : [])),
    ),
  );
  return observation.panes.flatMap(({ paneId }) =>
    paneId !== undefined && !live.has(paneId) ? [paneId] : [],
  );
}

function recordStatus(
  container: ContainerId,
  { observation, plan }: { readonly observation: Observation; readonly plan: Plan },
  { store, clock, policy }: Pick<PassDeps, 'store' | 'clock' | 'policy'>,
): void {
  const changed = store.layoutsOf(container).flatMap((layout) => {
    const blocked = plan.blocked.filter(({ layoutName }) => layoutName === layout.spec.name);
    const status = computeStatus({ now: clock.now(), policy, layout, observation, blocked });
    return isSame(layout, status) ? [] : [{ layout, status }];
  });
  if (changed.length === 0) return;
  store.transact((tx) => {
    for (const { layout, status } of changed) writeStatus(tx, layout, status);
  });
}

function isSame(layout: LayoutRecord, status: LayoutStatus): boolean {
  return (
    layout.sync === status.sync &&
    layout.health === status.health &&
    layout.state === status.state &&
    layout.failedStage === status.failedStage &&
    layout.observedGeneration === status.observedGeneration &&
    layout.conditions.length === status.conditions.length &&
    layout.conditions.every((condition, index) =>
      isSameCondition(condition, status.conditions[index]),
    )
  );
}

function isSameCondition(before: Condition, now: Condition | undefined): boolean {
  return (
    before.type === now?.type &&
    before.status === now.status &&
    before.reason === now.reason &&
    before.message === now.message &&
    before.lastTransitionTime === now.lastTransitionTime &&
    before.observedGeneration === now.observedGeneration
  );
}

function writeStatus(tx: Transaction, layout: LayoutRecord, status: LayoutStatus): void {
  tx.updateLayout(layout.id, { ...status });
  if (layout.state === status.state) return;
  tx.emit({
    type: 'managed_layout_state_changed',
    actor: 'daemon',
    layoutId: layout.id,
    payload: { prev_state: layout.state, new_state: status.state },
  });
}
