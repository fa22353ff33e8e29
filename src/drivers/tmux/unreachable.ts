import type { UnknownObservation } from '../../domain/observed.ts';
import type { TmuxHost } from './host.ts';

/** Why nothing can be known of a server. */
export type Unreachable = Pick<UnknownObservation, 'reason' | 'message'>;

/** The server is there, but hangs or is stopped. */
export function timedOut(host: TmuxHost, timeoutMs: number): Unreachable {
  const command = host.tmuxArgv(['list-sessions']).join(' ');
  return {
    reason: 'TmuxTimeout',
    message: `tmux in container ${host.container} did not answer within ${timeoutMs} ms; nothing is changed until it does. See whether it hangs with: ${command}`,
  };
}
