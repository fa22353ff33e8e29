import type { UnknownObservation } from '../../domain/observed.ts';
import type { ChannelEnd } from './channel.ts';
import type { TmuxHost } from './host.ts';

/** Why no line could be sent. */
export interface Unreachable {
  readonly reason: UnknownObservation['reason'];
  readonly message: string;
}

export interface OpenFailure extends Unreachable {
  /** The client ended by itself at once: a server just coming up or going down may let the next one in. */
  readonly isWorthRetrying: boolean;
}

/** Exit codes of a wrapper (a shell, `docker exec`) that could not start the program. */
const NOT_RUNNABLE: readonly number[] = [126, 127];

/** What it means that a client never answered, in words that say what to do. */
export function toOpenFailure(end: ChannelEnd, host: TmuxHost): OpenFailure {
  const where = `in container ${host.container}`;
  if (end.exit?.problem?.kind === 'not-found' || NOT_RUNNABLE.includes(end.exit?.code ?? 0)) {
    return {
      reason: 'TmuxMissing',
      message: `tmux is not installed ${where}; install it with: ${host.installCommand}`,
      isWorthRetrying: false,
    };
  }
  if (end.cause === 'deadline') return { ...timedOut(host, end.message), isWorthRetrying: false };
  return {
    reason: 'TmuxFailed',
    message: `tmux ${where} does not take commands: ${end.message}`,
    isWorthRetrying: end.cause === 'exited',
  };
}

/** The server is there, but hangs or is stopped. */
export function timedOut(host: TmuxHost, detail: string): Unreachable {
  const command = host.tmuxArgv(['list-sessions']).join(' ');
  return {
    reason: 'TmuxTimeout',
    message: `${detail} (container ${host.container}); nothing is changed until it does. See whether it hangs with: ${command}`,
  };
}
