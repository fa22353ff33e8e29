import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readPeer } from '../../../src/drivers/system/peer-credentials.ts';
import type { Log, LogFields } from '../../../src/lib/log.ts';
import type { Method } from '../../../src/surfaces/api/method.ts';
import type { RunningServer, ServerSetup } from '../../../src/surfaces/api/server.ts';
import { startServer } from '../../../src/surfaces/api/server.ts';

export const OWN_UID = process.getuid?.() ?? -1;

/** A fresh 0700 directory, gone after the test. */
export function privateDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'agt-'));
  chmodSync(directory, 0o700);
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface TestServer extends RunningServer {
  readonly path: string;
  readonly logged: readonly { readonly event: string; readonly fields: LogFields }[];
}

/** A server on a socket of its own, closed after the test. */
export async function serve(
  methods: Readonly<Record<string, Method['run'] | Method>>,
  overrides: Partial<ServerSetup> = {},
): Promise<TestServer> {
  const path = join(privateDirectory(), 'd.sock');
  const logged: { event: string; fields: LogFields }[] = [];
  const log: Log = (_level, event, fields = {}) => void logged.push({ event, fields });
  const server = await startServer({
    socketPath: path,
    methods: new Map(
      Object.entries(methods).map(([name, method]) => [
        name,
        typeof method === 'function' ? ({ access: 'any', run: method } as const) : method,
      ]),
    ),
    readPeer,
    identify: () => () => ({ kind: 'host' }),
    ownUid: OWN_UID,
    log,
    ...overrides,
  });
  onTestFinished(() => server.close());
  return { ...server, path, logged };
}

/** A client that speaks bytes. */
export interface RawClient {
  readonly socket: Socket;
  readonly lines: unknown[];
  write(bytes: string | Uint8Array): void;
  /** Resolves once the server has closed its side. */
  readonly closed: Promise<void>;
}

export function dial(path: string): RawClient {
  const socket = createConnection({ path, allowHalfOpen: true });
  const lines: unknown[] = [];
  let begun = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const pieces = (begun + text).split('\n');
    begun = pieces.pop() ?? '';
    lines.push(...pieces.map((piece) => JSON.parse(piece) as unknown));
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => {
    socket.once('end', resolve).once('close', resolve);
  });
  onTestFinished(() => void socket.destroy());
  return { socket, lines, closed, write: (bytes) => void socket.write(bytes) };
}

/** Sends `bytes` on a connection of its own, half-closes, and returns every line that comes back. */
export async function oneShot(path: string, bytes: string | Uint8Array): Promise<unknown[]> {
  const client = dial(path);
  client.socket.end(bytes);
  await client.closed;
  client.socket.destroy();
  return client.lines;
}
