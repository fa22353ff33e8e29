import { err, ok, type Result } from '../../lib/result.ts';
import type { ProcessResult } from '../process/run-process.ts';
import { execTmux } from './exec.ts';
import type { HostShell, TmuxHost } from './host.ts';
import { quoteForShell } from './quote.ts';
import { clientArgs, ensureSession, standsAnywhere } from './standing.ts';
import { timedOut, type Unreachable } from './unreachable.ts';

export interface StartFailure extends Unreachable {
  /** A server just coming up or going down may let the next client in. */
  readonly isWorthRetrying: boolean;
}

/** What tmux says when our session is there already. */
const DUPLICATE = 'duplicate session';
/** Exit codes of a wrapper (a shell, `docker exec`) that could not start the program. */
const NOT_RUNNABLE: readonly number[] = [126, 127];

/**
 * Makes sure that a server runs and answers, with a session in it that a client can attach to. A plain client does
 * this, and it comes before every channel: a server of tmux 3.3a dies when it has something to tell all control
 * clients while one of them is just arriving, so none may arrive while the server hangs or is busy losing another.
 */
export async function startServer(
  host: TmuxHost,
  timeoutMs: number,
): Promise<Result<void, StartFailure>> {
  const result = await reachOrStart(host, timeoutMs);
  if (result.code === 0 || result.stderr.startsWith(DUPLICATE)) return ok(undefined);
  return err(toFailure(result, host, timeoutMs));
}

const NO_SOCKET = /^error connecting to .*\(No such file or directory\)/m;
const NOBODY = /^no server running on /m;

/**
 * A server is started only once it is certain that none is there. Between a look at the socket and a client that comes
 * after it somebody may clear the file away, and a client that finds none starts another server, unless told not to.
 */
async function reachOrStart(host: TmuxHost, timeoutMs: number): Promise<ProcessResult> {
  const ensure = ensureSession(host);
  if (!standsAnywhere(host)) return execTmux(host, ensure, { timeoutMs });
  const reached = await execTmux(host, ['-N', ...ensure], { timeoutMs });
  const isLost = NO_SOCKET.test(reached.stderr);
  if (!isLost && !NOBODY.test(reached.stderr)) return reached;
  // Without a file `prepare` finds a server that has lost it, and gives it back.
  if (isLost && (await host.prepare?.()) !== undefined) return reached;
  return execTmux(host, ensure, { timeoutMs });
}

/**
 * A script of sh that does the same and then becomes the client of a channel. It ends with another code than
 * 0 when no server could be had; `startServer` tells why.
 */
export function startThen(
  host: Pick<TmuxHost, 'ownsServer' | 'tmuxVersion'>,
  shell: HostShell,
  timeoutMs: number,
): string {
  const start = shell.tmuxArgv(ensureSession(host), timeoutMs);
  return `said=$(${words(start)} 2>&1) || case $said in "${DUPLICATE}"*) ;; *) exit 1 ;; esac
exec ${words(shell.tmuxArgv(clientArgs(host)))}`;
}

function words(argv: readonly string[]): string {
  return argv.map(quoteForShell).join(' ');
}

function toFailure(result: ProcessResult, host: TmuxHost, timeoutMs: number): StartFailure {
  if (result.problem?.kind === 'not-found' || NOT_RUNNABLE.includes(result.code ?? 0)) {
    return {
      reason: 'TmuxMissing',
      message: `tmux is not installed in container ${host.container}; install it with: ${host.installCommand}`,
      isWorthRetrying: false,
    };
  }
  if (result.timedOut) return { ...timedOut(host, timeoutMs), isWorthRetrying: false };
  const said = result.problem?.message ?? result.stderr.trim();
  return {
    reason: 'TmuxFailed',
    message: `tmux in container ${host.container} does not start: ${said || `it ended with ${result.code ?? result.signal}`}`,
    isWorthRetrying: result.problem === undefined,
  };
}
