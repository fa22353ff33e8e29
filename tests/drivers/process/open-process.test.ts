import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openProcess, type ProcessExit } from '../../../src/drivers/process/open-process.ts';
import { startDetached } from '../../../src/drivers/process/start-detached.ts';
import { until } from '../../support/until.ts';

function talk(argv: readonly string[]) {
  const exits: ProcessExit[] = [];
  let heard = '';
  const opened = openProcess(argv, {
    onStdout: (chunk) => {
      heard += chunk.toString();
    },
    onExit: (exit) => exits.push(exit),
  });
  return { ...opened, exits, heard: () => heard };
}

test('what is written comes back, until the process is killed', async () => {
  const cat = talk(['cat']);
  cat.write('one\n');
  await until(() => cat.heard() === 'one\n');
  cat.kill();
  await until(() => cat.exits.length === 1);
  expect(cat.exits[0]).toMatchObject({ code: undefined, signal: 'SIGKILL' });
  cat.write('into the void\n');
});

test('an exit tells the code and what was said on stderr', async () => {
  const failing = talk(['sh', '-c', 'echo because >&2; exit 4']);
  await until(() => failing.exits.length === 1);
  expect(failing.exits).toEqual([{ code: 4, stderr: 'because' }]);
});

test('a missing program is an exit like any other', async () => {
  const missing = talk(['no-such-program-here']);
  missing.write('hello\n');
  await until(() => missing.exits.length === 1);
  expect(missing.exits[0]?.problem?.kind).toBe('not-found');
});

test('a detached program is a session of its own and writes to its log, readable by us alone', async () => {
  const logFile = join(mkdtempSync(join(tmpdir(), 'agenttower-detached-')), 'log');
  const script = 'echo "$X"; ps -o sid= -p $$';
  const detached = await startDetached(['sh', '-c', script], {
    env: { PATH: process.env['PATH'], X: 'hello' },
    logFile,
  });
  expect(detached.ok).toBe(true);
  const lines = await until(() => {
    const read = readFileSync(logFile, 'utf8').trim().split('\n');
    return read.length === 2 ? read : undefined;
  });
  expect(lines[0]).toBe('hello');
  expect(Number(lines[1])).toBe(detached.ok && detached.pid);
  expect(statSync(logFile).mode & 0o777).toBe(0o600);
  const missing = await startDetached(['no-such-program-here'], { logFile });
  expect(missing).toMatchObject({ ok: false, problem: { kind: 'not-found' } });
});
