import { lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { refuse } from '../../../src/domain/errors.ts';
import { startServer } from '../../../src/surfaces/api/server.ts';
import { until } from '../../support/until.ts';
import { dial, OWN_UID, oneShot, privateDirectory, serve } from './fixture.ts';

const ping = (): object => ({ pong: true });

/** A promise and its switch. */
function gate(): { opened: Promise<void>; open(): void } {
  let open: (() => void) | undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open?.() };
}

const start = (socketPath: string, ownUid = OWN_UID) =>
  startServer({
    socketPath,
    methods: new Map(),
    readPeer: () => undefined,
    identify: () => () => ({ kind: 'host' }),
    ownUid,
    log: () => {},
  });

describe('requests', () => {
  test('a client may ask many times and gets every id back', async () => {
    const { path } = await serve({ ping, echo: (params) => params });
    const client = dial(path);
    client.write('{"id":1,"method":"ping"}\n{"id":"two","method":"echo","params":{"a":[1]}}\n');
    await until(() => client.lines.length === 2);
    client.write('{"method":"ping"}\n');
    await until(() => client.lines.length === 3);
    expect(client.lines).toEqual([
      { id: 1, ok: true, result: { pong: true } },
      { id: 'two', ok: true, result: { a: [1] } },
      { ok: true, result: { pong: true } },
    ]);
  });

  test('answers come as they are ready, not as they were asked', async () => {
    const held = gate();
    const { path } = await serve({ ping, slow: () => held.opened.then(() => 'late') });
    const client = dial(path);
    client.write('{"id":1,"method":"slow"}\n{"id":2,"method":"ping"}\n');
    await until(() => client.lines.length === 1);
    held.open();
    await until(() => client.lines.length === 2);
    expect(client.lines.map((line) => (line as { id: number }).id)).toEqual([2, 1]);
  });

  test('a one-shot client that half-closes after its request gets the answer', async () => {
    const held = gate();
    const { path } = await serve({ slow: () => held.opened.then(() => 'late') });
    const client = dial(path);
    client.socket.end('{"method":"slow"}\n');
    await new Promise((resolve) => client.socket.once('finish', resolve));
    held.open();
    await client.closed;
    expect(client.lines).toEqual([{ ok: true, result: 'late' }]);
  });

  test('1,000 pipelined requests are all answered', async () => {
    const { path } = await serve({ later: async () => Promise.resolve('ok'), ping });
    const client = dial(path);
    const asked = Array.from({ length: 1_000 }, (_, id) => ({
      id,
      method: id % 2 === 0 ? 'ping' : 'later',
    }));
    client.socket.end(asked.map((request) => `${JSON.stringify(request)}\n`).join(''));
    await client.closed;
    expect(new Set(client.lines.map((line) => (line as { id: number }).id)).size).toBe(1_000);
  });

  test('no more than 64 calls of one connection are in flight', async () => {
    const held = gate();
    let [running, most] = [0, 0];
    const { path } = await serve({
      slow: async () => {
        running += 1;
        most = Math.max(most, running);
        await held.opened;
        running -= 1;
      },
    });
    const client = dial(path);
    client.socket.end('{"method":"slow"}\n'.repeat(500));
    await until(() => running === 64);
    held.open();
    await client.closed;
    expect({ most, answers: client.lines.length }).toEqual({ most: 64, answers: 500 });
  });

  test('one client with a long queue does not keep another waiting', async () => {
    const order: string[] = [];
    const { path } = await serve({ log: ({ from }) => void order.push(String(from)) });
    const [greedy, modest] = [dial(path), dial(path)];
    greedy.write('{"method":"log","params":{"from":"greedy"}}\n'.repeat(1_400));
    modest.write('{"method":"log","params":{"from":"modest"}}\n');
    await until(() => order.length === 1_401);
    expect(order.indexOf('modest')).toBeLessThan(1_000);
  });

  test('200 clients at once are all served', async () => {
    const { path, connections } = await serve({ echo: (params) => params });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        oneShot(path, `{"id":${n},"method":"echo","params":{"n":${n}}}\n`),
      ),
    );
    expect(answers).toEqual(
      Array.from({ length: 200 }, (_, n) => [{ id: n, ok: true, result: { n } }]),
    );
    await until(() => connections() === 0);
  });
});

describe('refusals', () => {
  test('an error of the table reaches the client with its details', async () => {
    const { path } = await serve({
      get: () => {
        throw refuse('layout_not_found', 'there is no layout "x"', { name: 'x', known: [] });
      },
    });
    expect(await oneShot(path, '{"id":1,"method":"get"}\n')).toEqual([
      {
        id: 1,
        ok: false,
        error: {
          code: 'layout_not_found',
          message: 'there is no layout "x"',
          details: { name: 'x', known: [] },
        },
      },
    ]);
  });

  test.each([
    ['throws', () => expect.unreachable('secret')],
    ['rejects', async () => Promise.reject(new Error('secret'))],
    ['answers what JSON cannot hold', () => ({ secret: 1n })],
  ])(
    'a method that %s is our error: logged, not told, and the daemon lives',
    async (_how, broken) => {
      const { path, logged } = await serve({ broken, ping });
      const [answer] = await oneShot(path, '{"method":"broken"}\n');
      expect(answer).toMatchObject({ ok: false, error: { code: 'internal_error' } });
      expect(JSON.stringify(answer)).not.toContain('secret');
      expect(logged).toMatchObject([
        { event: 'method_failed', fields: { error: expect.stringContaining('\n    at ') } },
      ]);
      expect(await oneShot(path, '{"method":"ping"}\n')).toMatchObject([{ ok: true }]);
    },
  );

  test('an unknown method is answered with the names it is near to', async () => {
    const { path } = await serve({ 'layout.list': ping, 'layout.get': ping, ping });
    expect(await oneShot(path, '{"method":"layout.lst"}\n')).toMatchObject([
      {
        error: {
          code: 'unknown_method',
          message: 'there is no method "layout.lst"; did you mean layout.list, layout.get?',
        },
      },
    ]);
    expect(await oneShot(path, '{"method":"__proto__"}\n')).toMatchObject([
      { error: { code: 'unknown_method' } },
    ]);
  });

  test('bad lines are answered in place and the connection goes on', async () => {
    const { path } = await serve({ ping });
    const answers = await oneShot(path, '\n{\n[]\n{"method":"nope"}\n{"id":5,"method":"ping"}\n');
    expect(answers).toMatchObject([
      { error: { code: 'malformed_request' } },
      { error: { code: 'bad_json' } },
      { error: { code: 'bad_request' } },
      { error: { code: 'unknown_method' } },
      { id: 5, ok: true },
    ]);
  });

  test('half a line is malformed', async () => {
    const { path } = await serve({ ping });
    expect(await oneShot(path, '{"method":"ping"}\n{"method":"ping"}')).toMatchObject([
      { ok: true },
      { error: { code: 'malformed_request', message: 'the request ended without a newline' } },
    ]);
  });

  test('a client of another uid gets one line and the door', async () => {
    const stranger = { pid: 4, uid: OWN_UID + 1, gid: 1 };
    const { path, logged, connections } = await serve({ ping }, { readPeer: () => stranger });
    const answers = await oneShot(path, '{"method":"ping"}\n');
    expect(answers).toMatchObject([{ ok: false, error: { code: 'internal_error' } }]);
    expect(logged).toMatchObject([
      { event: 'socket_peer_uid_mismatch', fields: { peer_uid: OWN_UID + 1, peer_pid: 4 } },
    ]);
    expect(connections()).toBe(0);
  });

  test('a client whose credentials cannot be read is refused', async () => {
    const { path } = await serve({ ping }, { readPeer: () => undefined });
    expect(await oneShot(path, '{"method":"ping"}\n')).toMatchObject([{ ok: false }]);
  });
});

describe('calls', () => {
  test('know their peer from the kernel', async () => {
    const { path } = await serve({ who: (_params, { peer }) => peer });
    expect(await oneShot(path, '{"method":"who"}\n')).toEqual([
      { ok: true, result: { pid: process.pid, uid: OWN_UID, gid: process.getgid?.() } },
    ]);
  });

  test.each([
    ['hangs up', (client: ReturnType<typeof dial>) => client.socket.destroy()],
    [
      'half-closes first and hangs up later',
      (client: ReturnType<typeof dial>) => {
        client.socket.end(() => client.socket.destroy());
      },
    ],
  ])('are aborted when the client %s', async (_how, leave) => {
    let signal: AbortSignal | undefined;
    const { path, connections } = await serve({
      wait: (_params, context) => {
        ({ signal } = context);
        return new Promise(() => {});
      },
    });
    const client = dial(path);
    client.write('{"method":"wait"}\n');
    await until(() => signal);
    expect(signal?.aborted).toBe(false);
    leave(client);
    await until(() => signal?.aborted);
    await until(() => connections() === 0);
  });

  test('stream events ahead of their answer, with their id', async () => {
    const { path } = await serve({
      count: async ({ to }, context) => {
        for (let n = 1; n <= Number(to); n += 1) await context.stream({ n });
        return 'done';
      },
    });
    const answers = await oneShot(path, '{"id":"w","method":"count","params":{"to":3}}\n');
    expect(answers).toEqual([
      { id: 'w', event: { n: 1 } },
      { id: 'w', event: { n: 2 } },
      { id: 'w', event: { n: 3 } },
      { id: 'w', ok: true, result: 'done' },
    ]);
  });

  test('a stream waits for its reader and loses nothing', async () => {
    const count = 400;
    const event = { text: 'x'.repeat(10_000) };
    let sent = 0;
    const { path } = await serve({
      pour: async (_params, context) => {
        while (sent < count && (await context.stream(event))) sent += 1;
        return 'done';
      },
    });
    const client = dial(path);
    client.socket.pause();
    client.write('{"method":"pour"}\n');
    await until(() => sent > 0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBeLessThan(count);
    client.socket.resume();
    await until(() => client.lines.length === count + 1);
  });

  test('a stream to a client that went answers false', async () => {
    const outcome = gate();
    let last: boolean | undefined;
    const { path } = await serve({
      pour: async (_params, context) => {
        do last = await context.stream({ text: 'x'.repeat(100_000) });
        while (last);
        outcome.open();
      },
    });
    const client = dial(path);
    client.write('{"method":"pour"}\n');
    await until(() => client.lines.length > 0);
    client.socket.destroy();
    await outcome.opened;
    expect(last).toBe(false);
  });

  test('a client that does not read its stream is dropped with a last line, and others go on', async () => {
    let sent = 0;
    let isDropped = false;
    const { path, connections } = await serve(
      {
        ping,
        pour: async (_params, context) => {
          const event = { text: 'x'.repeat(10_000) };
          const tooSlow = () => refuse('shutting_down', `resume after ${sent}`, {});
          while (await context.stream(event, tooSlow)) sent += 1;
          isDropped = context.signal.aborted;
        },
      },
      { limits: { slowClientMs: 500 } },
    );
    const client = dial(path);
    client.socket.pause();
    client.write('{"id":9,"method":"pour"}\n');
    expect(await oneShot(path, '{"method":"ping"}\n')).toMatchObject([{ ok: true }]);
    await until(() => isDropped);
    client.socket.resume();
    await client.closed;
    const last = client.lines.at(-1) as { id: number; error: { message: string } };
    expect(last).toMatchObject({ id: 9, error: { message: `resume after ${sent}` } });
    client.socket.destroy();
    await until(() => connections() === 0);
  });
});

describe('the socket file', () => {
  test('is 0600, and the umask of the process is what it was', async () => {
    const before = process.umask();
    const { path } = await serve({});
    expect(lstatSync(path).isSocket()).toBe(true);
    expect((lstatSync(path).mode & 0o777).toString(8)).toBe('600');
    expect(process.umask()).toBe(before);
  });

  test('takes the place of a socket nobody listens on', async () => {
    const path = join(privateDirectory(), 'd.sock');
    const dead = createServer();
    await new Promise<void>((resolve) => {
      dead.listen(path, resolve);
    });
    const live = await start(path);
    expect(lstatSync(path).isSocket()).toBe(true);
    await live.close();
    dead.close();
  });

  test('is gone after close', async () => {
    const path = join(privateDirectory(), 'd.sock');
    const server = await start(path);
    await server.close();
    await server.close();
    expect(lstatSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  test.each<[string, (path: string) => void]>([
    ['a file', (path) => writeFileSync(path, '')],
    ['a directory', (path) => mkdirSync(path)],
    ['a symlink', (path) => symlinkSync('/nowhere', path)],
  ])('is not made over %s', async (_kind, put) => {
    const path = join(privateDirectory(), 'd.sock');
    put(path);
    await expect(start(path)).rejects.toMatchObject({
      code: 'path_unsafe',
      message: `${path} is in the way and is not a socket; move it elsewhere`,
    });
    expect(lstatSync(path)).toBeDefined();
  });

  test('is not made in a directory that is open to others, missing, or not ours', async () => {
    const directory = privateDirectory();
    const open = join(directory, 'open');
    mkdirSync(open, { mode: 0o755 });
    await expect(start(join(open, 'd.sock'))).rejects.toThrow(`run: chmod 700 '${open}'`);
    await expect(start(join(directory, 'no', 'd.sock'))).rejects.toThrow('does not exist');
    await expect(start(join(directory, 'd.sock'), OWN_UID + 1)).rejects.toThrow('belongs to uid');
  });

  test('is not made at a path the kernel would cut', async () => {
    const path = join(privateDirectory(), 'x'.repeat(100));
    await expect(start(path)).rejects.toThrow('set XDG_STATE_HOME to a shorter directory');
  });
});

describe('close', () => {
  test('lets what is in flight finish, answers it, and takes nothing new', async () => {
    const held = gate();
    const server = await serve({ slow: () => held.opened.then(() => 'finished'), ping });
    const [busy, idle] = [dial(server.path), dial(server.path)];
    busy.write('{"method":"slow"}\n');
    idle.write('{"method":"ping"}\n');
    await until(() => idle.lines.length === 1);
    await until(() => server.connections() === 2);
    const closed = server.close();
    busy.write('{"method":"ping"}\n');
    await idle.closed;
    held.open();
    await closed;
    await busy.closed;
    expect(busy.lines).toEqual([{ ok: true, result: 'finished' }]);
  });

  test('ends streams at once', async () => {
    let asked = false;
    const server = await serve(
      {
        watch: {
          access: 'any',
          streams: true,
          run: (_params, { signal }) => {
            asked = true;
            return new Promise((resolve) => {
              signal.addEventListener('abort', () => resolve('over'));
            });
          },
        },
      },
      { limits: { closeMs: 60_000 } },
    );
    const client = dial(server.path);
    client.write('{"method":"watch"}\n');
    await until(() => asked);
    await server.close();
    await client.closed;
    expect(client.lines).toEqual([{ ok: true, result: 'over' }]);
  });

  test('cuts what does not finish', async () => {
    let asked = false;
    const server = await serve(
      {
        stuck: () => {
          asked = true;
          return new Promise(() => {});
        },
      },
      { limits: { closeMs: 50 } },
    );
    const client = dial(server.path);
    client.write('{"method":"stuck"}\n');
    await until(() => asked);
    await server.close();
    await client.closed;
    expect(client.lines).toEqual([]);
  });
});
