import { lstatSync, rmSync, type Stats, unlinkSync } from 'node:fs';
import type { Server } from 'node:net';
import { dirname } from 'node:path';
import { type AgentTowerError, refuse } from '../../domain/errors.ts';

/** `sun_path` has 108 bytes with its NUL; Node cuts a longer path silently and listens elsewhere. */
const MAX_SOCKET_PATH_BYTES = 107;
/** At Node's default, clients get EAGAIN while the daemon is busy. */
const BACKLOG = 4_096;

/**
 * Binds `server` to a socket file only its owner can open, and checks that it did. A socket left by a dead
 * daemon is removed: the caller holds the daemon's lock. Throws `path_unsafe`.
 */
export async function listenPrivately(server: Server, path: string, ownUid: number): Promise<void> {
  checkLength(path);
  checkDirectory(dirname(path), ownUid);
  removeStaleSocket(path, ownUid);
  await listen(server, path);
  const problem = problemOf(statOf(path), ownUid);
  if (problem === undefined) return;
  server.close();
  throw unsafe(path, `the new socket ${problem}`);
}

/** Removes the socket file if it still is a socket; a file already gone is what was wanted. */
export function removeSocketFile(path: string): void {
  if (statOf(path)?.isSocket()) rmSync(path, { force: true });
}

/** Whether no kernel takes this path for a socket. */
export function isSocketPathTooLong(path: string): boolean {
  return Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES;
}

function checkLength(path: string): void {
  if (!isSocketPathTooLong(path)) return;
  const bytes = Buffer.byteLength(path);
  const problem = `is ${bytes} bytes long, and a socket path has at most ${MAX_SOCKET_PATH_BYTES}`;
  throw unsafe(path, `${problem}; set XDG_STATE_HOME to a shorter directory`);
}

function checkDirectory(directory: string, ownUid: number): void {
  const stats = statOf(directory);
  if (stats === undefined) throw unsafe(directory, 'does not exist');
  if (!stats.isDirectory()) throw unsafe(directory, 'is not a directory');
  if (stats.uid !== ownUid)
    throw unsafe(directory, `belongs to uid ${stats.uid}, not to ${ownUid}`);
  if ((stats.mode & 0o077) !== 0) {
    throw unsafe(directory, `is open to others (${octal(stats)}); run: chmod 700 '${directory}'`);
  }
}

function removeStaleSocket(path: string, ownUid: number): void {
  const stats = statOf(path);
  if (stats === undefined) return;
  if (!stats.isSocket()) {
    throw unsafe(path, 'is in the way and is not a socket; move it elsewhere');
  }
  if (stats.uid !== ownUid) throw unsafe(path, `belongs to uid ${stats.uid}, not to ${ownUid}`);
  unlinkSync(path);
}

async function listen(server: Server, path: string): Promise<void> {
  const bound = new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(unsafe(path, `cannot be listened on: ${error.code ?? error.message}`));
    });
    server.once('listening', resolve);
  });
  // The bind happens inside listen(), so the file never exists with wider permissions.
  const umask = process.umask(0o177);
  try {
    server.listen({ path, backlog: BACKLOG });
  } finally {
    process.umask(umask);
  }
  await bound;
  server.removeAllListeners('error');
}

function problemOf(stats: Stats | undefined, ownUid: number): string | undefined {
  if (stats === undefined) return 'is not where it was bound';
  if (!stats.isSocket()) return 'was replaced by something else';
  if (stats.uid !== ownUid) return `belongs to uid ${stats.uid}`;
  if ((stats.mode & 0o777) !== 0o600) return `has mode ${octal(stats)} instead of 600`;
  return undefined;
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function octal(stats: Stats): string {
  return (stats.mode & 0o777).toString(8);
}

function unsafe(path: string, problem: string): AgentTowerError {
  return refuse('path_unsafe', `${path} ${problem}`, { path, problem });
}
