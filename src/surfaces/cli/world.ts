import type { Surroundings } from '../../domain/surroundings.ts';
import type { ManifestFile } from '../../manifest/manifest-file.ts';
import type { Client, ConnectOptions } from '../api/client.ts';

/** Everything the command line touches outside itself. The binary wires it; tests bring their own. */
export interface CliWorld {
  /** What the user typed after `agenttower`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly version: string;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly paths: CliPaths;
  readonly machine: Machine;
  /** Everything on standard input, to its end. */
  stdin(): Promise<string>;
  /** What stands on standard input within `ms`; nothing of a terminal. Never rejects. */
  stdinWithin(ms: number): Promise<string>;
  /** One file as it is, or every `*.yaml` and `*.yml` below a directory, sorted by path. Rejects when unreadable. */
  readFiles(path: string): Promise<readonly ManifestFile[]>;
  /** Writes the file through a rename, so that a reader sees all of it or nothing. */
  writeFile(path: string, text: string): Promise<void>;
  /** Rejects with `daemon_unreachable` when nobody answers. */
  connect(options: ConnectOptions): Promise<CliClient>;
  /** Starts agenttowerd in the background, in a session of its own. */
  startDaemon(): Promise<StartedDaemon>;
  /** Runs argv on this terminal and resolves with its exit code. */
  execAttached(argv: readonly string[]): Promise<number>;
  /** Writes a commented config.toml unless there is one. */
  initConfig(): Promise<{ readonly path: string; readonly created: boolean }>;
  /** Calls back on the first Ctrl-C; a second one ends the process. Returns how to stop listening. */
  onInterrupt(listener: () => void): () => void;
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface OutputStream {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

interface CliPaths {
  readonly configFile: string;
  readonly stateDb: string;
  readonly eventsFile: string;
  readonly logsDir: string;
  /** Where the command line looks for the daemon. */
  readonly socket: string;
  /** Where a daemon started here listens: the same, unless the environment chose another. */
  readonly daemonSocket: string;
  readonly cacheDir: string;
  /** AGENTTOWER_SOCKET, the one mounted into this container, or the one where a daemon started here would listen. */
  readonly socketSource: 'env_override' | 'mounted_default' | 'host_default';
  /** What containers get mounted. */
  readonly runDir: string;
}

/** One open connection to the daemon. Errors carry the daemon's own code. */
export type CliClient = Client;

export interface StartedDaemon {
  /** Whether the process has ended by now. */
  hasExited(): boolean;
  /** The last lines the daemon logged, for a person to read. */
  logTail(): Promise<string>;
}

/** What `doctor` asks of the machine. */
export interface Machine {
  readonly nodeVersion: string;
  /** First line of what the program prints; `undefined` when it could not be run. */
  firstLineOf(argv: readonly string[]): Promise<string | undefined>;
  /** Permission bits and owner; `undefined` when the path is not there. */
  modeOf(path: string): Promise<{ readonly mode: number; readonly isOurs: boolean } | undefined>;
  readText(path: string): Promise<string | undefined>;
  /** Rejects with `config_invalid` when config.toml has mistakes; a missing file has none. */
  checkConfig(): Promise<void>;
  surroundings(): Promise<Surroundings>;
  /** The newest version of the database this program knows; `undefined` when that cannot be told. */
  schemaVersion(): Promise<number | undefined>;
}
