import { quote } from './quote.ts';

/** Name that our hooks give to the window of our own session; the rename is what reaches the channel. */
const WAKE_WINDOW = 'agenttower-wake';

/** Session of the control-mode client. Hidden from everything we show. */
export const OWN_SESSION = '_agenttower';

const WAKES: ReadonlySet<string> = new Set([
  '%sessions-changed',
  '%session-renamed',
  '%window-add',
  '%window-close',
  '%unlinked-window-add',
  '%unlinked-window-close',
  '%window-pane-changed',
  '%layout-change',
]);

/** Whether a notification of a control-mode client is a reason to look again. */
export function isWake(name: string, rest: string): boolean {
  return WAKES.has(name) || (name === '%window-renamed' && rest.endsWith(` ${WAKE_WINDOW}`));
}

/**
 * Commands that make the death of any pane reach the channel at once; tmux itself is silent about panes in sessions
 * that the client is not attached to. A hook's own effects raise no notification, so it starts a timer of no length
 * that does the rename. For servers that are ours alone.
 */
export function wakeHooks(): readonly string[] {
  const rename = `rename-window -t =${OWN_SESSION}: ${WAKE_WINDOW}`;
  const later = `run-shell -b -d 0 -C ${quote(rename)}`;
  return ['pane-died', 'pane-exited', 'after-kill-pane'].map(
    (hook) => `set-hook -g ${hook}[7000] ${quote(later)}`,
  );
}
