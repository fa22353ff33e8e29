import { accessSync, realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LOCAL_CONTAINER } from '../../domain/ids.ts';
import { err, ok } from '../../lib/result.ts';
import { runProcess } from '../process/run-process.ts';
import type { Incarnation, Obstacle, OtherServers, TmuxHost } from '../tmux/host.ts';
import { clientMark, endOrphans } from './end-orphans.ts';
import { type LostServer, openSocketReviver } from './revive-socket.ts';

/** Name of our own tmux server on this machine; the user's `default` one is never touched. */
const SERVER_NAME = 'agenttower';

export interface LocalOptions {
  /** Environment of the daemon: where tmux is found, where its socket lies, what panes inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  /** Numeric user id, which is part of the socket's path. */
  readonly uid: number;
}

export interface LocalHost extends TmuxHost {
  /** argv that attaches a person's terminal to a session, or to the server's newest one. */
  attachArgv(session?: string): readonly string[];
  /** Environment for `attachArgv`: without it tmux refuses to run inside tmux. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** This machine as the container `local`, with a tmux server of its own that reads no configuration file. */
export function openLocalHost(options: LocalOptions): LocalHost {
  const env = withoutTmux(options.env);
  const socketPath = socketPathOf(options);
  const running: Incarnation = { kind: 'running', id: LOCAL_CONTAINER };
  const defaultTerminal = chooseTerminal(options);
  const version = rememberVersion(env);
  const revive = openSocketReviver(socketPath);
  return {
    container: LOCAL_CONTAINER,
    tmuxArgv: (args, _timeoutMs, through = []) => [
      ...through,
      'tmux',
      '-u',
      '-L',
      SERVER_NAME,
      '-f',
      '/dev/null',
      ...args,
    ],
    env,
    incarnation: async () => {
      await version.ask();
      // The channel does not need it, but people do. Not waited for: the server may be stopped.
      void revive();
      return running;
    },
    suspect: () => version.forget(),
    get tmuxVersion() {
      return version.known();
    },
    homeDir: options.homeDir,
    ownsServer: true,
    ...(defaultTerminal !== undefined && { defaultTerminal }),
    installCommand: 'sudo apt-get install tmux (Debian, Ubuntu) or brew install tmux (macOS)',
    clientMark: clientMark(),
    prepare: async () => {
      const [lost] = await Promise.all([revive(), endOrphans(options.uid)]);
      return lost && outOfReach(lost, socketPath);
    },
    others: {
      list: () => listSockets(socketPath),
      tmuxArgv: (socket, args, _timeoutMs, through = []) => [
        ...through,
        'tmux',
        '-u',
        '-S',
        socket,
        ...args,
      ],
    },
    attachArgv: (session) => [
      'tmux',
      '-L',
      SERVER_NAME,
      'attach-session',
      ...(session === undefined ? [] : ['-t', `=${session}`]),
    ],
    socketPath,
  };
}

const VERSION_DEADLINE_MS = 3_000;

/** Asked once, and again when tmux was not there, or when it may have been replaced. */
function rememberVersion(env: LocalHost['env']): {
  ask(): Promise<void>;
  forget(): void;
  known(): string | undefined;
} {
  let known: string | undefined;
  let asked: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    const said = await runProcess(['tmux', '-V'], { timeoutMs: VERSION_DEADLINE_MS, env });
    known = /^tmux (.+)$/m.exec(said.stdout)?.[1];
    if (known === undefined) asked = undefined;
  };
  return {
    ask: () => (asked ??= ask()),
    forget: () => {
      asked = undefined;
    },
    known: () => known,
  };
}

/** Inside somebody's tmux, `TMUX` would point our commands and our panes at their server. */
function withoutTmux(env: LocalOptions['env']): LocalHost['env'] {
  const { TMUX: _server, TMUX_PANE: _pane, ...rest } = env;
  return rest;
}

/** Where tmux puts the socket of `-L NAME`, links followed. */
function socketPathOf({ env, uid }: LocalOptions): string {
  const parent = env['TMUX_TMPDIR'];
  const directory = parent === undefined || parent === '' ? '/tmp' : parent;
  return join(withoutLinks(directory), `tmux-${uid}`, SERVER_NAME);
}

/** tmux names the directory so, to the programs in its panes too. */
function withoutLinks(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
}

function outOfReach({ pid }: LostServer, socketPath: string): Obstacle {
  return {
    reason: 'TmuxFailed',
    message: `the tmux server with process id ${pid} has lost its socket ${socketPath} and does not make it anew; nothing is changed until it does. If it is stopped, let it go on with: kill -CONT ${pid}`,
  };
}

/** Sockets beside our own: the user's `default` server, and whatever `-L` made. No directory holds none. */
async function listSockets(ownSocket: string): ReturnType<OtherServers['list']> {
  const directory = dirname(ownSocket);
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const sockets = entries.filter((entry) => entry.isSocket());
    const paths = sockets.map(({ name }) => join(directory, name));
    return ok(paths.filter((path) => path !== ownSocket).toSorted());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ok([]);
    return err({ reason: 'TmuxFailed', message: `${directory} cannot be read: ${String(error)}` });
  }
}

/** The best terminal type this machine has a description of; `undefined` leaves tmux its own default. */
function chooseTerminal({ env, homeDir }: LocalOptions): string | undefined {
  const directories = [
    ...(env['TERMINFO'] === undefined ? [] : [env['TERMINFO']]),
    join(homeDir, '.terminfo'),
    '/etc/terminfo',
    '/lib/terminfo',
    '/usr/share/terminfo',
    '/usr/local/share/terminfo',
  ];
  return ['tmux-256color', 'screen-256color'].find((name) => {
    const initial = name.slice(0, 1);
    const hexInitial = initial.charCodeAt(0).toString(16);
    return directories.some(
      (directory) =>
        isReadable(join(directory, initial, name)) || isReadable(join(directory, hexInitial, name)),
    );
  });
}

function isReadable(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
