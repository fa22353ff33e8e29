import { closeSync, fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { refuse } from '../../domain/errors.ts';
import { libc } from './libc.ts';
import { openPrivateFile } from './safe-files.ts';

export interface DaemonLock {
  /** Lets the next daemon in. The file stays: removing it would let two processes lock two files. */
  release(): void;
}

const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Makes this process the one daemon of `lockFile`'s directory, for as long as it lives: the kernel drops the lock
 * with the process, however it ends. Throws `daemon_running` when another one holds it, or `path_unsafe`.
 */
export function acquireDaemonLock(lockFile: string): DaemonLock {
  const descriptor = openPrivateFile(lockFile);
  try {
    lock(descriptor, lockFile);
    ftruncateSync(descriptor);
    writeSync(descriptor, `${process.pid}\n`);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  let isHeld = true;
  return {
    release() {
      if (isHeld) closeSync(descriptor);
      isHeld = false;
    },
  };
}

function lock(descriptor: number, lockFile: string): void {
  const errno = libc().flock(descriptor, LOCK_EX | LOCK_NB);
  if (errno === 0) return;
  if (errno !== constants.errno.EWOULDBLOCK) {
    const problem = `cannot be locked (errno ${errno}); is it on a network file system?`;
    throw refuse('path_unsafe', `${lockFile} ${problem}`, { path: lockFile, problem });
  }
  const pid = readPid(descriptor);
  const who = pid === undefined ? 'another daemon' : `the daemon with pid ${pid}`;
  throw refuse(
    'daemon_running',
    `${who} holds ${lockFile}; stop it with \`agenttower stop-daemon\``,
    {
      lock: lockFile,
      ...(pid === undefined ? {} : { pid }),
    },
  );
}

/** What the holder wrote; for people, it proves nothing. */
function readPid(descriptor: number): number | undefined {
  const body = Buffer.alloc(Math.min(fstatSync(descriptor).size, 32));
  readSync(descriptor, body, 0, body.length, 0);
  const pid = Number.parseInt(body.toString('latin1'), 10);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}
