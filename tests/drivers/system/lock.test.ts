import { once } from 'node:events';
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { acquireDaemonLock } from '../../../src/drivers/system/lock.ts';
import { spawnTypescript } from '../../support/spawn-typescript.ts';
import { until } from '../../support/until.ts';
import { modeOf, privateDirectory } from './private-directory.ts';

const lockFile = (): string => join(privateDirectory(), 'd.lock');

async function tryInOtherProcess(file: string) {
  const child = spawnTypescript(new URL('lock-process.ts', import.meta.url), [file]);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: String(said).trim() };
}

function acquire(file: string) {
  const lock = acquireDaemonLock(file);
  onTestFinished(() => lock.release());
  return lock;
}

test('a second process is refused, with the lock and the pid that holds it', async () => {
  const file = lockFile();
  acquire(file);
  const { said } = await tryInOtherProcess(file);
  expect(said).toBe(
    `daemon_running: the daemon with pid ${process.pid} holds ${file}; stop it with \`agenttower stop-daemon\``,
  );
});

test('the same process is refused too', () => {
  const file = lockFile();
  acquire(file);
  expect(() => acquireDaemonLock(file)).toThrow(
    expect.objectContaining({
      code: 'daemon_running',
      details: { lock: file, pid: process.pid },
    }),
  );
});

test('the lock is free once its holder is killed with kill -9', async () => {
  const file = lockFile();
  const { child, said } = await tryInOtherProcess(file);
  expect(said).toBe('locked');
  expect(() => acquireDaemonLock(file)).toThrow(`pid ${child.pid}`);
  child.kill('SIGKILL');
  await until(() => acquire(file));
  expect(readFileSync(file, 'utf8')).toBe(`${process.pid}\n`);
});

test('releasing lets the next one in and leaves the file', async () => {
  const file = lockFile();
  const lock = acquire(file);
  lock.release();
  lock.release();
  expect((await tryInOtherProcess(file)).said).toBe('locked');
  expect(modeOf(statSync(file).mode)).toBe('600');
});

test('what the file says about a holder proves nothing', () => {
  const file = lockFile();
  writeFileSync(file, 'whatever it was\n', { mode: 0o600 });
  acquire(file);
  expect(readFileSync(file, 'utf8')).toBe(`${process.pid}\n`);
  writeFileSync(file, 'x'.repeat(1_000));
  expect(() => acquireDaemonLock(file)).toThrow('another daemon holds');
});

test('a lock file that is open to others or a symlink is refused', () => {
  const file = lockFile();
  writeFileSync(file, '');
  chmodSync(file, 0o644);
  expect(() => acquireDaemonLock(file)).toThrow('wider than 600');
  symlinkSync(file, `${file}.link`);
  expect(() => acquireDaemonLock(`${file}.link`)).toThrow('symbolic link');
});
