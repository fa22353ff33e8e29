import { refuse } from '../../domain/errors.ts';
import { connectSocket } from './client-connect.ts';
import { type OnEvent, openWire, type Wire } from './client-wire.ts';

export interface ConnectOptions {
  readonly socketPath: string;
  /** How long to try to connect; default 2 s. */
  readonly timeoutMs?: number;
}

export interface CallOptions {
  /** How long to wait for the answer; default 30 s, `Infinity` for as long as the daemon lives. */
  readonly timeoutMs?: number;
}

export interface Client {
  /** The result of one call; throws the daemon's error, or `daemon_unreachable` when no answer comes. */
  call<T>(method: string, params?: object, options?: CallOptions): Promise<T>;
  /**
   * Gives every streamed event to `onEvent`, in order, until the daemon ends the stream (its answer is returned)
   * or `signal` aborts: then the connection is closed and `undefined` returned.
   */
  stream<T>(
    method: string,
    params: object,
    onEvent: OnEvent,
    signal: AbortSignal,
  ): Promise<T | undefined>;
  close(): void;
}

const CONNECT_TIMEOUT_MS = 2_000;
const CALL_TIMEOUT_MS = 30_000;
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Connects to the daemon. Throws `daemon_unreachable`. */
export async function connect(options: ConnectOptions): Promise<Client> {
  const { socketPath, timeoutMs = CONNECT_TIMEOUT_MS } = options;
  const wire = openWire(await connectSocket(socketPath, timeoutMs), socketPath);
  return {
    async call<T>(method: string, params: object = {}, { timeoutMs }: CallOptions = {}) {
      const { id, answer } = wire.send<T>(method, params);
      const waitMs = Math.min(timeoutMs ?? CALL_TIMEOUT_MS, MAX_TIMER_MS);
      const timer = setTimeout(() => {
        const message = `the daemon at ${socketPath} did not answer ${method} within ${waitMs} ms`;
        wire.forget(id, refuse('daemon_unreachable', message, { socket: socketPath }));
      }, waitMs);
      return answer.finally(() => clearTimeout(timer));
    },
    stream: <T>(method: string, params: object, onEvent: OnEvent, signal: AbortSignal) =>
      endOnAbort(wire, signal, () => wire.send<T>(method, params, onEvent).answer),
    close: () => wire.end('the connection was closed here'),
  };
}

async function endOnAbort<T>(
  wire: Wire,
  signal: AbortSignal,
  start: () => Promise<T>,
): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  const stop = (): void => wire.end('the stream was ended here');
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await start();
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
