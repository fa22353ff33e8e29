import { readlinkSync } from 'node:fs';
import { type Libc, libc } from './libc.ts';

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** `struct ucred`: pid, uid, gid. */
const UCRED_BYTES = 12;

/**
 * Who connected, by the kernel's word at connect time. `undefined` when it cannot be known: the socket is closed
 * already or the platform does not tell. A pid of 0 is a process this pid namespace cannot see.
 */
export function readPeer(socket: object): PeerCredentials | undefined {
  const descriptor = descriptorOf(socket);
  if (descriptor === undefined) return undefined;
  const ucred = Buffer.alloc(UCRED_BYTES);
  if (tryLibc()?.getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, ucred) !== 0) return undefined;
  return { pid: ucred.readInt32LE(0), uid: ucred.readUInt32LE(4), gid: ucred.readUInt32LE(8) };
}

/** Whether process `pid` sees the processes and files we see; false (a container, or gone) when in doubt. */
export function peerIsOnHost(pid: number): boolean {
  try {
    return NAMESPACES.every(
      (name) => readlinkSync(`/proc/${pid}/ns/${name}`) === readlinkSync(`/proc/self/ns/${name}`),
    );
  } catch {
    return false;
  }
}

const NAMESPACES = ['pid', 'mnt'];

/** Node has no public way to a socket's descriptor; this has carried it in every version. */
const HANDLE = '_handle';

function descriptorOf(socket: object): number | undefined {
  const handle = (socket as Readonly<Record<string, { readonly fd?: unknown } | null | undefined>>)[
    HANDLE
  ];
  const descriptor = handle?.fd;
  return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : undefined;
}

function tryLibc(): Libc | undefined {
  try {
    return libc();
  } catch {
    return undefined;
  }
}
