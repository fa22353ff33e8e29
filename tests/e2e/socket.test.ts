import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

let tower: Tower;
let daemonPid: number;
beforeAll(async () => {
  tower = await startTower();
  const text = layoutText('team', [pane('a')]);
  await tower.done('apply', '-f', writeIn(tower.directory, 'team.yaml', text), '--wait');
  daemonPid = (await tower.call<{ pid: number }>('status')).pid;
});
afterAll(() => tower.stop());

/** Everything the daemon answers until it closes, or until `lines` lines have come. */
function talk(write: (socket: Socket) => void, lines = Number.POSITIVE_INFINITY): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(tower.paths.socket);
    let text = '';
    const finish = (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.on('error', finish).on('close', finish).on('end', finish);
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      if (text.split('\n').length > lines) finish();
    });
    socket.on('connect', () => write(socket));
  });
}

const codeOf = (text: string): string =>
  (JSON.parse(text.split('\n')[0] ?? '') as { error: { code: string } }).error.code;

/** Resident memory of the daemon, in MiB. */
function memoryMb(): number {
  const status = readFileSync(`/proc/${daemonPid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
}

/** The daemon is the same process, and serves. */
async function expectServed(): Promise<void> {
  expect((await tower.call<{ pid: number }>('status')).pid).toBe(daemonPid);
  expect(await tower.layout('team')).toMatchObject({ sync: 'Synced', health: 'Healthy' });
}

test.for(['', '{"method":"manifest.apply","params":{"files":[{"path":"', '{"method":"ping","x":"'])(
  'a line of 1 GiB that begins with %j is refused early, while others are served',
  async (start) => {
    const before = memoryMb();
    let peak = 0;
    const chunk = Buffer.alloc(1 << 20, 'x');
    let sent = 0;
    const answer = talk((socket) => {
      socket.write(start);
      const more = (): void => {
        while (sent < 1_024) {
          if (socket.destroyed) return;
          sent += 1;
          if (!socket.write(chunk)) return void socket.once('drain', more);
        }
      };
      more();
    });
    while ((await Promise.race([answer, expectServed()])) === undefined) {
      peak = Math.max(peak, memoryMb());
    }
    expect(codeOf(await answer)).toBe('request_too_large');
    expect(sent).toBeLessThan(1_024);
    expect(peak - before).toBeLessThan(100);
    await expectServed();
  },
);

test('half a line and then nothing holds up nobody', async () => {
  const half = connect(tower.paths.socket);
  half.write('{"method":"layout.li');
  try {
    await expectServed();
  } finally {
    half.destroy();
  }
  const ended = await talk((socket) => socket.end('{"method":"ping"'));
  expect(codeOf(ended)).toMatch(/bad_json|malformed_request/);
  await expectServed();
});

test('binary is answered with an error', async () => {
  const bytes = Buffer.from(Array.from({ length: 10_000 }, (_, index) => (index * 7 + 128) % 256));
  const answer = await talk((socket) => socket.end(Buffer.concat([bytes, Buffer.from('\n')])));
  expect(codeOf(answer)).toMatch(/bad_json|malformed_request/);
  await expectServed();
});

test('deep nesting is answered with an error', async () => {
  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
  const list = await talk((socket) => socket.end(`${deep}\n`));
  expect(codeOf(list)).toMatch(/bad_request|malformed_request|bad_json/);
  const params = await talk((socket) =>
    socket.end(`{"method":"layout.list","params":{"name":${deep}}}\n`),
  );
  expect(codeOf(params)).toMatch(/bad_request|malformed_request|bad_json|validation_failed/);
  await expectServed();
});

test.for([
  ['null', /bad_request|malformed_request/],
  ['42', /bad_request|malformed_request/],
  ['{}', /bad_request|malformed_request/],
  ['{"method":7}', /bad_request|malformed_request/],
  ['{"method":"no.such"}', /unknown_method/],
  ['{"method":"__proto__"}', /unknown_method/],
  ['{"method":"layout.get","params":[]}', /bad_request|validation_failed/],
  ['{"method":"layout.get","params":{"name":{}}}', /validation_failed/],
  ['{"method":"layout.stop","params":{"name":"team","for_ms":"soon"}}', /validation_failed/],
  ['{"method":"manifest.apply","params":{"files":"all"}}', /validation_failed/],
  ['{"method":"source.add","params":{"kind":"directory","path":7}}', /validation_failed/],
  ['{"method":"events.watch","params":{"since_seq":-1}}', /validation_failed/],
] as const)(
  '%s is refused by the right code, on a connection that goes on',
  async ([line, code]) => {
    const answer = await talk((socket) => socket.write(`${line}\n{"id":2,"method":"ping"}\n`), 2);
    expect(codeOf(answer)).toMatch(code);
    expect(answer.split('\n')[1]).toContain('"id":2');
  },
);

test('a watcher that goes on from an event that is still to come is told, instead of missing those before it', async () => {
  const line = '{"method":"events.watch","params":{"since_seq":9999999}}\n';
  const answer = await talk((socket) => socket.write(line), 1);
  expect(codeOf(answer)).toBe('validation_failed');
  expect(answer).toMatch(/there is no event 9999999 yet, the newest is \d+/);
});

test('one connection carries many requests, answered with their ids', async () => {
  const ids = Array.from({ length: 200 }, (_, index) => index);
  const lines = ids.map((id) => `{"id":${id},"method":"ping"}\n`).join('');
  const answers = (await talk((socket) => socket.write(lines), 200)).trim().split('\n');
  expect(answers.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual(ids);
});

test('300 clients at once are all served', async () => {
  const answers = await Promise.all(
    Array.from({ length: 300 }, () => talk((socket) => socket.write('{"method":"ping"}\n'), 1)),
  );
  expect(answers.filter((line) => line.includes('"ok":true'))).toHaveLength(300);
  await expectServed();
});
