import type {
  Epoch,
  LayoutId,
  PaneId,
  SlotId,
  TmuxPaneId,
  TmuxSessionId,
  TmuxWindowId,
} from './ids.ts';

/**
 * The whole vocabulary of changes we make to a tmux server. Each is one guarded command: it names the epoch and the
 * fence or tag it relies on, and does nothing when they do not hold, so that a late, repeated or stale one is harmless.
 * The real driver renders an op to tmux's language; the simulator interprets the same values.
 */
export type TmuxOp =
  | CreateOp
  | RespawnOp
  | KillOp
  | RetitleOp
  | RetagOp
  | PipeOp
  | ArrangeOp
  | ReleaseOp
  | BurnFenceOp;

/** Compare-and-set on the slot's fence. Values are pane ids, so none is ever used twice. */
export interface FenceStep {
  readonly slot: SlotId;
  /** '' when nothing was ever created for the slot in this epoch. */
  readonly expect: string;
  readonly next: string;
}

/** The pane `pane`, in `epoch`, still carrying the tag of `owner`. */
export interface PaneGuard {
  readonly epoch: Epoch;
  readonly pane: TmuxPaneId;
  readonly owner: PaneId;
}

/** What a process in a container ends with when its working directory cannot be entered; systemd's EXIT_CHDIR. */
export const NO_WORKING_DIR = 200;

export interface ProcessSpec {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The home directory when absent. */
  readonly workingDir?: string;
  /** Absolute path, as the container sees it, that receives the pane's output from byte 0. */
  readonly logFile?: string;
}

export type Place =
  /** Makes the session; refused by tmux when one of that name exists. Name as `tmuxSessionName` gives it. */
  | {
      readonly kind: 'new-session';
      readonly session: string;
      readonly width: number;
      readonly height: number;
    }
  /** Splits in a session made earlier in the same batch; guarded by the session's owner. */
  | { readonly kind: 'session'; readonly session: string }
  /** Splits in a window that was observed; guarded by the owner of the session it is in. */
  | WindowPlace;

/** A window can be in several sessions: as which one's it is meant. */
export interface WindowPlace {
  readonly kind: 'window';
  readonly session: TmuxSessionId;
  readonly window: TmuxWindowId;
}

export interface CreateOp {
  readonly kind: 'create';
  readonly epoch: Epoch;
  readonly fence: FenceStep;
  readonly layout: LayoutId;
  readonly pane: PaneId;
  readonly place: Place;
  readonly process: ProcessSpec;
  readonly title: string;
  readonly arrangement: string;
}

/**
 * Starts a new incarnation in the place of an old one: geometry stays, and so does `%N` (`respawn-pane -k`), but where
 * panes have no options and the old one is dead.
 */
export interface RespawnOp {
  readonly kind: 'respawn';
  readonly guard: PaneGuard;
  readonly fence: FenceStep;
  readonly pane: PaneId;
  readonly process: ProcessSpec;
  readonly title: string;
}

export interface KillOp {
  readonly kind: 'kill';
  readonly guard: PaneGuard;
}

export interface RetitleOp {
  readonly kind: 'retitle';
  readonly guard: PaneGuard;
  readonly title: string;
}

/**
 * Writes the tag of `owner` on a pane known by epoch, id and process: one whose tag was lost, or one that a
 * person respawned by hand.
 */
export interface RetagOp {
  readonly kind: 'retag';
  readonly epoch: Epoch;
  readonly pane: TmuxPaneId;
  readonly pid: number;
  readonly owner: PaneId;
  readonly title: string;
}

/** Starts (`logFile` given) or stops copying the pane's output. */
export interface PipeOp {
  readonly kind: 'pipe';
  readonly guard: PaneGuard;
  readonly logFile?: string;
}

/** Lays the panes of one window out anew. */
export interface ArrangeOp {
  readonly kind: 'arrange';
  readonly epoch: Epoch;
  readonly layout: LayoutId;
  readonly place: WindowPlace;
  readonly arrangement: string;
}

/** Takes our tag off: from now on the pane is a person's. */
export interface ReleaseOp {
  readonly kind: 'release';
  readonly guard: PaneGuard;
}

/** Moves a slot's fence on without creating anything, so that a create still under way can no longer land. */
export interface BurnFenceOp {
  readonly kind: 'burn-fence';
  readonly epoch: Epoch;
  readonly fence: FenceStep;
}

export interface CreatedPane {
  readonly id: TmuxPaneId;
  readonly window: TmuxWindowId;
  readonly session: TmuxSessionId;
  readonly pid: number;
}

/** What became of one op. Exactly one per op, in order. */
export type OpOutcome =
  /** tmux did it. `created` after create and respawn. */
  | { readonly kind: 'done'; readonly created?: CreatedPane }
  /** The guard did not hold and nothing happened; `fence` is the slot's value now, for ops that have one. */
  | { readonly kind: 'refused'; readonly server: string; readonly fence?: string }
  /** tmux refused the command itself (no space, duplicate session, …). For a create the fence has moved on. */
  | { readonly kind: 'error'; readonly message: string }
  /** No answer: it may have happened, may still happen, or never will. */
  | { readonly kind: 'unknown'; readonly message: string };
