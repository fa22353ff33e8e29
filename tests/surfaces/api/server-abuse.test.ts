import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import {
  MAX_MANIFEST_REQUEST_BYTES,
  MAX_REQUEST_BYTES,
} from '../../../src/surfaces/api/protocol.ts';
import { spawnTypescript } from '../../support/spawn-typescript.ts';
import { until } from '../../support/until.ts';
import { dial, oneShot, privateDirectory, serve } from './fixture.ts';

const ping = (): object => ({});
const size = ({ text }: Readonly<Record<string, unknown>>): number => String(text).length;
const PING = '{"method":"ping"}\n';
const MIB = 1024 * 1024;

test('whatever bytes come in whatever pieces, every line gets an answer and the server lives', async () => {
  const { path } = await serve({ ping });
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .constantFrom(
        PING,
        '{"id":1,"method":"ping"}',
        '\n',
        '\r\n',
        '{"method":"ping","params":[',
        '\0',
      )
      .map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
      const client = dial(path);
      for (const bytes of pieces) {
        client.write(bytes);
        await new Promise((resolve) => setImmediate(resolve));
      }
      client.socket.end();
      await client.closed;
      client.socket.destroy();
      const lines = Buffer.concat(pieces).toString('latin1').split('\n');
      expect(client.lines).toHaveLength(lines.at(-1) === '' ? lines.length - 1 : lines.length);
    }),
    { numRuns: 150 },
  );
  expect(await oneShot(path, PING)).toMatchObject([{ ok: true }]);
});

test('a line over 64 KiB gets one error with the limit, and the connection closes', async () => {
  const { path, connections } = await serve({ ping });
  const client = dial(path);
  client.write(`${PING}{"method":"ping","params":{"x":"${'x'.repeat(3 * MIB)}"}}\n${PING}`);
  await client.closed;
  expect(client.lines).toMatchObject([
    { ok: true },
    {
      ok: false,
      error: { code: 'request_too_large', details: { limit_bytes: MAX_REQUEST_BYTES } },
    },
  ]);
  client.socket.end();
  await until(() => connections() === 0);
});

test('a client that reads only after it has sent all of a line too large still gets the error', async () => {
  const { path } = await serve({ ping });
  const client = dial(path);
  client.socket.pause();
  const sent = new Promise((resolve) => {
    client.socket.write(`${'x'.repeat(6 * MIB)}\n`, resolve);
  });
  expect(await sent).toBeFalsy();
  client.socket.resume();
  await client.closed;
  expect(client.lines).toMatchObject([{ error: { code: 'request_too_large' } }]);
});

test('8 MiB are let through to manifest methods that take them, and to no other', async () => {
  const { path } = await serve({
    'manifest.apply': { access: 'any', run: size, maxBytes: MAX_MANIFEST_REQUEST_BYTES },
    ping: size,
  });
  const text = 'x'.repeat(7 * MIB);
  const apply = JSON.stringify({ id: 1, method: 'manifest.apply', params: { text } });
  expect(await oneShot(path, `${apply}\n`)).toEqual([{ id: 1, ok: true, result: text.length }]);
  const disguised = JSON.stringify({ note: { '"manifest.': '"manifest.' }, id: 2, method: 'ping' });
  const escaped = `{"x":{"manifest.":1},${disguised.slice(1, -1)},"params":{"text":"${text}"}}\n`;
  expect(await oneShot(path, escaped)).toMatchObject([
    { id: 2, error: { code: 'request_too_large', details: { limit_bytes: MAX_REQUEST_BYTES } } },
  ]);
});

test.each([
  ['any method', '{"method":"ping","params":{"x":"'],
  ['a manifest method', '{"method":"manifest.apply","params":{"x":"'],
])('a line of 1 GiB for %s ends early, and memory does not grow by it', async (_what, head) => {
  const server = await startServerProcess();
  const before = server.residentBytes();
  const sent = await pour(server.path, Buffer.from(head), 1024 * MIB);
  expect(sent).toBeLessThan(64 * MIB);
  expect(server.residentBytes() - before).toBeLessThan(80 * MIB);
  expect(await oneShot(server.path, PING)).toMatchObject([{ ok: true }]);
});

test('many unfinished large lines together are bounded, and others are still served', async () => {
  const server = await startServerProcess();
  const before = server.residentBytes();
  const half = Buffer.concat([
    Buffer.from('{"method":"manifest.apply","params":{"x":"'),
    Buffer.alloc(7 * MIB, 'x'),
  ]);
  const clients = Array.from({ length: 30 }, () => dial(server.path));
  for (const client of clients) client.write(half);
  const refusedOnes = (): unknown[] => clients.filter((client) => client.lines.length > 0);
  await until(() => refusedOnes().length >= 30 - 9, { timeoutMs: 15_000 });
  expect(clients.flatMap((client) => client.lines)).toMatchObject(
    refusedOnes().map(() => ({ error: { code: 'request_too_large' } })),
  );
  expect(server.residentBytes() - before).toBeLessThan(220 * MIB);
  expect(await oneShot(server.path, PING)).toMatchObject([{ ok: true }]);
});

test('a client that asks for ever and never reads is not read for ever', async () => {
  const answer = 'x'.repeat(20_000);
  let answered = 0;
  const { path } = await serve({
    big: () => {
      answered += 1;
      return answer;
    },
    ping,
  });
  const client = dial(path);
  client.socket.pause();
  client.write('{"method":"big"}\n'.repeat(20_000));
  await until(() => answered > 0);
  for (let round = 0; round < 20; round += 1) await oneShot(path, PING);
  expect(answered * answer.length).toBeLessThan(4 * MIB);
});

/** A server in a process of its own, so that its memory can be told from ours. */
async function startServerProcess(): Promise<{ path: string; residentBytes(): number }> {
  const path = join(privateDirectory(), 'd.sock');
  const child = spawnTypescript(new URL('server-process.ts', import.meta.url), [path]);
  await once(child.stdout, 'data');
  const residentBytes = (): number => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1_024;
  };
  return { path, residentBytes };
}

/** Writes `head` and then up to `total` bytes as fast as they are taken; resolves with how many were. */
async function pour(path: string, head: Buffer, total: number): Promise<number> {
  const socket = createConnection({ path, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  let wake: (() => void) | undefined;
  socket
    .on('error', () => {})
    .on('close', () => wake?.())
    .on('drain', () => wake?.());
  socket.resume();
  socket.write(head);
  const chunk = Buffer.alloc(256 * 1_024, 'x');
  while (socket.writable && socket.bytesWritten < total) {
    const room = new Promise<void>((resolve) => {
      wake = resolve;
    });
    if (socket.write(chunk)) setImmediate(() => wake?.());
    await room;
  }
  return socket.bytesWritten - socket.writableLength;
}
