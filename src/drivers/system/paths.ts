import { isAbsolute, join } from 'node:path';
import { refuse } from '../../domain/errors.ts';

export interface Paths {
  readonly configDir: string;
  readonly configFile: string;
  readonly stateDir: string;
  readonly database: string;
  readonly eventsFile: string;
  readonly logsDir: string;
  /** What the daemon logs about itself. */
  readonly daemonLog: string;
  /** Where the daemon listens. */
  readonly socket: string;
  /** Where clients connect: `socket`, unless AGENTTOWER_SOCKET says otherwise. */
  readonly clientSocket: string;
  /** The one directory to mount into containers: nothing but a socket is in it. */
  readonly runDir: string;
  /** Where the daemon listens for containers. */
  readonly containerSocket: string;
  readonly lockFile: string;
  readonly pidFile: string;
  readonly cacheDir: string;
  /** Working copies of Git sources. */
  readonly sourcesDir: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const SOCKET_NAME = 'agenttowerd.sock';
const NAMESPACE = join('opensoft', 'agenttower');
/** `sun_path` has 108 bytes with its NUL. */
const MAX_SOCKET_PATH_BYTES = 107;

/**
 * Where everything lives, by the XDG base directories (an empty variable counts as unset) under `home`.
 * Touches no file. Throws `path_unsafe` for a relative base or a socket path no kernel takes.
 */
export function resolvePaths(env: Environment, home: string): Paths {
  const configDir = join(baseOf(env, home, 'XDG_CONFIG_HOME', '.config'), NAMESPACE);
  const stateDir = join(baseOf(env, home, 'XDG_STATE_HOME', '.local/state'), NAMESPACE);
  const cacheDir = join(baseOf(env, home, 'XDG_CACHE_HOME', '.cache'), NAMESPACE);
  const logsDir = join(stateDir, 'logs');
  const socket = join(stateDir, SOCKET_NAME);
  const runDir = join(stateDir, 'run');
  return {
    configDir,
    configFile: join(configDir, 'config.toml'),
    stateDir,
    database: join(stateDir, 'agenttower.sqlite3'),
    eventsFile: join(stateDir, 'events.jsonl'),
    logsDir,
    daemonLog: join(logsDir, 'agenttowerd.log'),
    socket,
    clientSocket: clientSocketOf(env, socket),
    runDir,
    containerSocket: join(runDir, SOCKET_NAME),
    lockFile: join(stateDir, 'agenttowerd.lock'),
    pidFile: join(stateDir, 'agenttowerd.pid'),
    cacheDir,
    sourcesDir: join(cacheDir, 'sources'),
  };
}

function baseOf(env: Environment, home: string, variable: string, fallback: string): string {
  const value = env[variable];
  if (value !== undefined && value !== '') return requireAbsolute(variable, value);
  return join(requireAbsolute('HOME', home), fallback);
}

function clientSocketOf(env: Environment, socket: string): string {
  const override = env['AGENTTOWER_SOCKET'];
  if (override === undefined || override === '') {
    return requireShort(socket, 'set XDG_STATE_HOME to a shorter directory');
  }
  requireAbsolute('AGENTTOWER_SOCKET', override);
  return requireShort(override, 'set AGENTTOWER_SOCKET to a shorter path');
}

function requireAbsolute(variable: string, path: string): string {
  if (isAbsolute(path) && !path.includes('\0')) return path;
  const problem = `${variable} must be an absolute path`;
  throw refuse('path_unsafe', `${problem}, and is "${path}"`, { path, problem });
}

function requireShort(socket: string, remedy: string): string {
  const bytes = Buffer.byteLength(socket);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return socket;
  const problem = `a socket path has at most ${MAX_SOCKET_PATH_BYTES} bytes, and this has ${bytes}`;
  throw refuse('path_unsafe', `${socket}: ${problem}; ${remedy}`, { path: socket, problem });
}
