import type { ContainerId } from '../../domain/ids.ts';
import type { StoppedObservation, UnknownObservation } from '../../domain/observed.ts';
import type { Result } from '../../lib/result.ts';

/** What the tmux driver needs of an engine: where one tmux server lives and how to reach it. */
export interface TmuxHost {
  readonly container: ContainerId;
  /**
   * argv that runs `tmux` with these arguments there, with stdin and stdout connected. UTF-8 locale, no TMUX. With
   * `timeoutMs` the client also ends there when the time is up, in case killing ours does not reach it. `through` is
   * run in its place, with the client's command line as its last arguments.
   */
  tmuxArgv(
    args: readonly string[],
    timeoutMs?: number,
    through?: readonly string[],
  ): readonly string[];
  /** The way there costs much more than a process does: several can be started in one go. */
  readonly shell?: HostShell;
  /** Environment of that argv, the whole of it; our own when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * Which life of the container this is, and that tmux can be run in it. Asked for before every run, and before and
   * after every look; cheap but for the first time in each life. Never rejects.
   */
  incarnation(): Promise<Incarnation>;
  /** A client ended that should not have: the next `incarnation` must not answer from memory. */
  suspect?(): void;
  /** As programs in its panes name it. Known once `incarnation` says running. */
  readonly socketPath: string;
  /** Home of the user the panes run as, absolute, as the container sees it. Known once `incarnation` says running. */
  readonly homeDir: string;
  /** As `tmux -V` says it, without its name; a recent one when absent. Known once `incarnation` says running. */
  readonly tmuxVersion?: string | undefined;
  /** The server is ours alone: we may set its options and hooks. */
  readonly ownsServer: boolean;
  /** TERM of its panes; tmux's own default when absent. */
  readonly defaultTerminal?: string;
  /** A command that installs tmux there, for the message when it is missing. */
  readonly installCommand: string;
  /** Added to `env` for the control client, which may outlive us when we are killed. */
  readonly clientMark?: Readonly<Record<string, string>>;
  /** The other tmux servers of the same user there, which are not ours. */
  readonly others: OtherServers;
  /**
   * Called before a client is started: clears away what would keep it from reaching the server. Answers why there is a
   * server that no client reaches, beside which the next would start a second one. Never rejects.
   */
  prepare?(): Promise<Obstacle | undefined>;
}

export type Obstacle = Pick<UnknownObservation, 'reason' | 'message'>;

/** A shell beside the tmux server. */
export interface HostShell {
  /** argv that runs a script of plain `sh` there, with stdin and stdout connected. */
  argv(script: string): readonly string[];
  /** As the host's, for within such a script. */
  tmuxArgv(args: readonly string[], timeoutMs?: number): readonly string[];
}

/** Servers that only plain clients visit, because a client that stays would be seen by their owner. */
export interface OtherServers {
  /** Absolute paths of their sockets, dead ones too. Bounded in time; never rejects. */
  list(): Promise<Result<readonly string[], Pick<UnknownObservation, 'reason' | 'message'>>>;
  /** As `tmuxArgv`, for the server at a socket. */
  tmuxArgv(socket: string, ...how: Parameters<TmuxHost['tmuxArgv']>): readonly string[];
}

export type Incarnation =
  | {
      readonly kind: 'running';
      readonly id: string;
      /** When this stretch of running began, as far as anybody saw, ms since 1970. */
      readonly runningSince?: number;
    }
  | Omit<StoppedObservation, 'container'>
  | Omit<UnknownObservation, 'container'>;
