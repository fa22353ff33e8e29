import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ContainerMount } from '../../../src/domain/containers.ts';
import type { AgentId, ContainerId } from '../../../src/domain/ids.ts';
import type { LoggedContainer } from '../../../src/drivers/system/mounted-logs.ts';
import { createPaneLogs } from '../../../src/drivers/system/pane-logs.ts';
import { modeOf, privateDirectory } from './private-directory.ts';

const BENCH = 'bench-api' as ContainerId;
const ID = 'c'.repeat(64);
const AGENT = 'agt_0123456789ab' as AgentId;
const FILE = `${AGENT}.log`;
const OWN_UID = process.geteuid?.() ?? -1;

const bind = (source: string, target: string, isWritable = true): ContainerMount => ({
  type: 'bind',
  source,
  target,
  isWritable,
});

function prepare(
  logsDir: string,
  bench: Partial<LoggedContainer> & Pick<LoggedContainer, 'mounts'>,
) {
  const known = { id: ID, key: BENCH, user: '', isOnThisMachine: true, ...bench };
  const logs = createPaneLogs({
    logsDir,
    containerOf: (key) => (key === BENCH ? known : undefined),
  });
  return logs.prepare(BENCH, AGENT);
}

function problemOf(log: ReturnType<typeof prepare>): string {
  return 'problem' in log ? log.problem : `no problem: ${log.path}`;
}

describe('a log that both sides can see', () => {
  test('is a file of its own, 0600 in a 0700 directory named by the id, at its path inside', () => {
    const logsDir = privateDirectory();
    expect(prepare(logsDir, { mounts: [bind(logsDir, '/logs')] })).toEqual({
      path: `/logs/${ID}/${FILE}`,
    });
    expect(modeOf(statSync(join(logsDir, ID, FILE)).mode)).toBe('600');
    expect(modeOf(statSync(join(logsDir, ID)).mode)).toBe('700');
  });

  test('is prepared again without losing what was written', () => {
    const logsDir = privateDirectory();
    const bench = { mounts: [bind(logsDir, logsDir)] };
    prepare(logsDir, bench);
    writeFileSync(join(logsDir, ID, FILE), 'output');
    expect(prepare(logsDir, bench)).toEqual({ path: join(logsDir, ID, FILE) });
    expect(statSync(join(logsDir, ID, FILE)).size).toBe(6);
  });

  test('lies in the directory of the container, where that alone is mounted', () => {
    const logsDir = privateDirectory();
    const own = join(logsDir, BENCH);
    mkdirSync(own, { mode: 0o700 });
    expect(prepare(logsDir, { mounts: [bind(own, '/var/log/agents')] })).toEqual({
      path: `/var/log/agents/${FILE}`,
    });
    expect(readdirSync(own)).toEqual([FILE]);
  });

  test('lies below the home of the user, where that is what is mounted', () => {
    const [logsDir, home] = [privateDirectory(), privateDirectory()];
    const below = `.local/state/opensoft/agenttower/logs/${ID}/${FILE}`;
    expect(prepare(logsDir, { mounts: [bind(home, '/root')] })).toEqual({
      path: `/root/${below}`,
    });
    expect(existsSync(join(home, below))).toBe(true);
    const dev = prepare(logsDir, { mounts: [bind(home, '/home/dev')], user: 'dev:dev' });
    expect(dev).toEqual({ path: `/home/dev/${below}` });
    const benchUser = { uid: OWN_UID, homeDir: '/srv/dev' };
    const asked = prepare(logsDir, { mounts: [bind(home, '/srv/dev')], user: '1000', benchUser });
    expect(asked).toEqual({ path: `/srv/dev/${below}` });
  });

  test('is named by where it really lies when a link leads there within the mount', () => {
    const root = privateDirectory();
    mkdirSync(join(root, 'real'), { mode: 0o700 });
    symlinkSync('real', join(root, 'logs'));
    expect(prepare(join(root, 'logs'), { mounts: [bind(root, '/r')] })).toEqual({
      path: `/r/real/${ID}/${FILE}`,
    });
  });
});

describe('without a way for both there is a problem, and nothing is made', () => {
  test('no mount: it names what is mounted and what to mount', () => {
    const logsDir = privateDirectory();
    const own = join(logsDir, BENCH);
    const advice = `mkdir -m 700 ${own}, then start it with --mount type=bind,source=${own},target=/var/log/agenttower`;
    expect(problemOf(prepare(logsDir, { mounts: [bind('/srv/api', '/api')] }))).toBe(
      `log_path_not_host_visible: the panes of container ${BENCH} cannot be logged: it mounts /srv/api → /api; ${advice}`,
    );
    expect(problemOf(prepare(logsDir, { mounts: [] }))).toContain('it mounts nothing; mkdir');
    expect(readdirSync(logsDir)).toEqual([]);
  });

  test('a mount that can only be read', () => {
    const logsDir = privateDirectory();
    expect(problemOf(prepare(logsDir, { mounts: [bind(logsDir, '/logs', false)] }))).toMatch(
      /log_path_not_host_visible: .* \(read-only\) can only be read; mount it writable/,
    );
    expect(readdirSync(logsDir)).toEqual([]);
  });

  test('a container on another machine, and one nobody has described', () => {
    const logsDir = privateDirectory();
    const remote = { mounts: [bind(logsDir, logsDir)], isOnThisMachine: false };
    expect(problemOf(prepare(logsDir, remote))).toContain('on another machine');
    const logs = createPaneLogs({ logsDir, containerOf: () => undefined });
    expect(logs.prepare(BENCH, AGENT)).toHaveProperty('problem');
    expect(readdirSync(logsDir)).toEqual([]);
  });

  test('a mount of a directory that this machine does not have', () => {
    const logsDir = join(privateDirectory(), 'logs');
    const log = prepare(logsDir, { mounts: [bind(logsDir, logsDir)] });
    expect(problemOf(log)).toContain('does not exist on this host');
  });
});

describe('whoever writes to the mount leads us nowhere', () => {
  test('a link out of the mount is refused, and nothing is made behind it', () => {
    const [logsDir, elsewhere] = [privateDirectory(), privateDirectory()];
    symlinkSync(elsewhere, join(logsDir, ID));
    expect(problemOf(prepare(logsDir, { mounts: [bind(logsDir, '/logs')] }))).toContain(
      `leads to ${elsewhere}, out of ${logsDir}`,
    );
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test('a link in place of the file is refused', () => {
    const logsDir = privateDirectory();
    mkdirSync(join(logsDir, ID), { mode: 0o700 });
    symlinkSync('/etc/passwd', join(logsDir, ID, FILE));
    expect(problemOf(prepare(logsDir, { mounts: [bind(logsDir, '/logs')] }))).toContain(
      'cannot be opened: ELOOP',
    );
  });

  test('a directory that is open to others is refused, and its mode is not touched', () => {
    const logsDir = privateDirectory();
    const bench = { mounts: [bind(logsDir, '/logs')] };
    prepare(logsDir, bench);
    chmodSync(join(logsDir, ID), 0o755);
    expect(problemOf(prepare(logsDir, bench))).toMatch(/has mode 755, .* run: chmod 700/);
    expect(modeOf(statSync(join(logsDir, ID)).mode)).toBe('755');
  });

  test('a directory that another mount hides is not taken for the log', () => {
    const root = privateDirectory();
    mkdirSync(join(root, 'real'), { mode: 0o700 });
    mkdirSync(join(root, 'other'), { mode: 0o700 });
    symlinkSync('real', join(root, 'logs'));
    const mounts = [bind(root, '/r'), bind(join(root, 'other'), '/r/real')];
    expect(problemOf(prepare(join(root, 'logs'), { mounts }))).toContain('hidden in container');
  });
});

describe('panes of another user', () => {
  const another = { uid: 4_711, homeDir: '/home/dev' };

  test.runIf(OWN_UID === 0)('get their own directory from a daemon that may give it', () => {
    const logsDir = privateDirectory();
    const own = join(logsDir, BENCH);
    mkdirSync(own, { mode: 0o700 });
    const log = prepare(logsDir, { mounts: [bind(own, '/logs')], benchUser: another });
    expect(log).toEqual({ path: `/logs/${FILE}` });
    for (const path of [own, join(own, FILE)]) expect(statSync(path).uid).toBe(another.uid);
    expect(modeOf(statSync(join(own, FILE)).mode)).toBe('600');
    expect(prepare(logsDir, { mounts: [bind(own, '/logs')], benchUser: another })).toEqual(log);
  });

  test.runIf(OWN_UID === 0)('are a problem where they could not enter a directory above', () => {
    const logsDir = privateDirectory();
    const log = prepare(logsDir, { mounts: [bind(logsDir, '/logs')], benchUser: another });
    expect(problemOf(log)).toContain(`${logsDir} cannot be entered by uid 4711 (mode 700)`);
    expect(problemOf(log)).toContain(`source=${logsDir}/${BENCH},target=`);
  });

  test.runIf(OWN_UID === 0)(
    'are told to mount nothing else where their own directory is what is wrong',
    () => {
      const own = join(privateDirectory(), BENCH);
      mkdirSync(own, { mode: 0o755 });
      const log = prepare(dirname(own), { mounts: [bind(own, '/logs')], benchUser: another });
      expect(problemOf(log)).toContain(`run: chmod 700`);
      expect(problemOf(log)).not.toContain('--mount');
    },
  );

  test.runIf(OWN_UID === 0)('are not given a file that has a second name', () => {
    const logsDir = privateDirectory();
    const own = join(logsDir, BENCH);
    mkdirSync(own, { mode: 0o700 });
    writeFileSync(join(logsDir, 'secret'), '', { mode: 0o600 });
    linkSync(join(logsDir, 'secret'), join(own, FILE));
    const log = prepare(logsDir, { mounts: [bind(own, '/logs')], benchUser: another });
    expect(problemOf(log)).toContain('has a second name elsewhere');
    expect(statSync(join(logsDir, 'secret')).uid).toBe(OWN_UID);
  });

  test.runIf(OWN_UID !== 0)('are a problem for a daemon that may not', () => {
    const logsDir = privateDirectory();
    const log = prepare(logsDir, { mounts: [bind(logsDir, '/logs')], benchUser: another });
    expect(problemOf(log)).toMatch(/they run as uid 4711, and logs are open to uid \d+ alone/);
  });

  test('root inside may write wherever it can see', () => {
    const logsDir = privateDirectory();
    const benchUser = { uid: 0, homeDir: '/root' };
    expect(prepare(logsDir, { mounts: [bind(logsDir, '/logs')], benchUser })).toHaveProperty(
      'path',
    );
  });
});
