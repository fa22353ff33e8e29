import { type EngineContainer, incarnationOf } from '../../domain/containers.ts';
import type { ContainerId } from '../../domain/ids.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Incarnation, TmuxHost } from '../tmux/host.ts';
import type { Engine } from './engine.ts';
import { listSockets, ownSocket } from './list-sockets.ts';
import { installTmux } from './probe.ts';
import { type Found, LOCALE, probeContainer } from './probe-container.ts';
import { probeOncePerLife } from './probe-once.ts';
import { afterReviving } from './revive-inside.ts';

export interface ContainerHostOptions {
  /** What layouts call it. */
  readonly key: ContainerId;
  readonly engine: Engine;
  /** What is known of the container now. */
  readonly record: () => Pick<EngineContainer, 'id' | 'name' | 'user' | 'startedAt'> | undefined;
  /** Which life of it there is, by what the engine said at `since` (monotonic) or later. Never rejects. */
  readonly life: (since: number) => Promise<Incarnation>;
  readonly clock: Clock;
}

export interface ContainerHost extends TmuxHost {
  /**
   * argv that attaches a person's terminal to a session, or to the server's newest one. Throws before
   * `incarnation` said running for the first time.
   */
  attachArgv(session?: string): readonly string[];
  /** Whom its panes run as; `undefined` before that was found out. */
  benchUser():
    | { readonly uid: number; readonly homeDir: string; readonly name: string }
    | undefined;
}

/** The client inside outlives ours by this much: it is ours that tells of the time-out. */
const GRACE_MS = 1_000;

/** The bench user's own tmux server in a container, where a plain `tmux attach` finds what we put there. */
export function openContainerHost(options: ContainerHostOptions): ContainerHost {
  const { key, engine, clock, life, record } = options;
  let doubtedAt = 0;
  const probes = probeOncePerLife(clock);
  let found: Found | undefined;
  const known = () => {
    if (found === undefined) throw new Error(`nothing was found out about container ${key} yet`);
    return found;
  };
  const exec = (argv: readonly string[]) => execArgv(engine, known(), argv);
  const inside: TmuxHost['tmuxArgv'] = (args, timeoutMs, through = []) => [
    ...through,
    ...(known().probe.hasTimeout ? limitArgv(timeoutMs) : []),
    'tmux',
    '-u',
    ...args,
  ];

  return {
    container: key,
    env: engine.env,
    ownsServer: false,
    incarnation: async () => {
      const now = await life(doubtedAt);
      if (now.kind !== 'running') return now;
      const container = record();
      if (!isInLife(container, now.id)) return movedOn(key);
      const probed = await probes(now.id, () => probeContainer({ key, engine, container }));
      if (probed.kind === 'unknown') return probed;
      if (!isInLife(record(), now.id)) return movedOn(key);
      found = probed;
      return now;
    },
    suspect: () => {
      doubtedAt = clock.monotonic();
    },
    tmuxArgv: (args, timeoutMs, through) => {
      const argv = inside(args, timeoutMs, through);
      // Without a limit it is the client that stays, which comes after one that had a limit, or words for a person.
      return exec(timeoutMs === undefined ? argv : afterReviving(socketOf(found), { argv }));
    },
    shell: { argv: (script) => exec(afterReviving(socketOf(found), { script })), tmuxArgv: inside },
    attachArgv: (session) => attachArgv(engine, known(), session),
    others: {
      list: () => listSockets({ key, engine, found: known() }),
      tmuxArgv: (socket, args, ...how) => exec(inside(['-S', socket, ...args], ...how)),
    },
    benchUser: () => found && benchUserOf(found),
    get socketPath() {
      return socketOf(found);
    },
    get homeDir() {
      return found?.probe.homeDir ?? '/';
    },
    get tmuxVersion() {
      return found?.probe.tmuxVersion;
    },
    get installCommand() {
      return installTmux(engine, record()?.name ?? key, found?.probe.installer);
    },
  };
}

/** A guess before anything was found out. */
function socketOf(found: Found | undefined): string {
  return ownSocket(found?.probe.tmuxDir ?? '/tmp/tmux-0');
}

function benchUserOf({ probe, target }: Found): ReturnType<ContainerHost['benchUser']> {
  return { uid: probe.uid, homeDir: probe.homeDir, name: target.user };
}

function execArgv(engine: Engine, { target }: Found, argv: readonly string[]): readonly string[] {
  return engine.execArgv(target.id, argv, { user: target.user, env: LOCALE });
}

function attachArgv(
  engine: Engine,
  { target, probe }: Found,
  session: string | undefined,
): readonly string[] {
  const env = { ...LOCALE, ...(probe.terminal !== undefined && { TERM: probe.terminal }) };
  const which = session === undefined ? [] : ['-t', `=${session}`];
  const argv = ['tmux', '-u', 'attach-session', ...which];
  return engine.execArgv(target.id, argv, { user: target.user, env, tty: true });
}

/** `timeout` counts seconds; a client that hangs is past asking. */
function limitArgv(timeoutMs: number | undefined): readonly string[] {
  if (timeoutMs === undefined) return [];
  return ['timeout', '-s', 'KILL', String(Math.ceil((timeoutMs + GRACE_MS) / 1_000))];
}

type Described = ReturnType<ContainerHostOptions['record']>;

function isInLife(container: Described, life: string): container is NonNullable<Described> {
  return container !== undefined && incarnationOf(container) === life;
}

function movedOn(key: ContainerId): Incarnation {
  return {
    kind: 'unknown',
    reason: 'EngineUnreachable',
    message: `container ${key} changed while it was looked at; the next look will tell`,
  };
}
