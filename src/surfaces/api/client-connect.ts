import { createConnection, type Socket } from 'node:net';
import { AgentTowerError } from '../../domain/errors.ts';
import { MOUNTED_SOCKET } from '../../domain/mounted-socket.ts';

const FIRST_PAUSE_MS = 5;
const MAX_PAUSE_MS = 200;

/**
 * Connects to a unix socket. A full backlog (EAGAIN) is tried again until `timeoutMs` is over, with jitter so that
 * many clients do not come back together. Throws `daemon_unreachable`.
 */
export async function connectSocket(socketPath: string, timeoutMs: number): Promise<Socket> {
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
    const outcome = await tryConnect(socketPath, deadline - performance.now());
    if (typeof outcome === 'object') return outcome;
    if (outcome !== 'EAGAIN' || performance.now() + pauseMs > deadline) {
      throw unreachable(socketPath, outcome);
    }
    await pause(pauseMs * (0.5 + Math.random()));
  }
}

/** A socket, or the code of the error that prevented it. */
function tryConnect(socketPath: string, timeoutMs: number): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = createConnection({ path: socketPath, allowHalfOpen: true });
    const timer = setTimeout(() => fail('ETIMEDOUT'), timeoutMs);
    const fail = (code: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(code);
    };
    socket.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

function unreachable(socketPath: string, code: string): AgentTowerError {
  return new AgentTowerError('daemon_unreachable', messageFor(socketPath, code), {
    details: { socket: socketPath },
    cause: Object.assign(new Error(code), { code }),
  });
}

function messageFor(socketPath: string, code: string): string {
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return `no daemon answers at ${socketPath}; start it${whereFor(socketPath)} with \`agenttower ensure-daemon\``;
    case 'EACCES':
    case 'EPERM':
      return `${socketPath} belongs to another user's daemon; check AGENTTOWER_SOCKET`;
    case 'EAGAIN':
    case 'ETIMEDOUT':
      return `the daemon at ${socketPath} is too busy to take a connection; try again`;
    default:
      return `cannot connect to ${socketPath}: ${code}`;
  }
}

function whereFor(socketPath: string): string {
  return socketPath === MOUNTED_SOCKET ? ' on the host' : '';
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
