import type { ContainerListing, ContainerRecord, ListingProblem } from '../domain/containers.ts';
import type { NewEvent, StoredEvent } from '../domain/events.ts';
import type { ScannedPane, ServerPanes } from '../domain/found-pane.ts';
import type {
  AgentId,
  ContainerId,
  InstallationId,
  LayoutId,
  PaneId,
  SlotId,
} from '../domain/ids.ts';
import type { Observation } from '../domain/observed.ts';
import type {
  EndedPane,
  LayoutRecord,
  PaneRecord,
  SlotRecord,
  SourceRef,
} from '../domain/records.ts';
import type { LayoutSpec, SlotSpec } from '../domain/spec.ts';
import type { OpOutcome, TmuxOp } from '../domain/tmux-ops.ts';
import type { Result } from '../lib/result.ts';

/** What the loop needs from the world. Drivers implement these; the simulator does too. */

/** One tmux server in one container. */
export interface TmuxServer {
  /**
   * One look: sessions and panes, or why they could not be seen. Starts the server when none runs.
   * Never throws; never concludes absence from an error.
   */
  look(): Promise<Observation>;
  /** Sends the ops in order, pipelined. One outcome per op, in order. Never throws. */
  run(ops: readonly TmuxOp[]): Promise<readonly OpOutcome[]>;
}

export interface TmuxServers {
  /** The server of a container's bench user. The same object for the same container. */
  of(container: ContainerId): TmuxServer;
}

/** Finds the panes of every tmux server of a container's user, those of persons too, and changes nothing there. */
export interface PaneFinder {
  /** One answer per server: its own first, those found, and those asked for. Within bounded time; never rejects. */
  find(container: ContainerId, sockets: readonly string[]): Promise<readonly ServerPanes[]>;
  /** Path by which programs in the container name its own managed server; a guess before it was first reached. */
  ownSocket(container: ContainerId): string;
  /** Name of the user whose servers these are; empty before it was found out. */
  benchUser(container: ContainerId): string;
}

/** A container engine, as far as keeping track of its containers goes. It is only asked and listened to. */
export interface ContainerLister {
  /** Unique in this daemon. */
  readonly name: string;
  /**
   * All its containers, those that do not run too. Those `expected` (ids) that it neither lists nor says are gone are
   * problems. Never rejects; at most `timeoutMs`, or until it is aborted.
   */
  list(
    timeoutMs: number,
    request: { readonly signal: AbortSignal; readonly expected: readonly string[] },
  ): Promise<Result<ContainerListing, ListingProblem>>;
  /** Calls `onChange` after something may have changed. May be spurious, and may miss something. */
  watch(onChange: () => void): { close(): void };
}

/** Files that receive what panes print. */
export interface PaneLogs {
  /**
   * Makes the file (0600, its directory 0700) that will receive the agent's output, before anything is spawned.
   * Answers its path as the container sees it, or the reason why it cannot be had.
   */
  prepare(
    container: ContainerId,
    agent: AgentId,
  ): { readonly path: string } | { readonly problem: string };
}

/** Directories inside containers. */
export interface Directories {
  /**
   * Why a process cannot be started in `directory`, in words for a person; `undefined` when it can, or when nobody
   * can tell. tmux itself would silently start it elsewhere.
   */
  problem(container: ContainerId, directory: string): string | undefined;
}

export interface Ids {
  uuid(): string;
  agentId(): AgentId;
}

/** A change to some fields of a row: keys left out stay as they are, `undefined` becomes SQL null. */
type Patch<T> = { readonly [K in keyof T]?: T[K] | undefined };

export type LayoutPatch = Patch<
  Pick<
    LayoutRecord,
    | 'spec'
    | 'source'
    | 'generation'
    | 'observedGeneration'
    | 'state'
    | 'failedStage'
    | 'sync'
    | 'health'
    | 'conditions'
    | 'deleting'
    | 'suspended'
    | 'arranged'
    | 'pruneBlocked'
    | 'ownershipConflict'
  >
>;

export type SlotPatch = Patch<
  Pick<
    SlotRecord,
    | 'spec'
    | 'declared'
    | 'hold'
    | 'restartRequested'
    | 'failures'
    | 'nextAttemptAt'
    | 'exits'
    | 'vanishings'
    | 'restarts'
    | 'fence'
  >
> & {
  /** Order within the layout, from 0. */
  readonly position?: number;
};

export type PanePatch = Patch<
  Pick<
    PaneRecord,
    | 'state'
    | 'failedStage'
    | 'spec'
    | 'replaceHash'
    | 'markerToken'
    | 'epoch'
    | 'tmuxPaneId'
    | 'pid'
    | 'logPath'
    | 'attempts'
    | 'retryAt'
    | 'startedAt'
    | 'readyAt'
    | 'endedAt'
    | 'exitCode'
    | 'exitSignal'
    | 'problem'
  >
>;

export interface NewLayout {
  readonly id: LayoutId;
  readonly container: ContainerId;
  readonly spec: LayoutSpec;
  readonly source: SourceRef;
  /** A second layout of the container with the same key is refused by the schema, for ever. */
  readonly idempotencyKey?: string;
}

export interface NewSlot {
  readonly id: SlotId;
  readonly layout: LayoutId;
  readonly spec: SlotSpec;
  readonly position: number;
}

export interface NewPane {
  readonly id: PaneId;
  readonly slot: SlotId;
  readonly spec: SlotSpec;
  readonly replaceHash: string;
  readonly session: string;
  readonly markerToken: string;
  readonly agentId: AgentId;
  readonly logPath?: string;
  readonly replacesPaneId?: PaneId;
  readonly problem?: string;
  /** An operator's recreation of an earlier pane of the slot; these link up to a chain. */
  readonly recreates?: {
    readonly predecessor: PaneId;
    readonly chainDepth: number;
    readonly idempotencyKey?: string;
  };
}

/** Writes of one transaction. Everything commits together with its events, or nothing does. */
export interface Transaction {
  /** Starts at generation 1, state `creating`, sync `OutOfSync`, health `Progressing`, no conditions. */
  insertLayout(layout: NewLayout): void;
  updateLayout(id: LayoutId, patch: LayoutPatch): void;
  /** The layout is gone from the desired state; state `removed`, its rows stay as history. Closes its slots too. */
  closeLayout(id: LayoutId): void;
  /** Takes a closed layout and its declared slots back into the desired state, changed by `patch`. */
  reopenLayout(id: LayoutId, patch: LayoutPatch): void;
  insertSlot(slot: NewSlot): void;
  updateSlot(id: SlotId, patch: SlotPatch): void;
  closeSlot(id: SlotId): void;
  /** State `creating`. Refused by the schema while the slot has another live pane. */
  insertPane(pane: NewPane): void;
  updatePane(id: PaneId, patch: PanePatch): void;
  /** Makes the pane a registered agent with origin `managed`; doing it again changes nothing. */
  registerAgent(pane: PaneId): void;
  /** Inserts a container's row, or brings it up to date; its key, engine and name never change. */
  putContainer(record: ContainerRecord): void;
  /** Inserts what a scan found of a pane, or brings it up to date. */
  putScannedPane(pane: ScannedPane): void;
  /** Forgets what a scan found once. */
  dropScannedPane(pane: Pick<ScannedPane, 'container' | 'socket' | 'epoch' | 'pane'>): void;
  emit(event: NewEvent): void;
}

export interface Store {
  readonly installation: InstallationId;
  /** Layouts that are not closed, of one container, ordered by name. Cached until the next write. */
  layoutsOf(container: ContainerId): readonly LayoutRecord[];
  /** The same over all containers, ordered by container and name. */
  layouts(): readonly LayoutRecord[];
  /** Containers that have at least one layout that is not closed. */
  containers(): readonly ContainerId[];
  /** Every container an engine ever showed us, ordered by key; the host is not among them. */
  containerRecords(): readonly ContainerRecord[];
  /** Every pane a scan ever found, those that are there first. */
  scannedPanes(): readonly ScannedPane[];
  /** Those of `ids` that are recorded here and have ended (removed or failed). */
  endedPanes(ids: readonly PaneId[]): ReadonlyMap<PaneId, EndedPane>;
  /** BEGIN IMMEDIATE, FULL durability. Throws `database_unusable` when it cannot commit; then nothing changed. */
  transact<T>(write: (tx: Transaction) => T): T;
  /** Events with `seq` greater than `after`, ascending, at most `limit`. */
  eventsAfter(after: number, limit: number): readonly StoredEvent[];
  /** `seq` of the newest event, 0 when there is none. */
  lastSeq(): number;
}
