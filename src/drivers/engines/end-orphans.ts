import { readdir, readFile, stat } from 'node:fs/promises';

/** Says in a control client's environment which daemon started it. */
const PARENT_VARIABLE = 'AGENTTOWER_CLIENT_OF';

/** What a client is given so that it is known as ours when this daemon was killed. */
export function clientMark(): Readonly<Record<string, string>> {
  return { [PARENT_VARIABLE]: String(process.pid) };
}

/**
 * Ends the control clients that a killed daemon left behind. A client that nobody reads from cannot be told to leave,
 * and a server of tmux 3.3a that was told to end waits for its last client for ever, refusing every new one.
 * Linux only, where /proc tells; processes of other users are left alone. Never throws.
 */
export async function endOrphans(uid: number): Promise<void> {
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.filter((entry) => /^\d+$/.test(entry));
  await Promise.all(
    pids.map(async (pid) => {
      if (!(await isOrphan(pid, uid))) return;
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has gone by itself.
      }
    }),
  );
}

/** A tmux client whose parent is no longer the daemon that started it. A server can inherit the mark: never that. */
async function isOrphan(pid: string, uid: number): Promise<boolean> {
  if (!(await readText(`/proc/${pid}/comm`)).startsWith('tmux: client')) return false;
  const owner = await stat(`/proc/${pid}`).catch(() => undefined);
  if (owner?.uid !== uid) return false;
  const environment = (await readText(`/proc/${pid}/environ`)).split('\0');
  const mark = environment.find((entry) => entry.startsWith(`${PARENT_VARIABLE}=`));
  if (mark === undefined) return false;
  const parent = /^PPid:\s*(\d+)$/m.exec(await readText(`/proc/${pid}/status`))?.[1];
  return parent !== undefined && mark !== `${PARENT_VARIABLE}=${parent}`;
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
