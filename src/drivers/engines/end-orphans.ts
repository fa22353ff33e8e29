import { readdirSync, readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/** What a daemon keeps running of programs that may outlive it; each says in its environment which daemon started it. */
const KINDS = [
  { variable: 'AGENTTOWER_CLIENT_OF', isOne: (name: string) => name.startsWith('tmux: client') },
  { variable: 'AGENTTOWER_EVENTS_OF', isOne: (name: string) => /^(docker|podman)$/.test(name) },
] as const;

type Mark = Readonly<Partial<Record<(typeof KINDS)[number]['variable'], string>>>;

/** What a control client is given so that it is known as ours when this daemon was killed. */
export function clientMark(): Mark {
  return { AGENTTOWER_CLIENT_OF: String(process.pid) };
}

/** The same for a stream of an engine's events. */
export function eventsMark(): Mark {
  return { AGENTTOWER_EVENTS_OF: String(process.pid) };
}

/**
 * Ends the control clients and the streams of events that a killed daemon left behind. A client that nobody reads from
 * cannot be told to leave, and a server of tmux 3.3a that was told to end waits for its last client for ever, refusing
 * every new one. A stream notices that nobody reads it when the next event comes, which may be in months.
 * Linux only, where /proc tells; processes of other users are left alone. Never throws.
 */
export async function endOrphans(uid: number): Promise<void> {
  await Promise.all(
    listCandidates().map(async ({ pid, variable }) => {
      if (!(await isOrphan(pid, { variable, uid }))) return;
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has gone by itself.
      }
    }),
  );
}

interface Candidate {
  readonly pid: string;
  readonly variable: string;
}

/** By their names, which are in memory: reading hundreds in turn takes a tenth of asking side by side. */
function listCandidates(): readonly Candidate[] {
  try {
    const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
    return pids.flatMap((pid) => {
      const name = readName(pid);
      const kind = KINDS.find(({ isOne }) => isOne(name));
      return kind === undefined ? [] : [{ pid, variable: kind.variable }];
    });
  } catch {
    return [];
  }
}

function readName(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
  } catch {
    return '';
  }
}

/** One that no longer descends from the daemon that started it. A tmux server can inherit the mark: never that. */
async function isOrphan(
  pid: string,
  { variable, uid }: { readonly variable: string; readonly uid: number },
): Promise<boolean> {
  const owner = await stat(`/proc/${pid}`).catch(() => undefined);
  if (owner?.uid !== uid) return false;
  const environment = (await readText(`/proc/${pid}/environ`)).split('\0');
  const mark = environment.find((entry) => entry.startsWith(`${variable}=`));
  return mark !== undefined && !(await descendsFrom(pid, mark.slice(variable.length + 1)));
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
