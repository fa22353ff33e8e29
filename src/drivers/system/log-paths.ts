import { closeSync, realpathSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import type { LogPath, LogPaths } from '../../agents/logs/ports.ts';
import { AgentTowerError, refuse } from '../../domain/errors.ts';
import { type ContainerId, LOCAL_CONTAINER } from '../../domain/ids.ts';
import { mapContainerPath } from '../../domain/mount-paths.ts';
import type { PaneLogs } from '../../reconcile/ports.ts';
import { type LoggedContainer, prepareChosenLog } from './mounted-logs.ts';
import { openPrivateFile } from './safe-files.ts';

const PATH_MAX = 4_096;
const SYSTEM = ['/proc', '/sys', '/dev', '/run'];

export interface LogPathsOptions {
  /** What its engine said of a container last; `undefined` when none is known by this key. */
  readonly containerOf: (container: ContainerId) => LoggedContainer | undefined;
  readonly logs: PaneLogs;
  /** Where logs belong, although it lies inside one of `ownDirectories`. */
  readonly logsDir: string;
  /** Directories of the daemon's own, which no pane may write to. */
  readonly ownDirectories: readonly string[];
}

/** Logs on this host. A path the operator chose is checked before anything is made there. */
export function openLogPaths(options: LogPathsOptions): LogPaths {
  const { logs, containerOf } = options;
  return {
    standard: (container, agent) => {
      const prepared = logs.prepare(container, agent);
      if ('problem' in prepared) return prepared;
      const inside = prepared.path;
      if (container === LOCAL_CONTAINER) return { path: inside, inside };
      const mapped = mapContainerPath(inside, containerOf(container)?.mounts ?? []);
      return mapped === undefined
        ? { problem: `the log ${inside} in container ${container} cannot be seen from this host` }
        : { path: mapped.hostPath, inside };
    },
    chosen: (container, path): LogPath => {
      requireSuitable(path, options);
      if (container !== LOCAL_CONTAINER) return chooseInside(path, container, options);
      makeFile(path);
      return { path, inside: path };
    },
  };
}

/** A file in a container is what both sides can see of it, whichever side named it. */
function chooseInside(path: string, container: ContainerId, options: LogPathsOptions): LogPath {
  const known = options.containerOf(container);
  const prepared =
    known === undefined
      ? { problem: `container ${container} is not known` }
      : prepareChosenLog(path, known, (hostPath) => requireSuitable(hostPath, options));
  if ('problem' in prepared) {
    throw refuse('log_path_not_host_visible', prepared.problem, { path, container });
  }
  const hostPath = mapContainerPath(prepared.path, known?.mounts ?? [])?.hostPath ?? path;
  return { path: hostPath, inside: prepared.path };
}

function requireSuitable(path: string, options: LogPathsOptions): void {
  const reason = problemOf(path, options);
  if (reason !== undefined) throw invalid(path, reason);
}

function problemOf(
  path: string,
  { logsDir, ownDirectories }: Pick<LogPathsOptions, 'logsDir' | 'ownDirectories'>,
): string | undefined {
  if (!path.startsWith('/')) return 'is not absolute';
  if (Buffer.byteLength(path) > PATH_MAX) return `is longer than ${PATH_MAX} bytes`;
  if (path.split('/').includes('..')) return 'contains ".."';
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'contains control characters';
  const plain = realPlace(normalize(path));
  const system = SYSTEM.find((directory) => isUnder(plain, directory));
  if (system !== undefined) return `lies under ${system}`;
  const own = ownDirectories.find((directory) => isUnder(plain, directory));
  return own === undefined || isUnder(plain, logsDir) ? undefined : `lies under ${own}`;
}

/** Where a file would really lie: a link to a directory is no way around what is refused. */
function realPlace(path: string): string {
  const directory = dirname(path);
  try {
    return join(realpathSync(directory), basename(path));
  } catch {
    return path;
  }
}

/** 0600 before tmux opens it, so that no shell makes it wider. */
function makeFile(path: string): void {
  try {
    closeSync(openPrivateFile(path));
  } catch (error) {
    if (!(error instanceof AgentTowerError)) throw error;
    const problem = (error as AgentTowerError<'path_unsafe'>).details.problem;
    throw invalid(path, problem);
  }
}

function isUnder(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

function invalid(path: string, reason: string) {
  return refuse('log_path_invalid', `${path} cannot be a log: it ${reason}`, { path, reason });
}
