import type { ContainerId, Epoch, PaneId, TmuxPaneId } from './ids.ts';
import type { UnknownObservation } from './observed.ts';

/** A pane as it is right now, on whatever tmux server of the container's user: ours or a person's. */
export interface FoundPane {
  /** Socket of its tmux server; absent for the container's own managed one. */
  readonly socket?: string;
  readonly epoch: Epoch;
  readonly pane: TmuxPaneId;
  readonly pid: number;
  readonly tty: string;
  readonly session: string;
  readonly windowIndex: number;
  readonly paneIndex: number;
  readonly workingDir: string;
  readonly title: string;
  readonly command: string;
  readonly dead: boolean;
  /** The one of its window that is typed into. */
  readonly focused: boolean;
  /** The incarnation whose tag it carries, when it is ours. */
  readonly owner?: PaneId;
}

/** What one tmux server answered. Absence may be concluded from `seen` alone; no server is an empty answer. */
export type ServerPanes =
  | { readonly kind: 'seen'; readonly socket?: string; readonly panes: readonly FoundPane[] }
  | ({ readonly kind: 'unknown'; readonly socket?: string } & Pick<
      UnknownObservation,
      'reason' | 'message'
    >);

/** A pane that a scan found, for as long as somebody may ask. Its place may change; `%N` in its epoch may not. */
export interface ScannedPane extends Omit<FoundPane, 'socket' | 'dead' | 'owner'> {
  readonly container: ContainerId;
  /** What clients know the container by, in the life the pane was found in. */
  readonly containerId: string;
  /** Whom its server belongs to there. */
  readonly user: string;
  readonly socket: string;
  /** The last scan that could tell saw it. */
  readonly active: boolean;
  readonly firstSeenAt: number;
  /** The last scan that asked after it; of one that is gone, the first that found it gone. */
  readonly lastScannedAt: number;
}
