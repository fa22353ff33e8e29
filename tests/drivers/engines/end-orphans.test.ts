import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { clientMark, endOrphans, eventsMark } from '../../../src/drivers/engines/end-orphans.ts';
import { type RealTmux, startRealTmux } from '../../support/real-tmux.ts';
import { seen } from '../../support/tmux-ops.ts';
import { until } from '../../support/until.ts';

let real: RealTmux;
let shell: ChildProcess | undefined;

beforeEach(async () => {
  real = startRealTmux();
  seen(await real.server.look());
});

afterEach(async () => {
  shell?.kill('SIGKILL');
  await real.stop();
});

/** A control client of a shell of ours, with this mark; its process id. */
async function attach(mark: Readonly<Record<string, string>>): Promise<string> {
  const [own] = await clients();
  const argv = real.host.tmuxArgv(['-C', 'attach-session', '-t', '=_agenttower']);
  shell = spawn('sh', ['-c', '"$@"; true', 'sh', ...argv], {
    env: { ...(real.host.env as NodeJS.ProcessEnv), ...mark },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  let added: string | undefined;
  await until(async () => {
    added = (await clients()).find((client) => client !== own);
    return added !== undefined;
  });
  return added ?? '';
}

async function clients(): Promise<readonly string[]> {
  return (await real.tmux('list-clients', '-F', '#{client_pid}')).split('\n').filter(Boolean);
}

test('a client of ours is spared, though a shell stands between us and it', async () => {
  const client = await attach(clientMark());
  await endOrphans(userInfo().uid);
  expect(await clients()).toContain(client);
});

test('a client whose daemon is gone is ended', async () => {
  const gone = String(spawnSync('true').pid);
  const client = await attach({ ...clientMark(), AGENTTOWER_CLIENT_OF: gone });
  await endOrphans(userInfo().uid);
  await until(async () => !(await clients()).includes(client));
});

/** A program of the name of an engine's, which has this mark. */
function listen(mark: Readonly<Record<string, string>>): ChildProcess {
  const directory = mkdtempSync(join(tmpdir(), 'agenttower-podman-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const program = join(directory, 'podman');
  copyFileSync(execFileSync('which', ['sleep'], { encoding: 'utf8' }).trim(), program);
  const child = spawn(program, ['100'], { env: { ...process.env, ...mark }, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('a stream of events whose daemon is gone is ended, and no other program of that name', async () => {
  const gone = { AGENTTOWER_EVENTS_OF: String(spawnSync('true').pid) };
  const orphan = listen(gone);
  const others = [
    listen(eventsMark()),
    listen({}),
    listen({ ...clientMark(), AGENTTOWER_CLIENT_OF: '1' }),
  ];
  const ended = once(orphan, 'exit');
  await Promise.all([orphan, ...others].map((child) => once(child, 'spawn')));
  await endOrphans(userInfo().uid);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(others.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual([
    null,
    null,
    null,
  ]);
});
