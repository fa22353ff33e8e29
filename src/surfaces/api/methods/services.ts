import type { EventReader } from '../../../agents/events/ports.ts';
import type { AttachDeps } from '../../../agents/logs/attach.ts';
import type { LogFiles } from '../../../agents/logs/ports.ts';
import type { ReaderStatus } from '../../../agents/logs/reader.ts';
import type { LoggedRegistration, RegisteredLogged } from '../../../agents/logs/register-logged.ts';
import type { PaneInput } from '../../../agents/ports.ts';
import type { QueueDeps } from '../../../agents/queue.ts';
import type { PaneAddress, RegistryDeps } from '../../../agents/registry.ts';
import type { RouteDeps } from '../../../agents/routes/routes.ts';
import type { RoutesWorker } from '../../../agents/routes/worker.ts';
import type { StateKeeper } from '../../../agents/state/keeper.ts';
import type { StateReader } from '../../../agents/state/ports.ts';
import type { ManagedDeps } from '../../../declare/managed/deps.ts';
import type { OperateDeps } from '../../../declare/operate.ts';
import type { SourceConfig, SourceRecord } from '../../../declare/ports.ts';
import type { Unstamped } from '../../../declare/stamp.ts';
import type { WhatIfDeps } from '../../../declare/what-if.ts';
import type { ContainerId } from '../../../domain/ids.ts';
import type { Observation } from '../../../domain/observed.ts';
import type { Policy } from '../../../domain/policy.ts';
import type { Ids } from '../../../reconcile/ports.ts';
import type { Registry } from '../../../reconcile/registry.ts';
import type { PaneScanner } from '../../../reconcile/scan-panes.ts';
import type { ContainerView, StatusResult } from '../protocol.ts';

/** What the process knows of itself. */
export type OwnStatus = Omit<
  StatusResult,
  | 'layouts'
  | 'panes'
  | 'left_out'
  | 'caller'
  | 'events_reader'
  | 'events_persistence'
  | 'routing'
  | 'queue_audit'
>;

/** Everything the methods call. They are thin: they edit desired state or read recorded state. */
export interface Services extends WhatIfDeps, OperateDeps, ManagedDeps {
  readonly ids: Ids;
  readonly agents: RegistryDeps;
  /** Registers a pane and has it copied, both or neither. */
  readonly registerLogged: (
    address: PaneAddress,
    said: LoggedRegistration,
  ) => Promise<RegisteredLogged>;
  readonly queue: QueueDeps & Pick<PaneInput, 'clearLine'>;
  readonly states: { readonly keeper: StateKeeper; readonly reader: StateReader };
  readonly routes: RouteDeps & Pick<RoutesWorker, 'runtime' | 'status'>;
  readonly logs: LogServices;
  readonly policy: Policy;
  readonly lastObservation: (container: ContainerId) => Observation | undefined;
  /** Why the newest pass over it came to nothing: its records stand still until one does not. */
  readonly lastFailure: (container: ContainerId) => string | undefined;
  /** argv that shows a session of the container in a terminal on the host. */
  readonly attachArgv: (container: ContainerId, session: string) => readonly string[];
  /** The containers of every engine; the host is not among them. */
  readonly registry: Pick<Registry, 'list' | 'engines' | 'refresh' | 'remarks'>;
  /** Containers that selectors chose and that could not get their layouts. */
  readonly unstamped: () => readonly Unstamped[];
  /** Looks at the panes of every tmux server in reach and writes them down. */
  readonly paneScanner: PaneScanner;
  readonly containers: () => readonly Omit<ContainerView, 'layouts'>[];
  readonly sources: SourceServices;
  readonly daemonStatus: () => OwnStatus;
  /** Begins an orderly shutdown once the answer is on its way. */
  readonly shutdown: () => void;
  /** Resolves after the next commit, or when the signal aborts. */
  readonly nextCommit: (signal: AbortSignal) => Promise<void>;
}

/** How the copying of events to `events.jsonl` is. */
export interface ExportStatus {
  /** The file could not be written the last time. */
  readonly isFailing: boolean;
  /** What kind of failure the last one was. */
  readonly lastFailure: string | undefined;
  /** Events it has not been told yet. */
  readonly pending: number;
}

/** What the methods about logs call. */
export interface LogServices extends AttachDeps {
  readonly files: LogFiles;
  readonly events: EventReader;
  readonly readerStatus: () => ReaderStatus;
  readonly exportStatus: () => ExportStatus;
}

export interface SourceServices {
  list(): readonly SourceState[];
  /** Throws `source_exists`. */
  add(config: SourceConfig): Promise<SourceState> | SourceState;
  /** Its layouts keep running. Throws `source_not_found`. */
  remove(name: string): Promise<void> | void;
  /** Resolves after a pass that began after the call. Throws `source_not_found`. */
  sync(name: string, options: { readonly confirmPrune?: number }): Promise<SourceState>;
}

export interface SourceState extends SourceRecord {
  readonly nextCheckAt?: number;
}
