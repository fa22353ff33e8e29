import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { type Paths, resolvePaths } from '../../../src/drivers/system/paths.ts';
import { type Client, connect } from '../../../src/surfaces/api/client.ts';
import type { EventView, LayoutView, PaneView } from '../../../src/surfaces/api/protocol.ts';
import { removeTree } from '../../support/remove-tree.ts';
import { tmuxDialect } from '../../support/this-tmux.ts';
import { until } from '../../support/until.ts';
import { killProcessesOf } from './processes.ts';

const DIST = inject('dist');

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TowerPane {
  readonly id: string;
  readonly session: string;
  readonly title: string;
  readonly tag: string;
  readonly pid: number;
  readonly dead: boolean;
  readonly deadStatus: string;
}

/** A daemon and its tmux server, in a home directory of their own. */
export interface Tower {
  /** Fresh directory of this test: the working directory of `cli`, and where manifests may lie. */
  readonly directory: string;
  readonly paths: Paths;
  readonly env: NodeJS.ProcessEnv;
  /** Runs the built command line to its end. */
  cli(args: readonly string[], stdin?: string): Promise<Finished>;
  /** Runs the built daemon to its end: for when it refuses to start. */
  daemon(...args: readonly string[]): Promise<Finished>;
  /** As `cli`, and throws unless it ended with 0; answers what it printed. */
  done(...args: readonly string[]): Promise<string>;
  /** Runs tmux as a person would, on the tower's server. */
  tmux(...args: readonly string[]): Promise<string>;
  tmuxPid(): Promise<number>;
  /** Every pane of the server, besides those of the daemon's own session. */
  panes(): Promise<readonly TowerPane[]>;
  call<T>(method: string, params?: object): Promise<T>;
  layouts(): Promise<readonly LayoutView[]>;
  layout(name: string): Promise<LayoutView>;
  /** One slot, as `payments/m1`. */
  slot(address: string): Promise<PaneView>;
  events(type?: string): Promise<readonly EventView[]>;
  startDaemon(): Promise<void>;
  /** Resolves once the process has ended. */
  killDaemon(signal?: NodeJS.Signals): Promise<void>;
  restartDaemon(signal?: NodeJS.Signals): Promise<void>;
  /** Ends everything that was started in this home: daemons, tmux servers, panes. */
  stop(): Promise<void>;
}

export interface TowerOptions {
  /** Text of config.toml. */
  readonly config?: string;
  /** Leave the daemon to the test. */
  readonly withoutDaemon?: boolean;
  /** More environment variables. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts a daemon on a fresh home. The caller must `stop` it, whatever happens. */
export async function startTower(options: TowerOptions = {}): Promise<Tower> {
  const tower = createTower(options);
  if (options.withoutDaemon !== true) {
    await tower.startDaemon().catch(async (error: unknown) => {
      await tower.stop();
      throw error;
    });
  }
  return tower;
}

function createTower({ config, env: more = {} }: TowerOptions): Tower {
  const directory = mkdtempSync(join(tmpdir(), 'att-'));
  const env = { ...freshEnvironment(directory), ...more };
  const paths = resolvePaths(env, join(directory, 'home'));
  if (config !== undefined) writeConfig(paths, config);
  let daemon: ChildProcess | undefined;
  let client: Client | undefined;

  const cli = (args: readonly string[], stdin = ''): Promise<Finished> =>
    run([process.execPath, join(DIST, 'agenttower.js'), ...args], { env, cwd: directory, stdin });
  const done = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await cli(args);
    if (code !== 0) throw new Error(`agenttower ${args.join(' ')}: ${code}\n${stdout}${stderr}`);
    return stdout;
  };
  const tmux = async (...args: readonly string[]): Promise<string> => {
    const finished = await run(['tmux', '-L', 'agenttower', ...args], { env, cwd: directory });
    if (finished.code !== 0) throw new Error(`tmux ${args.join(' ')}: ${finished.stderr}`);
    return finished.stdout.replace(/\n$/, '');
  };
  const forgetClient = (): void => {
    client?.close();
    client = undefined;
  };
  const call = async <T>(method: string, params: object = {}): Promise<T> => {
    client ??= await connect({ socketPath: paths.socket });
    return await client.call<T>(method, params).catch((error: unknown) => {
      // The next call connects anew: the daemon may be another one by then.
      forgetClient();
      throw error;
    });
  };
  const startDaemon = async (): Promise<void> => {
    forgetClient();
    daemon = spawn(process.execPath, [join(DIST, 'agenttowerd.js'), 'run'], {
      env,
      cwd: '/',
      stdio: 'ignore',
    });
    const started = daemon;
    await until(
      async () => {
        if (started.exitCode !== null || started.signalCode !== null)
          throw new Error(`agenttowerd ended: ${logOf(paths)}`);
        return await call('ping');
      },
      { timeoutMs: 20_000, label: 'the daemon answers' },
    );
  };
  const killDaemon = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    forgetClient();
    const running = daemon;
    daemon = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await ended;
  };
  const layouts = async (): Promise<readonly LayoutView[]> =>
    (await call<{ items: readonly LayoutView[] }>('layout.list')).items;
  const layout = async (name: string): Promise<LayoutView> => await call('layout.get', { name });
  return {
    directory,
    paths,
    env,
    cli,
    daemon: (...args) =>
      run([process.execPath, join(DIST, 'agenttowerd.js'), ...args], { env, cwd: '/' }),
    done,
    tmux,
    tmuxPid: async () => Number(await tmux('display-message', '-p', '#{pid}')),
    panes: async () => parsePanes(await tmux('list-panes', '-a', '-F', PANE_FORMAT)),
    call,
    layouts,
    layout,
    slot: async (address) => {
      const [name = '', key = ''] = address.split('/');
      const pane = (await layout(name)).panes.find(({ slot }) => slot === key);
      if (pane === undefined) throw new Error(`no slot ${address}`);
      return pane;
    },
    events: async (type) => {
      const page = { since_seq: 0, limit: 1_000 };
      const { items } = await call<{ items: readonly EventView[] }>('events.list', page);
      return items.filter(({ event_type }) => type === undefined || event_type === type);
    },
    startDaemon,
    killDaemon,
    restartDaemon: async (signal) => {
      await killDaemon(signal);
      await startDaemon();
    },
    stop: async () => {
      forgetClient();
      await killDaemon();
      await killProcessesOf(env['HOME'] ?? '');
      await removeTree(directory);
    },
  };
}

function freshEnvironment(directory: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([key]) => !/^(TMUX|XDG_|AGENTTOWER|VITEST|NODE_OPTIONS|npm_|GIT_)/.test(key),
  );
  const own = {
    HOME: join(directory, 'home'),
    TMUX_TMPDIR: join(directory, 'tmux'),
    XDG_RUNTIME_DIR: join(directory, 'run'),
    XDG_CONFIG_HOME: join(directory, 'config'),
    XDG_STATE_HOME: join(directory, 'state'),
    XDG_CACHE_HOME: join(directory, 'cache'),
  };
  for (const path of Object.values(own)) mkdirSync(path, { mode: 0o700 });
  return { ...Object.fromEntries(inherited), ...own, SHELL: '/bin/sh', NO_COLOR: '1' };
}

function writeConfig({ configDir, configFile }: Paths, text: string): void {
  mkdirSync(configDir, { recursive: true, mode: 0o700 });
  writeFileSync(configFile, text, { mode: 0o600 });
}

function logOf({ daemonLog }: Paths): string {
  try {
    return readFileSync(daemonLog, 'utf8').slice(-2_000);
  } catch {
    return 'it logged nothing';
  }
}

/** What `parsePanes` reads, for `list-panes -F`. */
export const PANE_FORMAT = [
  '#{pane_id}',
  '#{session_name}',
  '#{pane_title}',
  tmuxDialect.marks.format,
  '#{pane_pid}',
  '#{pane_dead}',
  '#{pane_dead_status}',
].join('\t');

/** The panes in a listing, besides those of the daemon's own session. */
export function parsePanes(text: string): readonly TowerPane[] {
  const tagOf = tmuxDialect.marks.reader([]);
  return text
    .split('\n')
    .map((line): TowerPane => {
      const [id = '', session = '', title = '', mark = '', pid, dead, deadStatus = ''] =
        line.split('\t');
      const tag = tagOf(id, mark);
      return { id, session, title, tag, pid: Number(pid), dead: dead === '1', deadStatus };
    })
    .filter(({ session }) => session !== '_agenttower');
}

interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdin?: string;
}

/** Runs a program to its end; one that does not end within a minute is killed and told. */
export function run(argv: readonly string[], options: RunOptions): Promise<Finished> {
  const { env, cwd, stdin = '' } = options;
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const limits = { timeout: 60_000, killSignal: 'SIGKILL', maxBuffer: 1 << 26 } as const;
    const child = execFile(program, args, { env, cwd, ...limits }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    // A program that does not read its input may end before it was written.
    child.stdin?.on('error', () => {}).end(stdin);
  });
}
