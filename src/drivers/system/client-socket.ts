import { lstatSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { refuse } from '../../domain/errors.ts';
import { MOUNTED_SOCKET } from '../../domain/mounted-socket.ts';
import { containerIdsIn } from './cgroup.ts';
import type { Environment } from './paths.ts';

export interface ClientSocket {
  readonly path: string;
  /** AGENTTOWER_SOCKET, the socket mounted into this container, or the one where a daemon started here would listen. */
  readonly source: 'env_override' | 'mounted_default' | 'host_default';
}

/** `sun_path` has 108 bytes with its NUL. */
const MAX_SOCKET_PATH_BYTES = 107;

/**
 * Where a client looks for the daemon. What AGENTTOWER_SOCKET says is never fallen back from. `mounted` is where a
 * container has it. Throws `path_unsafe` for a variable that is no path, or a path no kernel takes.
 */
export function chooseClientSocket(
  env: Environment,
  hostSocket: string,
  mounted = { path: MOUNTED_SOCKET, isInContainer },
): ClientSocket {
  const override = env['AGENTTOWER_SOCKET'];
  if (override !== undefined) {
    const problem = textProblem(override);
    if (problem !== undefined) throw unsafe(override, `AGENTTOWER_SOCKET ${problem}`);
    return { path: override, source: 'env_override' };
  }
  // The file first: on a host it is not there, and nothing else needs to be looked at.
  if (kindOf(mounted.path) === 'socket' && mounted.isInContainer()) {
    return { path: mounted.path, source: 'mounted_default' };
  }
  const problem = lengthProblem(hostSocket);
  if (problem !== undefined) {
    throw unsafe(hostSocket, `${hostSocket} ${problem}; set XDG_STATE_HOME to a shorter directory`);
  }
  return { path: hostSocket, source: 'host_default' };
}

/** What is wrong with the value of AGENTTOWER_SOCKET, the file it names included; `undefined` when nothing is. */
export function overrideProblem(value: string): string | undefined {
  const problem = textProblem(value);
  if (problem !== undefined) return problem;
  const stats = statOf(value);
  if (stats === undefined) return 'does not exist';
  if (!stats.isSymbolicLink()) return stats.isSocket() ? undefined : 'is not a Unix socket';
  const target = statOf(resolve(dirname(value), readlinkSync(value)));
  if (target === undefined) return 'does not exist';
  if (target.isSymbolicLink()) return 'is a symbolic link to another one; name the socket itself';
  return target.isSocket() ? undefined : 'is not a Unix socket';
}

/** What stands at a path, symbolic links followed. */
export function kindOf(path: string): 'missing' | 'socket' | 'other' {
  try {
    return statSync(path).isSocket() ? 'socket' : 'other';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'other';
  }
}

/**
 * Whether this process seems to be in a container. Good enough to choose a path by; what a caller may do is decided by
 * the daemon, which does not ask.
 */
export function isInContainer(): boolean {
  if (['/.dockerenv', '/run/.containerenv'].some((path) => kindOf(path) !== 'missing')) return true;
  const text = ownCgroup();
  return containerIdsIn(text).length > 0 || /(?:docker|containerd|kubepods|lxc)\//.test(text);
}

/** The control groups of this process as it sees them itself; '' where there are none. */
export function ownCgroup(): string {
  try {
    return readFileSync('/proc/self/cgroup', 'utf8');
  } catch {
    return '';
  }
}

function textProblem(value: string): string | undefined {
  if (value === '') return 'value is empty; unset it';
  if (value.includes('\0')) return 'contains a NUL byte';
  if (!isAbsolute(value)) return `must be an absolute path, and is "${value}"`;
  const problem = lengthProblem(value);
  return problem && `${problem}; set AGENTTOWER_SOCKET to a shorter path`;
}

function lengthProblem(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return undefined;
  return `has ${bytes} bytes, and a socket path has at most ${MAX_SOCKET_PATH_BYTES}`;
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function unsafe(path: string, problem: string): Error {
  return refuse('path_unsafe', problem, { path, problem });
}
