import type {
  ContainerId,
  Epoch,
  InstallationId,
  LayoutId,
  PaneId,
  TmuxPaneId,
  TmuxSessionId,
  TmuxWindowId,
} from './ids.ts';

/** What one look at one container showed. Never stored as truth. */
export type Observation = UnknownObservation | StoppedObservation | SeenObservation;

/** The look failed or timed out: nothing may be concluded from it. */
export interface UnknownObservation {
  readonly kind: 'unknown';
  readonly container: ContainerId;
  /** CamelCase, shown as the reason of `Observed=False`. */
  readonly reason:
    | 'TmuxTimeout'
    | 'TmuxFailed'
    | 'TmuxMissing'
    | 'TmuxTooOld'
    | 'BenchUserUnresolved'
    | 'EngineUnreachable'
    | 'OutputMalformed'
    /** It was seen, but nothing could be written down of it. */
    | 'PassFailed'
    /** Nobody has looked since the daemon started. */
    | 'NotLookedYet';
  /** A sentence for a person: what was tried, what came back, what to do. */
  readonly message: string;
}

/** The engine answered that the container is there but not running. Spends no attempts. */
export interface StoppedObservation {
  readonly kind: 'stopped';
  readonly container: ContainerId;
  readonly message: string;
  /** No process of it is left, so that no pane is either. Absent while it is paused, or nobody can tell. */
  readonly nothingRuns?: true;
}

export interface SeenObservation {
  readonly kind: 'seen';
  readonly container: ContainerId;
  readonly epoch: Epoch;
  /** When this stretch of the container's running began, as far as we saw; what waited for it waits from then on. */
  readonly runningSince?: number;
  readonly sessions: readonly ObservedSession[];
  readonly panes: readonly ObservedPane[];
}

export interface ObservedSession {
  readonly id: TmuxSessionId;
  readonly name: string;
  /** Set when the session's option names itself and this installation; the name alone proves nothing. */
  readonly layoutId?: LayoutId;
}

export interface ObservedPane {
  readonly id: TmuxPaneId;
  readonly sessionId: TmuxSessionId;
  readonly sessionName: string;
  /** Other sessions that its window is linked into, or that share it in a group. */
  readonly alsoIn?: readonly TmuxSessionId[];
  readonly windowId: TmuxWindowId;
  readonly index: number;
  readonly title: string;
  /** Process id of the program, as the container sees it. */
  readonly pid: number;
  readonly dead: boolean;
  readonly exitCode?: number;
  readonly exitSignal?: string;
  /** Which incarnation this is, by a tag that names its own carrier; absent for panes that are not ours. */
  readonly paneId?: PaneId;
  readonly piped: boolean;
}

/** Value of the pane option `@agenttower`, and of the session option `@agenttower_layout`. */
export function formatTag(
  installation: InstallationId,
  owner: PaneId | LayoutId,
  carrier: string,
): string {
  return `${installation}/${owner}@${carrier}`;
}

/**
 * The uuid a tag carries, if it is a tag of `installation` and was read from the pane (or session) it names.
 * tmux formats fall through pane → window → session → global, so a tag that names another carrier is ignored.
 */
export function readTag(
  tag: string,
  installation: InstallationId,
  carrier: string,
): string | undefined {
  const prefix = `${installation}/`;
  const suffix = `@${carrier}`;
  if (!tag.startsWith(prefix) || !tag.endsWith(suffix)) return undefined;
  const id = tag.slice(prefix.length, tag.length - suffix.length);
  return /^[0-9a-f-]{36}$/.test(id) ? id : undefined;
}
