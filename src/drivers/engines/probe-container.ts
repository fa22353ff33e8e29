import type { EngineContainer } from '../../domain/containers.ts';
import type { ContainerId } from '../../domain/ids.ts';
import { type ProcessResult, runProcess } from '../process/run-process.ts';
import type { Incarnation } from '../tmux/host.ts';
import { resolveBenchUser } from './bench-user.ts';
import type { Engine } from './engine.ts';
import { installTmux, PROBE_ARGV, type Probe, parseProbe } from './probe.ts';

export type Probed = Found | Extract<Incarnation, { kind: 'unknown' }>;

export interface Found {
  readonly kind: 'found';
  readonly target: ExecTarget;
  readonly probe: Probe;
}

/** Where commands run: by id, which no other container ever gets. */
interface ExecTarget {
  readonly id: string;
  /** The bench user. */
  readonly user: string;
}

interface ProbeOptions {
  readonly key: ContainerId;
  readonly engine: Engine;
  readonly container: Pick<EngineContainer, 'id' | 'name' | 'user'>;
}

/** tmux prints what is not ASCII only in a UTF-8 locale. */
export const LOCALE = { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' } as const;
const TIMEOUT_MS = 5_000;

/** Finds out with one exec what a running container has for us. Never rejects. */
export async function probeContainer(options: ProbeOptions): Promise<Probed> {
  const { key, engine, container } = options;
  const user = resolveBenchUser(container.user, engine.env);
  if (user === undefined) return unknown('BenchUserUnresolved', noUser(key));
  const argv = engine.execArgv(container.id, PROBE_ARGV, { user, env: LOCALE });
  const result = await runProcess(argv, { timeoutMs: TIMEOUT_MS, env: engine.env });
  if (result.code !== 0) return toFailure(result, user, options);

  const probe = parseProbe(result.stdout);
  if (probe === undefined) {
    // The engine itself says it on the stdout of what it could not start.
    const said = JSON.stringify(result.stdout.slice(0, 120));
    return unknown(
      'OutputMalformed',
      `container ${key} answered something else than asked: ${said}`,
    );
  }
  if (probe.tmuxVersion === undefined) {
    const install = installTmux(engine, container.name, probe.installer);
    const message = `tmux is not installed in container ${key}; install it with: ${install}`;
    return unknown('TmuxMissing', message);
  }
  return { kind: 'found', target: { id: container.id, user }, probe };
}

/** What both engines say of a user, and of a program, that a container does not have. */
const NO_SUCH_USER = /unable to find user|no matching entries in passwd|unknown user/i;
const NO_SUCH_PROGRAM = /executable file .*not found|no such file or directory/i;

function toFailure(result: ProcessResult, user: string, { key, engine }: ProbeOptions): Probed {
  // The engine itself says it on the stdout of what it could not start.
  const said =
    result.problem?.message ??
    (result.stderr.trim() || result.stdout.trim()).slice(-500).replaceAll(/\s+/g, ' ');
  if (result.timedOut) {
    const message = `container ${key} did not answer within ${TIMEOUT_MS} ms; nothing is changed in it until it does`;
    return unknown('EngineUnreachable', message);
  }
  if (NO_SUCH_USER.test(said)) return unknown('BenchUserUnresolved', wrongUser(key, user));
  if (NO_SUCH_PROGRAM.test(said) && result.problem === undefined) {
    const message = `container ${key} has no sh, which tmux needs too; an image with a shell is needed (${said})`;
    return unknown('TmuxMissing', message);
  }
  const message = `nothing can be run in container ${key} on ${engine.name}: ${said || `it ended with ${result.code ?? result.signal}`}`;
  return unknown('EngineUnreachable', message);
}

function noUser(key: ContainerId): string {
  return `container ${key} sets no user and the daemon's own has no name; set USER in the daemon's environment, or a user in the container (docker run --user, compose user:)`;
}

function wrongUser(key: ContainerId, user: string): string {
  return `container ${key} has no user ${user}; set the one that works in it (docker run --user, compose user:), or run the daemon with USER set to it`;
}

function unknown(
  reason: Extract<Incarnation, { kind: 'unknown' }>['reason'],
  message: string,
): Probed {
  return { kind: 'unknown', reason, message };
}
