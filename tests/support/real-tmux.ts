import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstallationId } from '../../src/domain/ids.ts';
import { type LocalHost, openLocalHost } from '../../src/drivers/engines/local.ts';
import type { TmuxHost } from '../../src/drivers/tmux/host.ts';
import { type OpenTmuxServer, openTmuxServer } from '../../src/drivers/tmux/server.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { removeTree } from './remove-tree.ts';

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined),
};

export const TEST_INSTALLATION = '11111111-1111-4111-8111-111111111111' as InstallationId;

export interface RealTmux {
  readonly server: OpenTmuxServer;
  readonly host: LocalHost;
  readonly installation: InstallationId;
  /** A fresh directory, removed by `stop`. The server's socket lies in it too. */
  readonly directory: string;
  /** How often something changed, as the driver told. */
  wakes(): number;
  /** Runs `tmux` as another client of the same server and answers what it printed. */
  tmux(...args: string[]): Promise<string>;
  /** Process id of the server. */
  serverPid(): Promise<number>;
  /** Another driver on the same server; closed by `stop`. */
  open(changes?: Partial<TmuxHost>): OpenTmuxServer;
  stop(): Promise<void>;
}

/** A tmux server of its own in a directory of its own: it starts with the first look, and `stop` kills it. */
export function startRealTmux(): RealTmux {
  const directory = mkdtempSync(join(tmpdir(), 'agenttower-tmux-'));
  const host = openLocalHost({
    env: { ...process.env, TMUX_TMPDIR: directory, SHELL: '/bin/sh' },
    homeDir: directory,
    uid: userInfo().uid,
  });
  const env = host.env as NodeJS.ProcessEnv;
  const opened: OpenTmuxServer[] = [];
  let wakes = 0;
  const open = (changes: Partial<TmuxHost> = {}) => {
    const server = openTmuxServer({
      // By descriptors: what is known of tmux comes to be known later.
      host: Object.create(host, Object.getOwnPropertyDescriptors(changes)) as TmuxHost,
      installation: TEST_INSTALLATION,
      clock: realClock,
      onChange: () => {
        wakes += 1;
      },
    });
    opened.push(server);
    return server;
  };
  const tmux = (...args: string[]) =>
    new Promise<string>((resolve, reject) => {
      const [program = '', ...rest] = host.tmuxArgv(args);
      execFile(program, rest, { env, maxBuffer: 1 << 26 }, (error, stdout) => {
        if (error) reject(error);
        else resolve(stdout.replace(/\n$/, ''));
      });
    });
  return {
    server: open(),
    host,
    installation: TEST_INSTALLATION,
    directory,
    wakes: () => wakes,
    tmux,
    serverPid: async () => Number(await tmux('display-message', '-p', '#{pid}')),
    open,
    stop: async () => {
      for (const server of opened) await server.close();
      const [program = '', ...rest] = host.tmuxArgv(['kill-server']);
      try {
        execFileSync(program, rest, { env, stdio: 'ignore', timeout: 5_000 });
      } catch {
        // It had ended already, or never started.
      }
      await removeTree(directory);
    },
  };
}
