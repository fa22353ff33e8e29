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
