import type { ContainerId } from './ids.ts';

/**
 * Containers as we know them. They belong to somebody else: we find them and put panes into them; nothing here
 * makes, restarts or removes one.
 */

export type ContainerState =
  | 'running'
  | 'paused'
  /** There, with no process in it: created, exited, dead. */
  | 'exited'
  /** The engine answered, and it has no such container (any more). */
  | 'missing'
  /** The engine has not answered. */
  | 'unknown';

/** One container as its engine describes it. */
export interface EngineContainer {
  /** The engine's 64 hexadecimal digits. */
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts: readonly ContainerMount[];
  /** `Config.User` as the engine gives it, whole; empty when the image sets none. */
  readonly user: string;
  readonly workingDir: string;
  readonly state: Exclude<ContainerState, 'missing' | 'unknown'>;
  /** The engine's own words, for a person: `Exited (0) 3 minutes ago`. */
  readonly status: string;
  /** When this life of it began, as the engine writes it; empty when it never ran. */
  readonly startedAt: string;
}

export interface ContainerMount {
  readonly type: string;
  /** On the host. */
  readonly source: string;
  /** Inside the container. */
  readonly target: string;
  readonly isWritable: boolean;
}

/** What an engine answered when it was asked for its containers. */
export interface ContainerListing {
  readonly containers: readonly EngineContainer[];
  /** Those that are there but could not be described, by id: nothing may be concluded about them. */
  readonly problems: ReadonlyMap<string, ListingProblem>;
}

/** Why an engine, or one of its containers, gave no answer; the message tells a person what to do. */
export interface ListingProblem {
  readonly code: string;
  readonly message: string;
}

/** A container we keep track of, with what its engine said last. */
export interface ContainerRecord extends Omit<EngineContainer, 'state'> {
  /**
   * What layouts refer to, and what stays the same when the container is made anew under its name: its name, or
   * `<engine>:<name>` when another engine had a container of that name first.
   */
  readonly key: ContainerId;
  readonly engine: string;
  readonly state: ContainerState;
  readonly firstSeenAt: number;
  readonly lastScannedAt: number;
}

/** Names one life of a container: another one is another epoch, and voids every tmux id. */
export function incarnationOf({
  id,
  startedAt,
}: Pick<EngineContainer, 'id' | 'startedAt'>): string {
  return `${id}@${startedAt}`;
}
