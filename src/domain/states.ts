/** States of panes and layouts, and the only ways from one to another. */
export const PANE_STATES = ['creating', 'ready', 'degraded', 'failed', 'removed'] as const;
export type PaneState = (typeof PANE_STATES)[number];
/** A layout's state is the worst of its panes'. */
export type LayoutState = PaneState;

export const FAILED_STAGES = [
  'pane_create',
  'launch_command',
  'registration',
  'log_attach',
  'tmux_kill',
  'recovery_reattach',
] as const;
export type FailedStage = (typeof FAILED_STAGES)[number];

/** A chain of panes that operators recreated one after another ends here: depths are 0 to 15. */
export const CHAIN_LIMIT = 16;

/** Where two hops are needed the first way listed is taken: a pane given up while `creating` was never ready. */
const NEXT: Readonly<Record<PaneState, readonly PaneState[]>> = {
  creating: ['failed', 'degraded', 'ready'],
  ready: ['degraded', 'removed'],
  degraded: ['removed', 'failed'],
  failed: ['removed'],
  removed: [],
};

export function isLegalTransition(from: PaneState, to: PaneState): boolean {
  return NEXT[from].includes(to);
}

/**
 * The states passed through from `from` to `to`, `from` excluded: two hops where the graph has no direct
 * edge (ready → degraded → failed). Empty when they are equal; throws when there is no way.
 */
export function transitionPath(from: PaneState, to: PaneState): readonly PaneState[] {
  if (from === to) return [];
  if (isLegalTransition(from, to)) return [to];
  const via = NEXT[from].find((state) => isLegalTransition(state, to));
  if (via === undefined) throw new Error(`no way from ${from} to ${to}`);
  return [via, to];
}

/** A live pane holds its slot: at most one per slot at any instant. */
export function isLive(state: PaneState): boolean {
  return state === 'creating' || state === 'ready' || state === 'degraded';
}

export interface AggregateInput {
  readonly state: PaneState;
  readonly failedStage?: FailedStage;
  /** A failed pane that something has replaced no longer counts. */
  readonly superseded: boolean;
}

/** Worst child wins; no cascade. Panes come in slot order, which decides whose failed stage is shown. */
export function aggregateLayoutState(panes: readonly AggregateInput[]): {
  readonly state: LayoutState;
  readonly failedStage?: FailedStage;
} {
  const counted = panes.filter((pane) => !(pane.state === 'failed' && pane.superseded));
  if (counted.some((pane) => pane.state === 'creating')) return { state: 'creating' };
  for (const state of ['failed', 'degraded'] as const) {
    const worst = counted.find((pane) => pane.state === state);
    if (worst?.failedStage !== undefined) return { state, failedStage: worst.failedStage };
    if (worst !== undefined) return { state };
  }
  if (counted.every((pane) => pane.state === 'removed')) return { state: 'removed' };
  return { state: 'ready' };
}
