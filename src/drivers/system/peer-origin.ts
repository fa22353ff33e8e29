import { closeSync, constants, openSync, readFileSync, readlinkSync } from 'node:fs';
import { containerIdOf } from './cgroup.ts';
import { openPeerProcess } from './peer-credentials.ts';

/** Where a process runs. `engineId` is what its engine calls the container; absent when that is in doubt. */
export type PeerOrigin =
  | { readonly kind: 'host' }
  | { readonly kind: 'container'; readonly engineId?: string };

const UNRESOLVED: PeerOrigin = { kind: 'container' };
const NAMESPACES = ['pid', 'mnt'];
/** The host's, and the container's. One more is something inside the container that keeps to itself. */
const MAX_PID_NAMESPACES = 2;

/**
 * Where the process at the other end of `socket` runs, by the kernel's word alone: on the host if it sees the processes
 * and files that we see, else in the container its control group names. Ask at once: a process that has ended by now is
 * unresolved, and so is one whose number has passed to another.
 */
export function readPeerOrigin(socket: object, pid: number): PeerOrigin {
  if (pid <= 0) return UNRESOLVED;
  let folder: number | undefined;
  try {
    // Whatever is read through it is of the process that had this number now; of a dead one nothing can be read.
    folder = openSync(`/proc/${pid}`, constants.O_RDONLY | constants.O_DIRECTORY);
    if (!isStillPeer(socket, pid)) return UNRESOLVED;
    return originOf(`/proc/self/fd/${folder}`);
  } catch {
    return UNRESOLVED;
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}

/** As `readPeerOrigin`, of the process that a directory of /proc shows. */
export function originOf(folder: string): PeerOrigin {
  if (sharesOurNamespaces(folder)) return { kind: 'host' };
  const engineId = containerIdOf(readFileSync(`${folder}/cgroup`, 'utf8'));
  if (engineId === undefined) return UNRESOLVED;
  const depth = pidNamespacesIn(readFileSync(`${folder}/status`, 'utf8'));
  return depth >= 1 && depth <= MAX_PID_NAMESPACES ? { kind: 'container', engineId } : UNRESOLVED;
}

/** How many numbers a process has: one in each namespace from ours down to its own. 0 when the kernel does not tell. */
export function pidNamespacesIn(status: string): number {
  const [, numbers = ''] = /^NSpid:([\d\t ]*)$/m.exec(status) ?? [];
  return numbers.split(/\s+/).filter((number) => number !== '').length;
}

/** A process keeps them for as long as it lives. */
let ours: readonly string[] | undefined;

/** The namespaces of a process that others may not look into cannot be read: it does not count as the host's. */
function sharesOurNamespaces(folder: string): boolean {
  try {
    ours ??= NAMESPACES.map((name) => readlinkSync(`/proc/self/ns/${name}`));
    return NAMESPACES.every((name, at) => readlinkSync(`${folder}/ns/${name}`) === ours?.[at]);
  } catch {
    return false;
  }
}

/** Whether the process that connected still has this number. A kernel before 6.5 cannot tell, and is believed. */
function isStillPeer(socket: object, pid: number): boolean {
  const process = openPeerProcess(socket);
  if (process === 'unsupported') return true;
  if (process === undefined) return false;
  try {
    const [, number] =
      /^Pid:\s*(-?\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${process}`, 'utf8')) ?? [];
    return Number(number) === pid;
  } finally {
    closeSync(process);
  }
}
