import type { ContainerSelector } from '../domain/container-selector.ts';
import type { ContainerRecord } from '../domain/containers.ts';
import type { DeclaredRoute } from '../domain/declared-route.ts';
import type { ManifestProblem } from '../domain/errors.ts';
import type { PaneId } from '../domain/ids.ts';
import type { SourceRef } from '../domain/records.ts';
import type { LayoutSpec } from '../domain/spec.ts';
import type { ManifestFile } from '../manifest/manifest-file.ts';
import type { Store, Transaction } from '../reconcile/ports.ts';

/** What the declarative side needs beyond the loop's own ports. */

/** A template or launch profile that was applied, so that later manifests can name it; or a route. */
export interface DeclaredObject {
  readonly kind: 'LayoutTemplate' | 'LaunchProfile' | 'Route';
  readonly name: string;
  /** `apply` or the name of a configured source. */
  readonly source: string;
  readonly path: string;
  /** The normalized content, as JSON data. */
  readonly content: unknown;
}

/** A container that selectors choose from. */
export type KnownContainer = Pick<ContainerRecord, 'key' | 'name' | 'labels' | 'state'>;

/** A layout that was declared for every container its selector chooses. Known by source and name. */
export interface DeclaredSelector {
  readonly source: SourceRef;
  /** The container is empty. */
  readonly spec: SelectingSpec;
}

export type SelectingSpec = LayoutSpec & { readonly selector: ContainerSelector };

export type SourceConfig = DirectorySourceConfig | GitSourceConfig;

interface CommonSourceConfig {
  readonly name: string;
  readonly prune: boolean;
  /** Whether an empty result is believed and may prune everything. */
  readonly allowEmpty: boolean;
  readonly intervalMs: number;
  /** `config` when it stands in config.toml, `command` when `agenttower source add` made it. */
  readonly origin: 'config' | 'command';
}

export interface DirectorySourceConfig extends CommonSourceConfig {
  readonly kind: 'directory';
  readonly path: string;
}

export interface GitSourceConfig extends CommonSourceConfig {
  readonly kind: 'git';
  readonly url: string;
  readonly branch: string;
  /** Directory inside the repository that is read; '' is its root. */
  readonly path: string;
}

/** What is known of a source; kept in the store so that a restart forgets nothing. */
export interface SourceStatus {
  /** Revision last read from the source, last tried, and last applied in full. */
  readonly fetchedRevision?: string;
  readonly attemptedRevision?: string;
  readonly appliedRevision?: string;
  readonly lastError?: string;
  readonly problems: readonly ManifestProblem[];
  readonly pruneBlocked?: string;
  readonly consecutiveFailures: number;
  readonly lastCheckedAt?: number;
  readonly lastAppliedAt?: number;
}

export interface SourceRecord {
  readonly config: SourceConfig;
  readonly status: SourceStatus;
}

export interface NewDeclaredRoute extends DeclaredRoute {
  /** Used when no route of that name stands yet. */
  readonly id: string;
  /** Events up to this seq are not its concern. */
  readonly cursor: number;
}

export interface DeclarationTransaction extends Transaction {
  putObject(object: DeclaredObject): void;
  deleteObject(kind: DeclaredObject['kind'], name: string): void;
  /** Puts it in the place of the one with its source and name. */
  putSelector(selector: DeclaredSelector): void;
  deleteSelector(selector: DeclaredSelector): void;
  /**
   * Makes the route of that name, or changes it in place: its id and how far it got stay, unless it waits for
   * events of another type now. Answers its id.
   */
  declareRoute(route: NewDeclaredRoute): string;
  /** Ends the route of that name; answers the id it had. */
  withdrawRoute(name: string): string | undefined;
  /** Ends the routes that name the agent of a pane by its id; answers their ids. Those that name its label stay. */
  endRoutesOf(pane: PaneId): readonly string[];
  putSource(record: SourceRecord): void;
  deleteSource(name: string): void;
  /** Marks a saved plan as used; false when it was used before. */
  spendPlan(planId: string): boolean;
}

export interface DeclarationStore extends Store {
  /** Identifies this database since its creation; a saved plan of another one is refused. */
  readonly lineage: string;
  objects(): readonly DeclaredObject[];
  sources(): readonly SourceRecord[];
  /** Ordered by source and name. */
  selectors(): readonly DeclaredSelector[];
  /** Whether a saved plan was used already. */
  isPlanSpent(planId: string): boolean;
  transact<T>(write: (tx: DeclarationTransaction) => T): T;
}

/** Everything a source holds at one revision. */
export interface SourceSnapshot {
  /** `main@sha1:…` for git, `sha256:…` of the contents for a directory. */
  readonly revision: string;
  readonly files: readonly ManifestFile[];
  /** Set when the new revision does not descend from the one read before. */
  readonly rewrittenFrom?: string;
}

export type SourceRead =
  | { readonly ok: true; readonly snapshot: SourceSnapshot }
  | { readonly ok: false; readonly problem: string };

/** One configured source, as its driver sees it. */
export interface SourceReader {
  /** Reads the whole source anew. A failure names what was tried and what to do; it never means "empty". */
  read(signal: AbortSignal): Promise<SourceRead>;
  /** Calls `onChange` on hints that something moved (may be spurious, may miss some). Returns its stop. */
  watch(onChange: () => void): () => Promise<void>;
}

export type OpenSource = (config: SourceConfig) => SourceReader;
