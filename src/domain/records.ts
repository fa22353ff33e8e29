import type { AgentId, ContainerId, Epoch, LayoutId, PaneId, SlotId, TmuxPaneId } from './ids.ts';
import type { LayoutSpec, SlotSpec } from './spec.ts';
import type { FailedStage, LayoutState, PaneState } from './states.ts';
import type { Condition, Health, Sync } from './status.ts';

/** Recorded state: rows of the store, as values. `undefined` is SQL null. Times are ms since 1970. */
export type SourceKind = 'apply' | 'directory' | 'git' | 'imperative';

/** Where a declaration came from; one owner per layout. */
export interface SourceRef {
  readonly kind: SourceKind;
  /** `apply`, `imperative`, or the name of a configured source. */
  readonly name: string;
  /** File the layout stands in, with its line: `agents.yaml:12`. Empty for `imperative`. */
  readonly path: string;
  /** Commit or digest the declaration was read at. */
  readonly revision?: string;
}

export interface LayoutRecord {
  readonly id: LayoutId;
  readonly container: ContainerId;
  readonly spec: LayoutSpec;
  readonly source: SourceRef;
  readonly generation: number;
  readonly observedGeneration: number;
  readonly state: LayoutState;
  readonly failedStage?: FailedStage;
  readonly sync: Sync;
  readonly health: Health;
  readonly conditions: readonly Condition[];
  /** Set when the declaration is gone: the panes are to be killed and the row then closed. */
  readonly deleting?: {
    readonly reason: 'NoLongerDeclared' | 'DeleteRequested';
    readonly at: number;
  };
  readonly suspended?: { readonly by: string; readonly reason: string; readonly at: number };
  /** The arrangement last given to tmux; geometry is only touched when the declared one differs from it. */
  readonly arranged?: string;
  /** A prune the gates refused; shown until it is confirmed or the layout is declared again. */
  readonly pruneBlocked?: string;
  /** A second source that declares the same layout, and was refused. */
  readonly ownershipConflict?: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** In the spec's order; slots no longer declared come last, with `declared: false`. */
  readonly slots: readonly SlotRecord[];
}

export interface Hold {
  readonly by: string;
  readonly reason: string;
  readonly since: number;
  /** Ends by itself at this time; `undefined` means only by a human. */
  readonly until?: number;
}

export interface SlotRecord {
  readonly id: SlotId;
  readonly key: string;
  /** The spec this slot should have now, or had last when it is no longer declared. */
  readonly spec: SlotSpec;
  readonly declared: boolean;
  readonly hold?: Hold;
  /** A human asked for a replacement now; cleared when it has begun. */
  readonly restartRequested: boolean;
  /** Consecutive failures since the last healthy minute; decides the back-off. */
  readonly failures: number;
  readonly nextAttemptAt?: number;
  /** When its process ended by itself, within the crash window. */
  readonly exits: readonly number[];
  /** When its pane was gone without our doing, within the crash window. */
  readonly vanishings: readonly number[];
  /** Replacements the loop has made since the slot was declared. */
  readonly restarts: number;
  /** Last value known of the slot's create fence, and the epoch it was known in. */
  readonly fence?: { readonly epoch: Epoch; readonly value: string };
  /** The live incarnation, else the newest one; `undefined` before the first. */
  readonly pane?: PaneRecord;
}

/** An incarnation that has ended, looked up because a pane in tmux still carries its tag. */
export interface EndedPane {
  readonly id: PaneId;
  readonly slot: SlotId;
  readonly layout: LayoutId;
  readonly label: string;
}

export interface PaneRecord {
  readonly id: PaneId;
  readonly state: PaneState;
  readonly failedStage?: FailedStage;
  /** What it was started from. */
  readonly spec: SlotSpec;
  readonly replaceHash: string;
  readonly session: string;
  readonly markerToken?: string;
  /** Known once tmux said so; both void in another epoch. */
  readonly epoch?: Epoch;
  readonly tmuxPaneId?: TmuxPaneId;
  /** Process id tmux started; tells a pane respawned by hand from the one we started. */
  readonly pid?: number;
  /** Chosen with the row, so that the log file can carry it; the agent is registered once the pane runs. */
  readonly agentId: AgentId;
  /** File the pane's output is piped to from byte 0; `undefined` when it is not logged. */
  readonly logPath?: string;
  readonly replacesPaneId?: PaneId;
  /** Attempts at the current stage whose outcome was an error or unknown. */
  readonly attempts: number;
  readonly retryAt?: number;
  readonly createdAt: number;
  /** When tmux confirmed the process was started. */
  readonly startedAt?: number;
  readonly readyAt?: number;
  readonly endedAt?: number;
  readonly exitCode?: number;
  readonly exitSignal?: string;
  /** What went wrong last, in words for a person: what tmux said, why the log could not be had. */
  readonly problem?: string;
}
