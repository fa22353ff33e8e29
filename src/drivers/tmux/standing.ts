import type { TmuxPaneId, TmuxSessionId } from '../../domain/ids.ts';
import { block, type Command } from './command.ts';
import { keepUnattached } from './commands.ts';
import { dialectOf } from './dialect.ts';
import type { TmuxHost } from './host.ts';
import { OWN_SESSION } from './wake.ts';

/*
 * A control client has to be attached to a session. Among a person's sessions it stands in one of our own, which
 * `tmux attach` passes over as it is attached to already. On a server that is ours alone it stands in whichever there
 * is, so that nothing shows but what was declared, and our own is made only where there is no other.
 */

type Host = Pick<TmuxHost, 'ownsServer' | 'tmuxVersion'>;

const OWN = `=${OWN_SESSION}:`;
const MAKE = ['new-session', '-d', '-s', OWN_SESSION, '-c', '/', '--', 'cat', '-'] as const;
const KEEP = keepUnattached(OWN_SESSION);

/** Words of the commands that make sure of a server with a session to stand in. */
export function ensureSession(host: Host): readonly string[] {
  if (!host.ownsServer) return [...MAKE, ';', ...KEEP];
  const make = [MAKE, KEEP].map(dialectOf(host).write).join(' ; ');
  return ['start-server', ';', 'if-shell', '-F', '#{==:#{session_name},}', make];
}

/**
 * Arguments of a client that sizes no window and hears no pane's output. It brings nothing of its environment into
 * the session.
 */
export function clientArgs({ ownsServer }: Pick<Host, 'ownsServer'>): readonly string[] {
  const session = ownsServer ? [] : ['-t', OWN];
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
 * To be sent before the pane is killed: takes the client that sends it to another session when its own ends with the
 * pane, so that no answer is lost.
 */
export function stepAside(pane: TmuxPaneId): Command {
  const facts = '#{pane_id} #{session_windows} #{window_panes} #{session_name}';
  const isLast = `#{==:${facts},${pane} 1 1 #{client_session}}`;
  const home = block(MAKE, KEEP, ['switch-client', '-E', '-t', OWN]);
  const next = block(['switch-client', '-E', '-n']);
  const move: Command = ['if-shell', '-F', '#{==:#{S:x},x}', home, next];
  return ['if-shell', '-F', '-t', pane, isLast, block(move)];
}
