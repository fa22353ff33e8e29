import type { ContainerId } from '../../domain/ids.ts';
import type { UnknownObservation } from '../../domain/observed.ts';

/** What the tmux driver needs of an engine: where one tmux server lives and how to reach it. */
export interface TmuxHost {
  readonly container: ContainerId;
  /** argv that runs `tmux` with these arguments there, with stdin and stdout connected. UTF-8 locale, no TMUX. */
  tmuxArgv(args: readonly string[]): readonly string[];
  /** Environment of that argv, the whole of it; our own when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Which life of the container this is. Asked for before and after every look; cheap, never throws. */
  incarnation(): Promise<Incarnation>;
  /** Home of the user the panes run as, absolute, as the container sees it. */
  readonly homeDir: string;
  /** The server is ours alone: we may set its options and hooks. */
  readonly ownsServer: boolean;
  /** TERM of its panes; tmux's own default when absent. */
  readonly defaultTerminal?: string;
  /** A command that installs tmux there, for the message when it is missing. */
  readonly installCommand: string;
  /** Added to `env` for the control client, which may outlive us when we are killed. */
  readonly clientMark?: Readonly<Record<string, string>>;
  /** The user's other tmux servers there, which are not ours. */
  readonly others?: OtherServers;
  /** Called before a client is started: clears away what would keep it from reaching the server. Never throws. */
  prepare?(): Promise<void>;
}

/** Servers that only plain clients visit, because a client that stays would be seen by their owner. */
export interface OtherServers {
  /** Absolute paths of their sockets, dead ones too. Never rejects. */
  list(): Promise<readonly string[]>;
  /** As `tmuxArgv`, for the server at a socket. */
  tmuxArgv(socket: string, args: readonly string[]): readonly string[];
}

export type Incarnation =
  | { readonly kind: 'running'; readonly id: string }
  | { readonly kind: 'stopped'; readonly message: string }
  | {
      readonly kind: 'unknown';
      readonly reason: UnknownObservation['reason'];
      readonly message: string;
    };
