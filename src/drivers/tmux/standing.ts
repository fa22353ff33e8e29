import type { TmuxPaneId, TmuxSessionId } from '../../domain/ids.ts';
import { block, type Command } from './command.ts';
import { keepUnattached } from './commands.ts';
import { dialectOf } from './dialect.ts';
import type { TmuxHost } from './host.ts';
import { OWN_SESSION } from './wake.ts';

/*
 * A control client has to be attached to a session. Among a person's sessions it stands in one of our own, which
 * `tmux attach` passes over as it is attached to already. On a server that is ours alone it stands in whichever there
 * is, so that nothing shows but what was declared, and our own is made only where there is no other. A tmux that no
 * channel can be opened to keeps our own besides: it cannot tell how many sessions there are.
 */

type Host = Pick<TmuxHost, 'ownsServer' | 'tmuxVersion'>;

/** Whether our own session is there only while there is no other. */
export function standsAnywhere(host: Host): boolean {
  return host.ownsServer && dialectOf(host).hasChannel;
}

const OWN = `=${OWN_SESSION}:`;
const MAKE = ['new-session', '-d', '-s', OWN_SESSION, '-c', '/', '--', 'cat', '-'] as const;
const KEEP = keepUnattached(OWN_SESSION);

/** Words of the commands that make sure of a server with a session to stand in. */
export function ensureSession(host: Host): readonly string[] {
  if (!standsAnywhere(host)) return [...MAKE, ';', ...KEEP];
  const make = [MAKE, KEEP].map(dialectOf(host).write).join(' ; ');
  return ['start-server', ';', 'if-shell', '-F', '#{==:#{session_name},}', make];
}

/**
 * Arguments of a client that sizes no window and hears no pane's output. It brings nothing of its environment into
 * the session.
 */
export function clientArgs(host: Host): readonly string[] {
  const session = standsAnywhere(host) ? [] : ['-t', OWN];
  return ['-C', 'attach-session', '-E', ...session, '-f', 'no-output,ignore-size'];
}

/** Takes the client that sends it from our own session to this one, and ends ours unless somebody else is in it. */
export function leaveOwnSession(to: TmuxSessionId): readonly Command[] {
  const isIn = `#{==:#{client_session},${OWN_SESSION}}`;
  const isLeft = `#{==:#{session_name} #{session_attached},${OWN_SESSION} 0}`;
  return [
    ['if-shell', '-F', isIn, block(['switch-client', '-E', '-t', `${to}:`])],
    ['if-shell', '-F', '-t', OWN, isLeft, block(['kill-session', '-t', OWN])],
  ];
}

/**
 * To be sent before the pane is killed: keeps the server a session when the last one ends with the pane, and takes the
 * client that sends it out of one that does, so that no answer is lost.
 */
export function stepAside(pane: TmuxPaneId): Command {
  const isLast = `#{==:#{pane_id} #{session_windows} #{window_panes},${pane} 1 1}`;
  const isIn = '#{==:#{client_session},#{session_name}}';
  const home = block(MAKE, KEEP, ['switch-client', '-E', '-t', OWN]);
  const next = block(['if-shell', '-F', '-t', pane, isIn, block(['switch-client', '-E', '-n'])]);
  const move: Command = ['if-shell', '-F', '#{==:#{S:x},x}', home, next];
  return ['if-shell', '-F', '-t', pane, isLast, block(move)];
}
