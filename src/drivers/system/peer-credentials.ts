import { constants } from 'node:os';
import { type Libc, libc } from './libc.ts';

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_PEERPIDFD = 77;
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

/**
 * A descriptor of the very process that connected, which no other process can come to stand for; the caller closes it.
 * `undefined` when that process is gone, `unsupported` on a kernel before 6.5.
 */
export function openPeerProcess(socket: object): number | 'unsupported' | undefined {
  const descriptor = descriptorOf(socket);
  if (descriptor === undefined) return undefined;
  const opened = Buffer.alloc(4);
  const errno = tryLibc()?.getsockopt(descriptor, SOL_SOCKET, SO_PEERPIDFD, opened);
  if (errno === 0) return opened.readInt32LE(0);
  return errno === constants.errno.ENOPROTOOPT ? 'unsupported' : undefined;
}

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
