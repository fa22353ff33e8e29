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

/**
 * Where everything lives, by the XDG base directories (an empty variable counts as unset) under `home`.
 * Touches no file. Throws `path_unsafe` for a relative base.
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

function requireAbsolute(variable: string, path: string): string {
  if (isAbsolute(path) && !path.includes('\0')) return path;
  const problem = `${variable} must be an absolute path`;
  throw refuse('path_unsafe', `${problem}, and is "${path}"`, { path, problem });
}
