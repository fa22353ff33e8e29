import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const REVIVED_WITHIN_MS = 1_000;
const LISTENING = '00010000';

/** A server that listens where nobody can reach it. */
export interface LostServer {
  readonly pid: number;
}

/**
 * A function that, when the socket file is gone but a tmux server still listens behind its name, asks that server
 * (SIGUSR1) to make the file anew: else the next client would start a second server beside it. It answers that server
 * when the file does not come. Linux only, where /proc tells; a server of another user is left alone. Callers that
 * find the file gone share one attempt; an attempt that began while the file was there is nobody's to wait for.
 * Never rejects.
 */
export function openSocketReviver(socketPath: string): () => Promise<LostServer | undefined> {
  let reviving: Promise<LostServer | undefined> | undefined;
  return async () => {
    if (existsSync(socketPath)) return undefined;
    reviving ??= revive(socketPath).finally(() => {
      reviving = undefined;
    });
    return reviving;
  };
}

async function revive(socketPath: string): Promise<LostServer | undefined> {
  const pid = await findListener(socketPath);
  if (pid === undefined) return undefined;
  // tmux makes the file alone, and whoever cleans up may have taken its directory too.
  await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 }).catch(() => undefined);
  try {
    process.kill(pid, 'SIGUSR1');
  } catch {
    return undefined; // It has gone.
  }
  const deadline = performance.now() + REVIVED_WITHIN_MS;
  while (!existsSync(socketPath)) {
    if (performance.now() >= deadline) return { pid };
    await sleep(5);
  }
  return undefined;
}

/** The tmux server whose listening socket was bound to this path, though the path may be gone. */
async function findListener(socketPath: string): Promise<number | undefined> {
  const table = await readText('/proc/net/unix');
  const inodes = new Set<string>();
  for (const row of table.split('\n')) {
    // Num RefCount Protocol Flags Type St Inode Path; connections have the path too.
    const fields = row.trim().split(/ +/);
    const isListening = fields[3] === LISTENING;
    if (isListening && fields.slice(7).join(' ') === socketPath && fields[6]) {
      inodes.add(`socket:[${fields[6]}]`);
    }
  }
  if (inodes.size === 0) return undefined;
  for (const entry of await list('/proc')) {
    if (/^\d+$/.test(entry) && (await isTmuxServer(entry)) && (await holds(entry, inodes))) {
      return Number(entry);
    }
  }
  return undefined;
}

async function isTmuxServer(pid: string): Promise<boolean> {
  return (await readText(`/proc/${pid}/comm`)).startsWith('tmux: server');
}

async function holds(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  for (const fd of await list(`/proc/${pid}/fd`)) {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
    if (inodes.has(target)) return true;
  }
  return false;
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function list(path: string): Promise<readonly string[]> {
  return readdir(path).catch(() => []);
}
