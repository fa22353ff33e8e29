import type { TmuxPaneId, TmuxSessionId } from '../../domain/ids.ts';
import { keepUnattached } from './commands.ts';
import type { TmuxHost } from './host.ts';
import { quote, quoteAll } from './quote.ts';
import { OWN_SESSION } from './wake.ts';

/*
 * A control client has to be attached to a session. Among a person's sessions it stands in one of our own, which
 * `tmux attach` passes over as it is attached to already. On a server that is ours alone it stands in whichever there
 * is, so that nothing shows but what was declared, and our own is made only where there is no other.
 */

type Owned = Pick<TmuxHost, 'ownsServer'>;

const MAKE: readonly string[] = [
  'new-session',
  '-d',
  '-s',
  OWN_SESSION,
  '-c',
  '/',
  '--',
  'cat',
  '-',
];
const KEEP = keepUnattached(OWN_SESSION);
const MAKE_AND_KEEP = `${quoteAll(MAKE)} ; ${quoteAll(KEEP)}`;

/** Words of the commands that make sure of a server with a session to stand in. */
export function ensureSession({ ownsServer }: Owned): readonly string[] {
  if (!ownsServer) return [...MAKE, ';', ...KEEP];
  return ['start-server', ';', 'if-shell', '-F', '#{==:#{session_name},}', MAKE_AND_KEEP];
}

/**
 * Arguments of a client that sizes no window and hears no pane's output. It brings nothing of its environment into
 * the session.
 */
export function clientArgs({ ownsServer }: Owned): readonly string[] {
  const session = ownsServer ? [] : ['-t', `=${OWN_SESSION}`];
  return ['-C', 'attach-session', '-E', ...session, '-f', 'no-output,ignore-size'];
}

/** Takes the client that sends it from our own session to this one, and ends ours unless somebody else is in it. */
export function leaveOwnSession(to: TmuxSessionId): string {
  const own = quote(`=${OWN_SESSION}:`);
  const isIn = quote(`#{==:#{client_session},${OWN_SESSION}}`);
  const isLeft = quote(`#{==:#{session_name} #{session_attached},${OWN_SESSION} 0}`);
  return [
    `if-shell -F ${isIn} ${quote(`switch-client -E -t ${quote(`${to}:`)}`)}`,
    `if-shell -F -t ${own} ${isLeft} ${quote(`kill-session -t ${own}`)}`,
  ].join(' ; ');
}

/**
 * To be sent before the pane is killed: takes the client that sends it to another session when its own ends with the
 * pane, so that no answer is lost.
 */
export function stepAside(pane: TmuxPaneId): string {
  const facts = '#{pane_id} #{session_windows} #{window_panes} #{session_name}';
  const isLast = quote(`#{==:${facts},${pane} 1 1 #{client_session}}`);
  const isOnly = quote('#{==:#{S:x},x}');
  const home = `${MAKE_AND_KEEP} ; switch-client -E -t ${quote(`=${OWN_SESSION}:`)}`;
  const move = `if-shell -F ${isOnly} ${quote(home)} ${quote('switch-client -E -n')}`;
  return `if-shell -F -t ${quote(pane)} ${isLast} ${quote(move)}`;
}
