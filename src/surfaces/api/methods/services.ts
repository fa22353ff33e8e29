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

/** Everything the methods call. They are thin: they edit desired state or read recorded state. */
export interface Services extends WhatIfDeps, OperateDeps, ManagedDeps {
  readonly ids: Ids;
  readonly policy: Policy;
  readonly lastObservation: (container: ContainerId) => Observation | undefined;
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
  readonly daemonStatus: () => Omit<StatusResult, 'layouts' | 'panes' | 'caller'>;
  /** Begins an orderly shutdown once the answer is on its way. */
  readonly shutdown: () => void;
  /** Resolves after the next commit, or when the signal aborts. */
  readonly nextCommit: (signal: AbortSignal) => Promise<void>;
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
