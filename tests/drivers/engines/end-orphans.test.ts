import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clientMark, endOrphans } from '../../../src/drivers/engines/end-orphans.ts';
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
