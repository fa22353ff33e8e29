import type { ConditionView, LayoutView, PaneView } from '../../api/protocol.ts';
import { findCondition, isHeld, isSettled } from '../render/conditions.ts';

export const GOALS = ['ready', 'healthy', 'synced', 'absent', 'held'] as const;
export type Goal = (typeof GOALS)[number];

/** How a layout stands towards what is waited for. */
export type Verdict =
  | { readonly kind: 'reached' }
  /** What is still missing, as a sentence without a full stop. */
  | { readonly kind: 'missing'; readonly reason: string }
  /** It will not get there by itself. */
  | { readonly kind: 'hopeless'; readonly reason: string };

/**
 * Judges one look at a layout. `generation` is the declaration that was applied: what is known of an older one
 * counts neither for nor against. `undefined` as layout means that the daemon knows none of this name.
 */
export function judgeLayout(
  layout: LayoutView | undefined,
  goal: Goal,
  generation: number,
): Verdict {
  if (layout === undefined) {
    return goal === 'absent' ? REACHED : { kind: 'hopeless', reason: 'it was deleted meanwhile' };
  }
  switch (goal) {
    case 'absent':
      return missing(whyStillThere(layout));
    case 'held':
      return layout.panes.some(isHeld) ? REACHED : missing('no slot is held');
    case 'synced':
    case 'healthy':
    case 'ready':
      return judgeProgress(layout, goal, generation);
  }
}

/** What a human has put aside, each as a line that says it is not waited for. */
export function renderExclusions(layout: LayoutView): readonly string[] {
  const suspended = findCondition(layout, 'Suspended');
  if (suspended?.status === 'True') {
    return [`${layout.name} is ${suspended.message}: not waited for`];
  }
  const held = layout.panes.flatMap(({ slot, held }) =>
    held === null ? [] : [`${layout.name}/${slot} is held by ${held.by}: not waited for`],
  );
  const ready = findCondition(layout, 'Ready');
  return ready?.reason === 'OnDelete'
    ? [...held, `${layout.name}/${ready.message}: not waited for`]
    : held;
}

/** What keeps the loop from looking keeps it from removing, too. */
function whyStillThere(layout: LayoutView): string {
  const observed = findCondition(layout, 'Observed');
  const why = observed?.status === 'False' ? `: ${observed.message}` : '';
  return `${layout.panes.length} panes are still recorded${why}`;
}

const REACHED: Verdict = { kind: 'reached' };

function missing(reason: string): Verdict {
  return { kind: 'missing', reason };
}

function hopeless(layout: LayoutView, generation: number): Verdict | undefined {
  if (isSuspended(layout, generation)) return undefined;
  for (const type of ['Stalled', 'CrashLoop']) {
    const condition = findCondition(layout, type);
    if (condition?.status === 'True' && isOf(condition, generation)) {
      return { kind: 'hopeless', reason: `${condition.reason}: ${condition.message}` };
    }
  }
  return undefined;
}

/** What is reached is reached, though something else of the layout is past hope. */
function judgeProgress(layout: LayoutView, goal: keyof typeof PROGRESS, generation: number) {
  const progress = PROGRESS[goal](layout, generation);
  return progress.kind === 'reached' ? progress : (hopeless(layout, generation) ?? progress);
}

const PROGRESS = { ready: judgeReadiness, synced: judgeSync, healthy: judgeHealth } as const;

function judgeReadiness(layout: LayoutView, generation: number): Verdict {
  const ready = findCondition(layout, 'Ready');
  if (layout.observed_generation >= generation && ready?.status === 'True') return REACHED;
  if (isSuspended(layout, generation)) return REACHED;
  // What is left waits for a person, who may let it stand for days.
  if (ready?.reason === 'OnDelete' && isOf(ready, generation)) return REACHED;
  // A held slot keeps the layout from being Ready; the others are ready when each of them is.
  const waitedFor = layout.panes.filter((pane) => !isHeld(pane));
  const someHeld = waitedFor.length < layout.panes.length;
  const late = waitedFor.filter((pane) => !isSettled(pane) || pane.update_pending);
  if (!someHeld || !isOf(ready, generation)) {
    return missing(renderMissing(waitedFor, ready, generation));
  }
  return late.length === 0 ? REACHED : missing(late.map(renderLate).join(', '));
}

function judgeSync(layout: LayoutView, generation: number): Verdict {
  if (layout.sync === 'Synced' && isOf(findCondition(layout, 'Ready'), generation)) return REACHED;
  return missing(`sync is ${layout.sync}`);
}

function judgeHealth(layout: LayoutView, generation: number): Verdict {
  const isCurrent = isOf(findCondition(layout, 'Ready'), generation);
  if (layout.health === 'Healthy' && isCurrent) return REACHED;
  return missing(`health is ${layout.health}`);
}

function isSuspended(layout: LayoutView, generation: number): boolean {
  const suspended = findCondition(layout, 'Suspended');
  return suspended?.status === 'True' && isOf(suspended, generation);
}

function isOf(condition: ConditionView | undefined, generation: number): boolean {
  return condition !== undefined && condition.observed_generation >= generation;
}

function renderLate(pane: PaneView): string {
  return `${pane.slot} ${isSettled(pane) ? 'is to be replaced' : pane.status}`;
}

/** The daemon's own words when they are about this generation, else what each pane is. */
function renderMissing(
  waitedFor: readonly PaneView[],
  ready: ConditionView | undefined,
  generation: number,
): string {
  if (ready !== undefined && ready.message !== '' && isOf(ready, generation)) return ready.message;
  const late = waitedFor.filter((pane) => !isSettled(pane));
  return late.map(({ slot, status }) => `${slot} ${status}`).join(', ') || 'not observed yet';
}
