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

/** A tmux client that no longer descends from the daemon that started it. A server can inherit the mark: never that. */
async function isOrphan(pid: string, uid: number): Promise<boolean> {
  if (!(await readText(`/proc/${pid}/comm`)).startsWith('tmux: client')) return false;
  const owner = await stat(`/proc/${pid}`).catch(() => undefined);
  if (owner?.uid !== uid) return false;
  const environment = (await readText(`/proc/${pid}/environ`)).split('\0');
  const mark = environment.find((entry) => entry.startsWith(`${PARENT_VARIABLE}=`));
  return mark !== undefined && !(await descendsFrom(pid, mark.slice(PARENT_VARIABLE.length + 1)));
}

/** Through whatever shells there are in between. A process that is just ending counts as one that does. */
async function descendsFrom(pid: string, ancestor: string): Promise<boolean> {
  for (let at = pid; at !== '0'; ) {
    const parent = /^PPid:\s*(\d+)$/m.exec(await readText(`/proc/${at}/status`))?.[1];
    if (parent === undefined || parent === ancestor) return true;
    at = parent;
  }
  return false;
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
