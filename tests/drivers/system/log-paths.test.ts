import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ContainerMount } from '../../../src/domain/containers.ts';
import { type ContainerId, LOCAL_CONTAINER } from '../../../src/domain/ids.ts';
import { openLogPaths } from '../../../src/drivers/system/log-paths.ts';
import type { LoggedContainer } from '../../../src/drivers/system/mounted-logs.ts';
import { modeOf, privateDirectory } from './private-directory.ts';

const BENCH = 'bench-api' as ContainerId;

function start(
  mounts: (base: string) => readonly ContainerMount[],
  bench: Partial<LoggedContainer> = {},
) {
  const base = privateDirectory();
  const [work, state] = [join(base, 'work'), join(base, 'state')];
  for (const directory of [work, state]) mkdirSync(directory, { mode: 0o700 });
  const known = {
    id: 'c'.repeat(64),
    key: BENCH,
    user: '',
    isOnThisMachine: true,
    mounts: mounts(base),
    ...bench,
  };
  const paths = openLogPaths({
    logsDir: join(state, 'logs'),
    ownDirectories: [state],
    containerOf: (key) => (key === BENCH ? known : undefined),
    logs: { prepare: () => ({ problem: 'not asked for here' }) },
  });
  return { work, state, paths };
}

const bind = (source: string, target: string, isWritable = true): ContainerMount => ({
  type: 'bind',
  source,
  target,
  isWritable,
});

describe('a log of one’s own in a container', () => {
  test('is made where both sides see it, named by either', () => {
    const { work, paths } = start((base) => [bind(join(base, 'work'), '/work')]);
    const log = { path: join(work, 'logs/a.log'), inside: '/work/logs/a.log' };
    expect(paths.chosen(BENCH, '/work/logs/a.log')).toEqual(log);
    expect(paths.chosen(BENCH, log.path)).toEqual(log);
    expect(modeOf(statSync(log.path).mode)).toBe('600');
    expect(modeOf(statSync(join(work, 'logs')).mode)).toBe('700');
  });

  test('that the host cannot see is refused with what is mounted, and nothing is made', () => {
    const { work, paths } = start((base) => [bind(join(base, 'work'), '/work')]);
    expect(() => paths.chosen(BENCH, '/home/dev/a.log')).toThrow(
      expect.objectContaining({
        code: 'log_path_not_host_visible',
        message: expect.stringMatching(
          /it mounts .*\/work → \/work; \/home\/dev\/a.log lies in none/,
        ),
      }),
    );
    expect(readdirSync(work)).toEqual([]);
  });

  test('is not made through a mount that can only be read', () => {
    const { paths } = start((base) => [bind(join(base, 'work'), '/work', false)]);
    expect(() => paths.chosen(BENCH, '/work/a.log')).toThrow('can only be read; mount it writable');
  });

  test('does not lie among the files of the daemon, under whatever name the container has for them', () => {
    const { state, paths } = start((base) => [bind(join(base, 'state'), '/harmless')]);
    expect(() => paths.chosen(BENCH, '/harmless/a.log')).toThrow(`it lies under ${state}`);
    expect(readdirSync(state)).toEqual([]);
  });

  test('is not for panes of another user, who would be given what is not theirs', () => {
    const benchUser = { uid: (process.geteuid?.() ?? 0) + 4_321, homeDir: '/home/dev' };
    const { work, paths } = start((base) => [bind(join(base, 'work'), '/work')], { benchUser });
    expect(() => paths.chosen(BENCH, '/work/a.log')).toThrow(`uid ${benchUser.uid}`);
    expect(readdirSync(work)).toEqual([]);
  });
});

test('on the host a log of one’s own is made where it is named', () => {
  const { work, paths } = start(() => []);
  const path = join(work, 'a.log');
  expect(paths.chosen(LOCAL_CONTAINER, path)).toEqual({ path, inside: path });
  expect(modeOf(statSync(path).mode)).toBe('600');
});
