import type { ContainerId, LayoutId, PaneId } from '../domain/ids.ts';
import type { ObservedPane, UnknownObservation } from '../domain/observed.ts';
import type { EndedPane, PaneRecord, SlotRecord } from '../domain/records.ts';
import type { Place, WindowPlace } from '../domain/tmux-ops.ts';

/** Why an action is planned. Every action has one, and prints it. */
export type Cause =
  | { readonly reason: 'Missing' }
  | { readonly reason: 'Vanished' }
  | { readonly reason: 'ProcessExited'; readonly code?: number; readonly signal?: string }
  | { readonly reason: 'TmuxServerLost' }
  | { readonly reason: 'ContainerRestarted' }
  | { readonly reason: 'CreateFailed' }
  | { readonly reason: 'Interrupted' }
  | { readonly reason: 'SpecChanged'; readonly fields: readonly string[] }
  | { readonly reason: 'RestartRequested' }
  | { readonly reason: 'HoldEnded' }
  | { readonly reason: 'Held'; readonly by: string }
  | { readonly reason: 'NoLongerDeclared' }
  | { readonly reason: 'DeleteRequested' }
  | { readonly reason: 'Leftover' }
  | { readonly reason: 'TagLost' }
  | { readonly reason: 'RespawnedByHand' };

export interface SlotRef {
  readonly layout: LayoutId;
  readonly layoutName: string;
  readonly slot: SlotRecord;
}

/** What a failure does to the slot's back-off; decided by the plan, written by the executor. */
export interface BackoffState {
  readonly failures: number;
  readonly nextAttemptAt: number | undefined;
  readonly exits: readonly number[];
  readonly vanishings: readonly number[];
}

/** One step. The first group only writes down what was seen; the second changes tmux. */
export type Action =
  | RecordStarted
  | RecordExited
  | RecordVanished
  | RecordHealthy
  | RecordPid
  | GiveUp
  | EndPane
  | EndHold
  | CloseSlot
  | CloseLayout
  | CreatePane
  | RespawnPane
  | RetagPane
  | MarkReady
  | UpdatePane
  | KillPane
  | KillLeftover
  | AbandonPane
  | ReleasePane
  | ArrangeLayout;

interface OnSlot {
  readonly at: SlotRef;
}
interface OnPane extends OnSlot {
  readonly pane: PaneRecord;
}

/** A row still `creating` whose pane stands in tmux: it was started, whoever heard of it. */
export interface RecordStarted extends OnPane {
  readonly kind: 'record-started';
  readonly seen: ObservedPane;
}
/** The process ended by itself; the dead pane stays visible. */
export interface RecordExited extends OnPane {
  readonly kind: 'record-exited';
  readonly seen: ObservedPane;
  readonly backoff: BackoffState;
}
/** A successful look shows that the pane is gone, and we did not do it. */
export interface RecordVanished extends OnPane {
  readonly kind: 'record-vanished';
  readonly cause: Cause;
  readonly backoff: BackoffState;
}
/** Ready for a healthy minute: its failures are forgotten. */
export interface RecordHealthy extends OnPane {
  readonly kind: 'record-healthy';
}
/** Somebody respawned the live pane by hand; it stays the same pane. */
export interface RecordPid extends OnPane {
  readonly kind: 'record-pid';
  readonly pid: number;
}
/** A row still `creating` after its attempts or its time are used up. */
export interface GiveUp extends OnPane {
  readonly kind: 'give-up';
  readonly stage: 'pane_create' | 'registration';
  /** In words for a person. */
  readonly problem: string;
  readonly backoff: BackoffState;
}
/** Not wanted and not there: only the row is left to end. */
export interface EndPane extends OnPane {
  readonly kind: 'end-pane';
  readonly cause: Cause;
}
export interface EndHold extends OnSlot {
  readonly kind: 'end-hold';
}
export interface CloseSlot extends OnSlot {
  readonly kind: 'close-slot';
}
export interface CloseLayout {
  readonly kind: 'close-layout';
  readonly layout: LayoutId;
  readonly layoutName: string;
  readonly reason: string;
}

export interface CreatePane extends OnSlot {
  readonly kind: 'create-pane';
  readonly cause: Cause;
  readonly place: Place;
  /** The row of an earlier, unconfirmed attempt that is sent again; absent for a new incarnation. */
  readonly resume?: PaneRecord;
  /** The incarnation this one follows. */
  readonly replaces?: PaneId;
}
/** A new incarnation in the place of the old one; geometry and tmux id stay. */
export interface RespawnPane extends OnSlot {
  readonly kind: 'respawn-pane';
  readonly cause: Cause;
  readonly seen: ObservedPane;
  readonly old: PaneId;
  readonly resume?: PaneRecord;
}
export interface RetagPane extends OnPane {
  readonly kind: 'retag-pane';
  readonly cause: Cause;
  readonly seen: ObservedPane;
}
/** Settled: the title becomes the label, then the row becomes ready. */
export interface MarkReady extends OnPane {
  readonly kind: 'mark-ready';
  readonly seen: ObservedPane;
}
/** Fields that are changed on the living pane. */
export interface UpdatePane extends OnPane {
  readonly kind: 'update-pane';
  readonly cause: Cause;
  readonly seen: ObservedPane | undefined;
}
/** The row is ended before tmux is touched, so that a crash in between leaves a leftover and never a ghost. */
export interface KillPane extends OnPane {
  readonly kind: 'kill-pane';
  readonly cause: Cause;
  readonly seen: ObservedPane;
}
/** A pane that still carries the tag of an incarnation that has ended. */
export interface KillLeftover {
  readonly kind: 'kill-leftover';
  readonly owner: EndedPane;
  readonly seen: ObservedPane;
}
/** Not wanted, never confirmed: its fence is moved on, so that a late create cannot land, and the row ends. */
export interface AbandonPane extends OnPane {
  readonly kind: 'abandon-pane';
  readonly cause: Cause;
}
/** `onRemove: orphan`: our tag comes off and the pane is a person's from now on. */
export interface ReleasePane extends OnPane {
  readonly kind: 'release-pane';
  readonly cause: Cause;
  readonly seen: ObservedPane;
}
export interface ArrangeLayout {
  readonly kind: 'arrange-layout';
  readonly layout: LayoutId;
  readonly layoutName: string;
  readonly place: WindowPlace | undefined;
  readonly arrangement: string;
}

/** Something declared that will not be done now, and why. */
export interface Blocked {
  readonly layoutName: string;
  readonly slotKey?: string;
  readonly reason:
    | 'Held'
    | 'Suspended'
    | 'Backoff'
    | 'WaitingForDependency'
    | 'RollingUpdate'
    | 'OnDelete'
    | 'RestartPolicyNever'
    | 'Completed'
    | 'SessionNameConflict'
    | 'LabelTaken'
    | 'LeftoverStands';
  readonly message: string;
  /** What will be done once it is no longer blocked, without anybody's help. */
  readonly next?: { readonly action: 'create' | 'replace'; readonly cause: Cause };
}

export interface Plan {
  readonly container: ContainerId;
  readonly actions: readonly Action[];
  readonly blocked: readonly Blocked[];
  /** Why nothing could be concluded; then `actions` is empty. */
  readonly unknown?: UnknownObservation;
  /** When to look again even if nothing is heard: settle times, back-off, holds. Milliseconds since 1970. */
  readonly wakeAt?: number;
}
