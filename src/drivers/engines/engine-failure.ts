import type { ProcessResult } from '../process/run-process.ts';
import type { CliEndpoint } from './cli-endpoint.ts';
import type { EngineProblem } from './engine.ts';

export interface FailedCommand {
  /** The engine's name in this daemon. */
  readonly engine: string;
  readonly endpoint: CliEndpoint;
  /** What was run, for a person: `docker ps`. */
  readonly command: string;
  readonly timeoutMs: number;
  /** Who runs the CLI, for the advice on permissions. */
  readonly user: string;
}

const MAX_SAID = 2048;
/** How both CLIs and ssh say that nobody answers at the endpoint. */
const NOBODY_ANSWERS =
  /cannot connect to the docker daemon|is the docker daemon running|error during connect|connection refused|unable to connect to podman|failed to connect|could not resolve hostname|no route to host|connection timed out|\.sock: (?:connect|no such file)/i;

/** What a command of an engine that did not succeed means, and what to do about it. */
export function toEngineProblem(result: ProcessResult, failed: FailedCommand): EngineProblem {
  const { engine, endpoint, command, timeoutMs } = failed;
  if (result.problem !== undefined) return cannotRun(result.problem.kind, failed);
  if (result.timedOut) {
    return {
      code: 'docker_timeout',
      message: `engine ${engine} did not answer \`${command}\` within ${timeoutMs} ms; nothing is concluded about its containers until it does. See whether it hangs with: ${command}`,
    };
  }
  const said = sayPlainly(result.stderr);
  if (/permission denied/i.test(said)) return permissionDenied(said, failed);
  if (NOBODY_ANSWERS.test(said)) {
    return {
      code: 'docker_unavailable',
      message: `engine ${engine} is not reachable: ${said}. ${howToStart(endpoint)}`,
    };
  }
  const ending = result.signal ?? result.code ?? 'no exit code';
  return {
    code: 'docker_failed',
    message: `\`${command}\` failed (${ending}) on engine ${engine}: ${said || 'it said nothing'}`,
  };
}

/** The engine answered something that cannot be its whole answer. */
export function malformedAnswer(problem: string, failed: FailedCommand): EngineProblem {
  const { engine, command } = failed;
  return {
    code: 'docker_malformed',
    message: `engine ${engine} answered \`${command}\` with something else than asked: ${problem}; nothing is concluded from it. Compare with: ${command}`,
  };
}

/** One line, without control bytes, of a length a person can read. */
function sayPlainly(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
      .replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')
      .trim()
      .slice(0, MAX_SAID)
  );
}

function cannotRun(kind: 'not-found' | 'not-permitted' | 'failed', failed: FailedCommand) {
  const { engine, endpoint } = failed;
  const cli = endpoint.kind;
  const reason = {
    'not-found': `the command ${cli} is not on the daemon's PATH; install it, or take the engine out of config.toml`,
    'not-permitted': `the command ${cli} may not be run by ${failed.user}`,
    failed: `the command ${cli} could not be started (too many processes or open files?)`,
  }[kind];
  return {
    code: 'docker_unavailable',
    message: `engine ${engine} is not reachable: ${reason}`,
  } satisfies EngineProblem;
}

function permissionDenied(said: string, { engine, endpoint, user }: FailedCommand): EngineProblem {
  const fix = isRemote(endpoint)
    ? 'The daemon must be able to log in there without being asked for a password: try the same with ssh'
    : endpoint.kind === 'docker'
      ? `Let ${user} use it with: sudo usermod -aG docker ${user} (then log in again and restart the daemon)`
      : `Run the daemon as the user that owns the endpoint, or give ${user} access to it`;
  return {
    code: 'docker_permission_denied',
    message: `engine ${engine} refused us: ${said}. ${fix}`,
  };
}

function howToStart(endpoint: CliEndpoint): string {
  if (endpoint.context !== undefined) {
    const list = endpoint.kind === 'docker' ? 'docker context ls' : 'podman system connection list';
    return `Is ${endpoint.context} the right one (${list}), and its engine running?`;
  }
  if (isRemote(endpoint)) return `Is ${endpoint.host} right, and its engine running?`;
  return endpoint.kind === 'docker'
    ? 'Start it with: sudo systemctl start docker'
    : 'Start it with: systemctl --user start podman.socket';
}

function isRemote({ host }: CliEndpoint): boolean {
  return host !== undefined && /^(?:ssh|tcp|https?):/.test(host);
}
