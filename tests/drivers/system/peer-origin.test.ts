import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readPeer } from '../../../src/drivers/system/peer-credentials.ts';
import {
  originOf,
  pidNamespacesIn,
  readPeerOrigin,
} from '../../../src/drivers/system/peer-origin.ts';
import { until } from '../../support/until.ts';
import { privateDirectory } from './private-directory.ts';

const A = '0123456789abcdef'.repeat(4);

/** A connection to here, made by a process that `command` runs, and that process. */
async function connectFrom(
  ...command: readonly string[]
): Promise<{ readonly socket: Socket; readonly client: ChildProcess }> {
  const path = join(privateDirectory(), 'd.sock');
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket));
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  const script = `require('net').connect(${JSON.stringify(path)})`;
  const [program, ...args] = [...command, process.execPath, '-e', script];
  const client = spawn(program, args, { stdio: 'ignore' });
  onTestFinished(() => {
    client.kill('SIGKILL');
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  return { socket: await until(() => accepted[0]), client };
}

test('a process that sees what we see is on the host', async () => {
  const { socket, client } = await connectFrom();
  expect(readPeerOrigin(socket, client.pid ?? 0)).toEqual({ kind: 'host' });
});

for (const namespace of ['--pid', '--mount']) {
  test.skipIf(!canUnshare(namespace))(
    `one with another namespace (${namespace}) is not`,
    async () => {
      const { socket } = await connectFrom('unshare', namespace, '--fork', '--kill-child');
      expect(readPeerOrigin(socket, readPeer(socket)?.pid ?? 0)).toEqual({ kind: 'container' });
    },
  );
}

test('a process that has ended is nobody, though its connection may still be there', async () => {
  const { socket, client } = await connectFrom();
  socket.on('error', () => {});
  client.kill('SIGKILL');
  await until(() => client.signalCode);
  expect(readPeerOrigin(socket, client.pid ?? 0)).toEqual({ kind: 'container' });
});

test('a number that has passed to another process is not believed', async () => {
  const { socket, client } = await connectFrom();
  // Kernels before 6.5 do not tell who connected in any other way than by the number.
  const isTold = readPeerOrigin(socket, process.pid).kind === 'container';
  expect(readPeerOrigin(socket, client.pid ?? 0)).toEqual({ kind: 'host' });
  expect(isTold || kernelBefore(6, 5)).toBe(true);
});

test.each([0, -1, 2 ** 30])('number %i is nobody', async (pid) => {
  const { socket } = await connectFrom();
  expect(readPeerOrigin(socket, pid)).toEqual({ kind: 'container' });
});

describe('by what the kernel shows of a process', () => {
  test.each([
    ['in a container', { cgroup: `0::/docker/${A}`, numbers: '4711\t7' }, A],
    [
      'in a container that sees the host’s processes',
      { cgroup: `0::/docker/${A}`, numbers: '9' },
      A,
    ],
    [
      'in a namespace inside a container',
      { cgroup: `0::/docker/${A}`, numbers: '9\t7\t1' },
      undefined,
    ],
    ['of which the kernel tells no numbers', { cgroup: `0::/docker/${A}` }, undefined],
    ['in no container', { cgroup: '0::/user.slice', numbers: '4711' }, undefined],
  ])('one %s', (_where, shown, engineId) => {
    const folder = processFolder(shown);
    const container = engineId === undefined ? {} : { engineId };
    expect(originOf(folder)).toEqual({ kind: 'container', ...container });
  });

  test('our own namespaces are the host, whatever the control group', () => {
    const folder = processFolder({ cgroup: `0::/docker/${A}`, numbers: '1' });
    mkdirSync(join(folder, 'ns'));
    for (const name of ['pid', 'mnt']) symlinkSync(ownNamespace(name), join(folder, 'ns', name));
    expect(originOf(folder)).toEqual({ kind: 'host' });
  });

  test('the numbers of a process are counted', () => {
    expect(pidNamespacesIn('Name:\tx\nNSpid:\t12\t3\nNSpgid:\t1\t2\t3\n')).toBe(2);
    expect(pidNamespacesIn('NSpid:\n')).toBe(0);
    expect(pidNamespacesIn('Name:\tNSpid:\t1\n')).toBe(0);
  });
});

/** A directory as /proc has one for each process. */
function processFolder(shown: { readonly cgroup: string; readonly numbers?: string }): string {
  const folder = privateDirectory();
  writeFileSync(join(folder, 'cgroup'), `${shown.cgroup}\n`);
  const numbers = shown.numbers === undefined ? '' : `NSpid:\t${shown.numbers}\n`;
  writeFileSync(join(folder, 'status'), `Name:\tnode\n${numbers}Threads:\t1\n`);
  return folder;
}

function ownNamespace(name: string): string {
  return spawnSync('readlink', [`/proc/self/ns/${name}`], { encoding: 'utf8' }).stdout.trim();
}

function canUnshare(namespace: string): boolean {
  return spawnSync('unshare', [namespace, '--fork', 'true']).status === 0;
}

function kernelBefore(major: number, minor: number): boolean {
  const release = spawnSync('uname', ['-r'], { encoding: 'utf8' }).stdout;
  const [has = 0, and = 0] = release.split('.').map(Number);
  return has < major || (has === major && and < minor);
}
