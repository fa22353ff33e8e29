import { spawn } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readPeer } from '../../../src/drivers/system/peer-credentials.ts';
import { until } from '../../support/until.ts';
import { privateDirectory } from './private-directory.ts';

async function accept(): Promise<{ path: string; accepted: Socket[] }> {
  const path = join(privateDirectory(), 'd.sock');
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket));
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  onTestFinished(() => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  return { path, accepted };
}

test('the kernel tells pid, uid and gid of whoever connected', async () => {
  const { path, accepted } = await accept();
  const script = `require('net').connect(${JSON.stringify(path)})`;
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const socket = await until(() => accepted[0]);
  expect(readPeer(socket)).toEqual({
    pid: child.pid,
    uid: process.getuid?.(),
    gid: process.getgid?.(),
  });
});

test('a closed socket, and what is no socket, has no peer', async () => {
  const { path, accepted } = await accept();
  const script = `require('net').connect(${JSON.stringify(path)})`;
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const socket = await until(() => accepted[0]);
  socket.destroy();
  expect(readPeer(socket)).toBeUndefined();
  expect(readPeer({})).toBeUndefined();
  expect(readPeer({ _handle: { fd: -1 } })).toBeUndefined();
  expect(readPeer({ _handle: { fd: 999_999 } })).toBeUndefined();
});
