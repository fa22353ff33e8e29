import type { Socket } from 'node:net';
import { AgentTowerError, refuse } from '../../domain/errors.ts';
import type { Response, StreamLine, WireError } from './protocol.ts';

export type OnEvent = (event: StreamLine['event']) => void;

export interface Wire {
  /** Sends a request and returns its id and its answer. */
  send<T>(
    method: string,
    params: object,
    onEvent?: OnEvent,
  ): { readonly id: number; readonly answer: Promise<T> };
  /** Gives up waiting for one answer; a late one is thrown away. */
  forget(id: number, error: AgentTowerError): void;
  /** Closes the connection; everything still waiting is refused with `problem`. */
  end(problem: string): void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
  readonly onEvent: OnEvent | undefined;
}

const NEWLINE = 0x0a;

/** Matches answers and events on a connected socket to the requests they belong to. */
export function openWire(socket: Socket, socketPath: string): Wire {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let ended: AgentTowerError | undefined;

  const end = (problem: string): void => {
    ended ??= refuse('daemon_unreachable', problem, { socket: socketPath });
    socket.destroy();
    rejectAll(waiting, ended);
  };

  readLines(socket, (line) => {
    try {
      receive(line, waiting);
    } catch {
      end(`what answers at ${socketPath} does not speak the daemon's protocol`);
    }
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end(`the connection to the daemon at ${socketPath} broke: ${error.code ?? error.message}`);
  });
  socket.on('end', () => end(`the daemon at ${socketPath} closed the connection`));

  return {
    send<T>(method: string, params: object, onEvent?: OnEvent) {
      const id = (lastId += 1);
      const answer = new Promise<T>((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended);
          return;
        }
        waiting.set(id, { resolve, reject, onEvent });
        socket.write(`${JSON.stringify({ id, method, params })}\n`);
      });
      return { id, answer };
    },
    forget(id, error) {
      waiting.get(id)?.reject(error);
      waiting.delete(id);
    },
    end,
  };
}

/** Calls `onLine` for every line; the bytes of a long one are joined once, when it is complete. */
function readLines(socket: Socket, onLine: (line: string) => void): void {
  let begun: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([...begun, chunk.subarray(from, at)]);
      begun = [];
      from = at + 1;
      onLine(line.toString('utf8'));
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
  });
}

function receive(line: string, waiting: Map<number, Waiting>): void {
  const message = JSON.parse(line) as Response | StreamLine;
  const call = typeof message.id === 'number' ? waiting.get(message.id) : undefined;
  if ('event' in message) {
    call?.onEvent?.(message.event);
    return;
  }
  if (message.id === undefined && !message.ok) {
    // An error that names no request is about the connection as a whole.
    rejectAll(waiting, toError(message.error));
    return;
  }
  waiting.delete(Number(message.id));
  if (message.ok) call?.resolve(message.result);
  else call?.reject(toError(message.error));
}

function rejectAll(waiting: Map<number, Waiting>, error: AgentTowerError): void {
  for (const call of waiting.values()) call.reject(error);
  waiting.clear();
}

function toError({ code, message, details }: WireError): AgentTowerError {
  return new AgentTowerError(code, message, { details: (details ?? {}) as never });
}
