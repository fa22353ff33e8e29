import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';
import { AgentTowerError, refuse } from '../../domain/errors.ts';

/**
 * Files of the daemon's own directories are its owner's alone. What is missing is created that tight; what exists
 * and is wider, a symlink or somebody else's is refused and never mended: somebody made it so for a reason.
 */

export const DIRECTORY_MODE = 0o700;
export const FILE_MODE = 0o600;

/** Makes `directory` (0700; missing parents too) or checks the one that is there. Throws `path_unsafe`. */
export function ensurePrivateDirectory(directory: string): void {
  makeDirectories(directory, DIRECTORY_MODE);
  requirePrivateDirectory(directory);
}

/**
 * Makes `directory` and the parents it lacks, unless it is there. Throws `path_unsafe`. Node's own way tries for ever
 * where a file system takes no new directories and says that they are missing, as `/proc` does.
 */
export function makeDirectories(directory: string, mode: number): void {
  try {
    if (statOf(directory) !== undefined) return;
    makeDirectories(dirname(directory), mode);
    mkdirSync(directory, { mode });
  } catch (error) {
    if (error instanceof AgentTowerError) throw error;
    // Somebody else was first; what they made is looked at like anything found.
    if (codeOf(error) !== 'EEXIST') throw unusable(directory, 'created', error);
  }
}

/** Throws `path_unsafe` unless `directory` is there, a directory of ours, and closed to others. */
export function requirePrivateDirectory(directory: string): void {
  const stats = statOf(directory);
  if (stats === undefined) throw unsafe(directory, 'does not exist', 'run: agenttower config init');
  if (!stats.isDirectory()) throw wrongKind(directory, stats, 'directory');
  requirePrivate(directory, stats, { widest: DIRECTORY_MODE });
}

/**
 * Opens a regular file of ours for reading and appending, creating it (0600) if missing. Returns the descriptor,
 * which is not inherited by child processes. Throws `path_unsafe`.
 */
export function openPrivateFile(file: string): number {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  let descriptor: number;
  try {
    // O_NONBLOCK: opening a pipe someone put there must not wait for its other end.
    const flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
    descriptor = openSync(file, flags, FILE_MODE);
  } catch (error) {
    const stats = statOf(file);
    if (stats !== undefined && !stats.isFile()) throw wrongKind(file, stats, 'regular file');
    throw unusable(file, 'opened', error);
  }
  try {
    requirePrivateFile(file, fstatSync(descriptor));
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Throws `path_unsafe` unless `stats`, taken of `file`, is a regular file of ours closed to others. */
function requirePrivateFile(file: string, stats: Stats): void {
  if (!stats.isFile()) throw wrongKind(file, stats, 'regular file');
  requirePrivate(file, stats, { widest: FILE_MODE });
}

/** Checks a file that may be missing. */
export function requirePrivateFileIfPresent(file: string): void {
  const stats = statOf(file);
  if (stats !== undefined) requirePrivateFile(file, stats);
}

/** Throws `path_unsafe` unless what `stats` were taken of is its owner's alone: ours, or `owner`'s when given. */
export function requirePrivate(
  path: string,
  stats: Stats,
  { widest, owner }: { readonly widest: number; readonly owner?: number | undefined },
): void {
  const ownUid = process.geteuid?.();
  if (stats.uid !== ownUid && stats.uid !== owner) {
    throw unsafe(path, `belongs to uid ${stats.uid}, not to ${ownUid}`, 'move it elsewhere');
  }
  const mode = stats.mode & 0o777;
  if ((mode & ~widest) === 0) return;
  const [has, may] = [mode.toString(8), widest.toString(8)];
  throw unsafe(path, `has mode ${has}, wider than ${may}`, `run: chmod ${may} '${path}'`);
}

export function wrongKind(path: string, stats: Stats, wanted: string): AgentTowerError {
  const found = stats.isSymbolicLink() ? 'a symbolic link' : kindOf(stats);
  return unsafe(path, `is ${found}, not a ${wanted}`, 'move it elsewhere');
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  return stats.isFile() ? 'a regular file' : 'a special file';
}

export function unusable(path: string, done: string, error: unknown): AgentTowerError {
  const problem = `cannot be ${done}: ${codeOf(error) ?? String(error)}`;
  return unsafe(path, problem, 'check the permissions of its directory and the space on its disk');
}

export function unsafe(path: string, problem: string, remedy: string): AgentTowerError {
  return refuse('path_unsafe', `${path} ${problem}; ${remedy}`, { path, problem });
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
