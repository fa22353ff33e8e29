import { spawnSync } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { refuse } from '../../../src/domain/errors.ts';
import { connect } from '../../../src/surfaces/api/client.ts';
import type { EventView } from '../../../src/surfaces/api/protocol.ts';
import { until } from '../../support/until.ts';
import { privateDirectory, serve } from './fixture.ts';

const open = async (socketPath: string) => {
  const client = await connect({ socketPath });
  onTestFinished(() => client.close());
  return client;
};

/** Listens and lets the test answer with bytes of its choice. */
async function listen(onClient: (socket: Socket) => void): Promise<string> {
  const path = join(privateDirectory(), 'd.sock');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onClient(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return path;
}

describe('call', () => {
  test('returns the result, many at once on one connection', async () => {
    const { path, connections } = await serve({ double: ({ n }) => Number(n) * 2 });
    const client = await open(path);
    const numbers = Array.from({ length: 300 }, (_, n) => n);
    const results = await Promise.all(numbers.map((n) => client.call('double', { n })));
    expect(results).toEqual(numbers.map((n) => n * 2));
    expect(connections()).toBe(1);
  });

  test('takes results of any size and alphabet whole', async () => {
    const text = 'Ω🗼\n"'.repeat(400_000);
    const { path } = await serve({ text: () => text });
    expect(await (await open(path)).call('text')).toBe(text);
  });

  test("throws the daemon's error with its code and details", async () => {
    const { path } = await serve({
      get: () => {
        throw refuse('source_exists', 'there is a source "a"', { name: 'a' });
      },
    });
    await expect((await open(path)).call('get')).rejects.toMatchObject({
      name: 'AgentTowerError',
      code: 'source_exists',
      message: 'there is a source "a"',
      details: { name: 'a' },
    });
  });

  test('throws the reason when the daemon refuses the connection as a whole', async () => {
    const { path } = await serve({}, { readPeer: () => ({ pid: 1, uid: 123_456, gid: 1 }) });
    await expect((await open(path)).call('ping')).rejects.toThrow('not uid 123456');
  });

  test('gives up after its timeout, and the connection still serves', async () => {
    const { path } = await serve({ stuck: () => new Promise(() => {}), ping: () => 'pong' });
    const client = await open(path);
    await expect(client.call('stuck', {}, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'daemon_unreachable',
      message: `the daemon at ${path} did not answer stuck within 20 ms`,
    });
    expect(await client.call('ping')).toBe('pong');
  });

  test('fails when the daemon goes away in between, and so does every later call', async () => {
    const path = await listen((socket) => socket.once('data', () => socket.destroy()));
    const client = await open(path);
    await expect(client.call('ping')).rejects.toMatchObject({ code: 'daemon_unreachable' });
    await expect(client.call('ping')).rejects.toMatchObject({ code: 'daemon_unreachable' });
  });

  test('fails when something else answers', async () => {
    const path = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect((await open(path)).call('ping')).rejects.toThrow(
      "does not speak the daemon's protocol",
    );
  });

  test('fails after close', async () => {
    const { path } = await serve({ ping: () => 1 });
    const client = await open(path);
    client.close();
    await expect(client.call('ping')).rejects.toMatchObject({ code: 'daemon_unreachable' });
  });
});

describe('connect', () => {
  test.each([
    ['nothing is there', () => join(privateDirectory(), 'd.sock')],
    ['nobody listens', abandonedSocket],
  ])('says how to start the daemon when %s', async (_why, make) => {
    const socketPath = make();
    await expect(connect({ socketPath })).rejects.toMatchObject({
      code: 'daemon_unreachable',
      message: `no daemon answers at ${socketPath}; start it with \`agenttower ensure-daemon\``,
      details: { socket: socketPath },
    });
  });

  test('tries again while the backlog of a busy daemon is full', async () => {
    const path = join(privateDirectory(), 'd.sock');
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => {
      server.listen({ path, backlog: 1 }, resolve);
    });
    onTestFinished(() => void server.close());
    // All at once, before the server's turn: most find the backlog full.
    const clients = await Promise.all(
      Array.from({ length: 40 }, () => connect({ socketPath: path, timeoutMs: 10_000 })),
    );
    expect(clients).toHaveLength(40);
    for (const client of clients) client.close();
  });
});

describe('stream', () => {
  test('gives the events in order and returns the answer that ends it', async () => {
    const { path } = await serve({
      watch: async (_params, context) => {
        for (let seq = 1; seq <= 3; seq += 1) await context.stream({ seq });
        return { last: 3 };
      },
    });
    const seen: EventView[] = [];
    const end = await (await open(path)).stream(
      'watch',
      {},
      (event) => seen.push(event),
      new AbortController().signal,
    );
    expect(seen).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
    expect(end).toEqual({ last: 3 });
  });

  test('ends quietly when its signal aborts, and the daemon learns of it', async () => {
    let watching: AbortSignal | undefined;
    const { path } = await serve({
      watch: (_params, { signal }) => {
        watching = signal;
        return new Promise(() => {});
      },
    });
    const stop = new AbortController();
    const ended = (await open(path)).stream('watch', {}, () => {}, stop.signal);
    await until(() => watching);
    stop.abort();
    expect(await ended).toBeUndefined();
    await until(() => watching?.aborted);
  });

  test('throws the error that ends it', async () => {
    const { path } = await serve({
      watch: async (_params, context) => {
        await context.stream({ seq: 1 });
        throw refuse('shutting_down', 'the daemon ends', {});
      },
    });
    const { signal } = new AbortController();
    await expect((await open(path)).stream('watch', {}, () => {}, signal)).rejects.toMatchObject({
      code: 'shutting_down',
    });
  });
});

/** A socket file whose listener has died without cleaning up. */
function abandonedSocket(): string {
  const path = join(privateDirectory(), 'd.sock');
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  return path;
}
