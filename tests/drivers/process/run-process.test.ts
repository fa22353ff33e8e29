import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runProcess } from '../../../src/drivers/process/run-process.ts';
import { until } from '../../support/until.ts';

const sh = (script: string) => ['sh', '-c', script];

test('exit code, output and input of a program come back as data', async () => {
  const result = await runProcess(sh('cat; echo oops >&2; exit 3'), {
    timeoutMs: 5_000,
    input: 'héllo',
  });
  expect(result).toEqual({
    code: 3,
    stdout: 'héllo',
    stderr: 'oops\n',
    timedOut: false,
    truncated: false,
  });
});

test('a program that does not exist is told apart from one that fails', async () => {
  const result = await runProcess(['no-such-program-here'], { timeoutMs: 5_000 });
  expect(result.problem?.kind).toBe('not-found');
  expect(result.code).toBeUndefined();
});

test('a time-out kills the children of the program too', async () => {
  const result = await runProcess(sh('sleep 1000 & echo $!; wait'), { timeoutMs: 300 });
  expect(result.timedOut).toBe(true);
  const child = Number(result.stdout.trim());
  expect(child).toBeGreaterThan(1);
  await until(() => !isRunning(child), { label: 'the child is gone' });
});

test('a time-out is not held up by a process that left the group with the pipes open', async () => {
  const result = await runProcess(sh('setsid sh -c "echo \\$\\$; exec sleep 1000" & sleep 1000'), {
    timeoutMs: 300,
  });
  expect(result.timedOut).toBe(true);
  process.kill(Number(result.stdout.trim()));
});

test('more output than asked for is dropped, and said so', async () => {
  const result = await runProcess(sh('yes | head -c 1000000'), { timeoutMs: 5_000, maxBytes: 10 });
  expect(result).toMatchObject({ code: 0, stdout: 'y\n'.repeat(5), truncated: true });
});

test('a program that ignores its input does no harm', async () => {
  const input = 'x'.repeat(1_000_000);
  const result = await runProcess(['true'], { timeoutMs: 5_000, input });
  expect(result.code).toBe(0);
});

test('an aborted signal ends the program without calling it a time-out', async () => {
  const result = await runProcess(sh('sleep 1000'), {
    timeoutMs: 60_000,
    signal: AbortSignal.timeout(50),
  });
  expect(result).toMatchObject({ code: undefined, signal: 'SIGKILL', timedOut: false });
});

test('too many arguments are a problem, not an exception', async () => {
  const result = await runProcess(['true', 'x'.repeat(4_000_000)], { timeoutMs: 5_000 });
  expect(result.problem).toBeDefined();
});

/** A zombie waiting for init counts as gone. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
