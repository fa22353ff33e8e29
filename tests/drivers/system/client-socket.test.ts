import { symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  chooseClientSocket,
  kindOf,
  overrideProblem,
} from '../../../src/drivers/system/client-socket.ts';
import { privateDirectory } from './private-directory.ts';

const HOST = '/home/ada/.local/state/opensoft/agenttower/agenttowerd.sock';
const long = (bytes: number): string => `/${'x'.repeat(bytes - 1)}`;

async function listening(directory = privateDirectory()): Promise<string> {
  const path = join(directory, 'd.sock');
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  onTestFinished(() => void server.close());
  return path;
}

const mounted = (path: string, isInside = true) => ({ path, isInContainer: () => isInside });

describe('a client looks for the daemon', () => {
  test('where AGENTTOWER_SOCKET says, whatever else there is', async () => {
    const env = { AGENTTOWER_SOCKET: '/nowhere/d.sock' };
    expect(chooseClientSocket(env, HOST, mounted(await listening()))).toEqual({
      path: '/nowhere/d.sock',
      source: 'env_override',
    });
  });

  test('else at the mounted socket, in a container that has one', async () => {
    const path = await listening();
    expect(chooseClientSocket({}, HOST, mounted(path))).toEqual({
      path,
      source: 'mounted_default',
    });
    const host = { path: HOST, source: 'host_default' };
    expect(chooseClientSocket({}, HOST, mounted(path, false))).toEqual(host);
    expect(chooseClientSocket({}, HOST, mounted(`${path}.gone`))).toEqual(host);
    writeFileSync(`${path}.file`, '');
    expect(chooseClientSocket({}, HOST, mounted(`${path}.file`))).toEqual(host);
  });

  test('and on the host, where a daemon started there listens', () => {
    expect(chooseClientSocket({}, HOST)).toEqual({ path: HOST, source: 'host_default' });
  });

  test('at a path of 107 bytes and no more, counted in bytes', () => {
    expect(chooseClientSocket({}, long(107)).path).toHaveLength(107);
    expect(() => chooseClientSocket({}, long(108))).toThrow(
      /has 108 bytes, and a socket path has at most 107; set XDG_STATE_HOME to a shorter/,
    );
    expect(() => chooseClientSocket({}, `/${'ö'.repeat(60)}`)).toThrow('has 121 bytes');
    expect(chooseClientSocket({ AGENTTOWER_SOCKET: '/s' }, long(150)).path).toBe('/s');
  });

  test.each([
    ['', 'AGENTTOWER_SOCKET value is empty'],
    ['run/a.sock', 'AGENTTOWER_SOCKET must be an absolute path, and is "run/a.sock"'],
    ['/a\0b', 'AGENTTOWER_SOCKET contains a NUL byte'],
    [long(108), 'set AGENTTOWER_SOCKET to a shorter path'],
  ])('and refuses AGENTTOWER_SOCKET=%j instead of looking elsewhere', async (value, message) => {
    const path = await listening();
    expect(() => chooseClientSocket({ AGENTTOWER_SOCKET: value }, HOST, mounted(path))).toThrow(
      expect.objectContaining({ code: 'path_unsafe', message: expect.stringContaining(message) }),
    );
  });
});

test('the file that AGENTTOWER_SOCKET names is a socket, or one symbolic link to a socket', async () => {
  const directory = privateDirectory();
  const path = await listening(directory);
  const at = (name: string): string => join(directory, name);
  writeFileSync(at('file'), '');
  symlinkSync('d.sock', at('link'));
  symlinkSync('link', at('chain'));
  symlinkSync('gone', at('dangling'));
  symlinkSync('file', at('to-file'));
  expect(overrideProblem(path)).toBeUndefined();
  expect(overrideProblem(at('link'))).toBeUndefined();
  expect(overrideProblem(at('chain'))).toMatch(/symbolic link to another/);
  expect(overrideProblem(at('dangling'))).toBe('does not exist');
  expect(overrideProblem(at('gone'))).toBe('does not exist');
  expect(overrideProblem(at('file'))).toBe('is not a Unix socket');
  expect(overrideProblem(at('to-file'))).toBe('is not a Unix socket');
  expect(overrideProblem('')).toMatch(/^value is empty/);
  expect([kindOf(path), kindOf(at('link')), kindOf(at('file')), kindOf(at('gone'))]).toEqual([
    'socket',
    'socket',
    'other',
    'missing',
  ]);
});
