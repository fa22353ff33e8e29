import { createServer, type Server, type Socket } from 'node:net';
import type { Scope } from '../../declare/managed/scope.ts';
import { refuse } from '../../domain/errors.ts';
import type { Log } from '../../lib/log.ts';
import { toErrorResponse } from './dispatch.ts';
import type { Method, Peer } from './method.ts';
import { Connection } from './server-connection.ts';
import { createBudget, DEFAULT_LIMITS, type Limits } from './server-limits.ts';
import { listenPrivately, removeSocketFile } from './server-socket-file.ts';
import { createTurns } from './server-turns.ts';

export interface ServerSetup {
  readonly socketPath: string;
  readonly methods: ReadonlyMap<string, Method>;
  /** Credentials of a connection's other end; `undefined` (they cannot be had) refuses the client. */
  readPeer(socket: Socket): Peer | undefined;
  /** Asked once per connection, as soon as it is there: where its other end runs, and from then on what it may touch. */
  identify(socket: Socket, peer: Peer): () => Scope;
  /** The one uid that is served. */
  readonly ownUid: number;
  readonly log: Log;
  readonly limits?: Partial<Limits>;
}

export interface RunningServer {
  /** Stops accepting, lets calls in flight finish for up to 2 s, then cuts; the socket file is gone afterwards. */
  readonly close: () => Promise<void>;
  readonly connections: () => number;
}

/** Serves `methods` on a unix socket. The caller holds the daemon's lock. Throws `path_unsafe`. */
export async function startServer(setup: ServerSetup): Promise<RunningServer> {
  const open = new Set<Connection>();
  const limits = { ...DEFAULT_LIMITS, ...setup.limits };
  const budget = createBudget(limits);
  const turns = createTurns((connection: Connection) => connection.step());
  const wake = (connection: Connection): void => turns.add(connection);

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const peer = admit(socket, setup, limits.lingerMs);
    if (peer === undefined) return;
    const { methods, log } = setup;
    const scope = setup.identify(socket, peer);
    const connection = new Connection(socket, { peer, scope, methods, budget, limits, log, wake });
    open.add(connection);
    socket.on('close', () => open.delete(connection));
  });

  await listenPrivately(server, setup.socketPath, setup.ownUid);
  server.on('error', (error) => setup.log('error', 'socket_failed', { error: error.message }));
  let closing: Promise<void> | undefined;
  return {
    connections: () => open.size,
    close: () => {
      closing ??= closeServer(server, open, limits.closeMs).then(() =>
        removeSocketFile(setup.socketPath),
      );
      return closing;
    },
  };
}

/** The peer, if it may talk to us; else it is told why not and shown out. */
function admit(socket: Socket, setup: ServerSetup, lingerMs: number): Peer | undefined {
  const peer = setup.readPeer(socket);
  if (peer?.uid === setup.ownUid) return peer;
  setup.log('warn', 'socket_peer_uid_mismatch', { peer_uid: peer?.uid ?? -1, peer_pid: peer?.pid });
  const message =
    peer === undefined
      ? 'the daemon cannot tell who is asking, and so refuses'
      : `this daemon serves uid ${setup.ownUid} alone, not uid ${peer.uid}`;
  const refusal = toErrorResponse({}, refuse('internal_error', message, {}), setup.log);
  socket.on('error', () => {});
  socket.resume();
  socket.end(`${JSON.stringify(refusal)}\n`);
  setTimeout(() => socket.destroy(), lingerMs).unref();
  return undefined;
}

async function closeServer(
  server: Server,
  open: ReadonlySet<Connection>,
  closeMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  for (const connection of open) connection.finish();
  const cut = setTimeout(() => {
    for (const connection of open) connection.destroy();
  }, closeMs);
  await closed;
  clearTimeout(cut);
}
