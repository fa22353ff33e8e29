import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { PassTime } from '../src/reconcile/controller.ts';
import { type Client, connect } from '../src/surfaces/api/client.ts';

/** E2E_DIST names a build to measure instead. */
const dist = process.env['E2E_DIST'] ?? new URL('../dist/', import.meta.url).pathname;
const TELLER = new URL('tell-passes.mjs', import.meta.url).href;
const run = promisify(execFile);

/** A daemon of its own, with its own home and tmux server. */
export interface Tower {
  readonly client: Client;
  readonly home: string;
  pid(): number;
  cli(...args: string[]): Promise<string>;
  tmux(...args: string[]): Promise<string>;
  /** Kills the daemon (its panes live on), starts another; milliseconds from spawn to its first answer. */
  restart(): Promise<number>;
  /** The passes of its loop that ended since the last call. Only of a daemon that tells them. */
  takePasses(): Promise<readonly PassTime[]>;
  stop(): Promise<void>;
}

export interface TowerOptions {
  /** The text of config.toml. */
  readonly config?: string;
  /** The daemon keeps the times of its passes for `takePasses`. */
  readonly tellsPasses?: boolean;
}

export async function startTower({ config = '', tellsPasses }: TowerOptions = {}): Promise<Tower> {
  const home = mkdtempSync(join(tmpdir(), 'agenttower-bench-'));
  mkdirSync(join(home, 'tmux'));
  const configDir = join(home, '.config/opensoft/agenttower');
  mkdirSync(configDir, { recursive: true, mode: 0o700 });
  writeFileSync(join(configDir, 'config.toml'), config, { mode: 0o600 });
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    TMUX_TMPDIR: join(home, 'tmux'),
    SHELL: '/bin/sh',
    ...(process.env['DOCKER_HOST'] !== undefined && { DOCKER_HOST: process.env['DOCKER_HOST'] }),
  };
  const socketPath = join(home, '.local/state/opensoft/agenttower/agenttowerd.sock');
  let daemon: ChildProcess;
  let client: Client;
  const start = async (): Promise<number> => {
    const from = performance.now();
    const argv = [join(dist, 'agenttowerd.js'), 'run'];
    daemon =
      tellsPasses === true
        ? spawn(process.execPath, ['--import', TELLER, ...argv], {
            env,
            stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
          })
        : spawn(process.execPath, argv, { env, stdio: 'inherit' });
    client = await connectSoon(socketPath);
    await client.call('ping', {});
    return performance.now() - from;
  };
  await start();
  return {
    get client() {
      return client;
    },
    home,
    pid: () => daemon.pid ?? 0,
    cli: async (...args) =>
      (await run(process.execPath, [join(dist, 'agenttower.js'), ...args], { env })).stdout,
    tmux: async (...args) => (await run('tmux', ['-L', 'agenttower', ...args], { env })).stdout,
    restart: async () => {
      client.close();
      daemon.kill('SIGKILL');
      await new Promise((resolve) => daemon.once('exit', resolve));
      return start();
    },
    takePasses: async () => {
      daemon.send('passes');
      const [passes] = (await once(daemon, 'message')) as [readonly PassTime[]];
      return passes;
    },
    stop: async () => {
      client.close();
      daemon.kill('SIGTERM');
      await new Promise((resolve) => daemon.once('exit', resolve));
      try {
        execFileSync('tmux', ['-L', 'agenttower', 'kill-server'], { env, stdio: 'ignore' });
      } catch {
        // No server was left.
      }
      await sleep(50);
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function connectSoon(socketPath: string): Promise<Client> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await connect({ socketPath });
    } catch (error) {
      if (attempt > 2_000) throw error;
      await sleep(2);
    }
  }
}

/** User and system CPU time a process has used, in milliseconds. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Resident memory in MB. */
export function rssMb(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) / 1024;
}

/** `count` layouts of four sleeping panes each, as one manifest. */
export function manifestOf(count: number, command = '[sleep, "100000"]'): string {
  const layouts = Array.from({ length: count }, (_, index) =>
    [
      'apiVersion: agenttower/v1',
      'kind: Layout',
      `metadata: {name: bench${index}}`,
      'spec:',
      '  panes:',
      ...['a', 'b', 'c', 'd'].map(
        (key) =>
          `  - {label: bench${index}-${key}, role: slave, capability: shell, command: ${command}}`,
      ),
    ].join('\n'),
  );
  return layouts.join('\n---\n');
}
