import { describe, expect, test } from 'vitest';
import { resolvePaths } from '../../../src/drivers/system/paths.ts';

describe('paths', () => {
  test('stand under the home directory when nothing is set', () => {
    expect(resolvePaths({}, '/home/ada')).toEqual({
      configDir: '/home/ada/.config/opensoft/agenttower',
      configFile: '/home/ada/.config/opensoft/agenttower/config.toml',
      stateDir: '/home/ada/.local/state/opensoft/agenttower',
      database: '/home/ada/.local/state/opensoft/agenttower/agenttower.sqlite3',
      eventsFile: '/home/ada/.local/state/opensoft/agenttower/events.jsonl',
      logsDir: '/home/ada/.local/state/opensoft/agenttower/logs',
      daemonLog: '/home/ada/.local/state/opensoft/agenttower/logs/agenttowerd.log',
      socket: '/home/ada/.local/state/opensoft/agenttower/agenttowerd.sock',
      clientSocket: '/home/ada/.local/state/opensoft/agenttower/agenttowerd.sock',
      runDir: '/home/ada/.local/state/opensoft/agenttower/run',
      containerSocket: '/home/ada/.local/state/opensoft/agenttower/run/agenttowerd.sock',
      lockFile: '/home/ada/.local/state/opensoft/agenttower/agenttowerd.lock',
      pidFile: '/home/ada/.local/state/opensoft/agenttower/agenttowerd.pid',
      cacheDir: '/home/ada/.cache/opensoft/agenttower',
      sourcesDir: '/home/ada/.cache/opensoft/agenttower/sources',
    });
  });

  test('follow the XDG variables, and an empty one counts as unset', () => {
    const paths = resolvePaths(
      { XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '' },
      '/home/ada',
    );
    expect([paths.configDir, paths.stateDir, paths.cacheDir]).toEqual([
      '/c/opensoft/agenttower',
      '/s/opensoft/agenttower',
      '/home/ada/.cache/opensoft/agenttower',
    ]);
  });

  test('need no home directory when every base is set', () => {
    const env = { XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/k' };
    expect(resolvePaths(env, '').socket).toBe('/s/opensoft/agenttower/agenttowerd.sock');
    expect(() => resolvePaths({}, '')).toThrow('HOME must be an absolute path, and is ""');
  });

  test('refuse a relative base', () => {
    expect(() => resolvePaths({ XDG_STATE_HOME: 'state' }, '/home/ada')).toThrow(
      expect.objectContaining({
        code: 'path_unsafe',
        message: 'XDG_STATE_HOME must be an absolute path, and is "state"',
      }),
    );
  });
});

const base = (bytes: number): string =>
  `/${'x'.repeat(bytes - '//opensoft/agenttower/agenttowerd.sock'.length)}`;

describe('the socket', () => {
  test('may have 107 bytes and no more', () => {
    const { socket } = resolvePaths({ XDG_STATE_HOME: base(107) }, '/home/ada');
    expect(socket).toHaveLength(107);
    expect(() => resolvePaths({ XDG_STATE_HOME: base(108) }, '/home/ada')).toThrow(
      /at most 107 bytes, and this has 108; set XDG_STATE_HOME to a shorter directory$/,
    );
  });

  test('is counted in bytes, not letters', () => {
    expect(() => resolvePaths({ XDG_STATE_HOME: `/${'ö'.repeat(50)}` }, '/home/ada')).toThrow(
      'set XDG_STATE_HOME',
    );
  });

  test('of clients is what AGENTTOWER_SOCKET says; the daemon keeps its own', () => {
    const env = {
      AGENTTOWER_SOCKET: '/run/agenttower/agenttowerd.sock',
      XDG_STATE_HOME: base(150),
    };
    const paths = resolvePaths(env, '/home/ada');
    expect(paths.clientSocket).toBe('/run/agenttower/agenttowerd.sock');
    expect(paths.socket).toBe(`${base(150)}/opensoft/agenttower/agenttowerd.sock`);
  });

  test.each([
    ['run/a.sock', 'AGENTTOWER_SOCKET must be an absolute path'],
    [`/${'x'.repeat(107)}`, 'set AGENTTOWER_SOCKET to a shorter path'],
  ])('refuses AGENTTOWER_SOCKET=%s', (value, message) => {
    expect(() => resolvePaths({ AGENTTOWER_SOCKET: value }, '/home/ada')).toThrow(message);
  });
});
