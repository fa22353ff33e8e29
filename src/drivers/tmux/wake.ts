import { type Command, targetWords } from './command.ts';
import { writeWithBraces } from './syntax.ts';

/**
 * Names that our hooks give to the window of our own session, one after the other: a rename reaches the channel, and
 * only when the name is another one.
 */
const WAKE_WINDOWS = ['agenttower-wake', 'agenttower-rest'] as const;

/** Hooks are arrays: a place of our own leaves a person's hooks alone. */
const SLOT = '[7000]';

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
  if (WAKES.has(name)) return true;
  return name === '%window-renamed' && WAKE_WINDOWS.some((wake) => rest.endsWith(` ${wake}`));
}

/**
 * Commands that make the death of any pane reach the channel at once; tmux itself is silent about panes in sessions
 * that the client is not attached to. A hook's own effects raise no notification, so it starts a timer of no length
 * that does the rename. For servers that are ours alone.
 */
export function wakeHooks(): readonly Command[] {
  return ['pane-died', 'pane-exited', 'after-kill-pane'].map((hook) => setHook(['-g'], hook));
}

/** The same for one session of ours, on a server that is somebody else's. */
export function wakeOfSession(target: string): Command {
  return setHook(['-t', target], 'after-kill-pane');
}

/** The same for one pane of ours; the current one when there is no target. */
export function wakeOfPane(target?: string): Command {
  return setHook(['-p', ...targetWords(target)], 'pane-died');
}

export function unsetWakeOfPane(target: string): Command {
  return ['set-hook', '-p', '-u', '-t', target, `pane-died${SLOT}`];
}

function setHook(where: readonly string[], hook: string): Command {
  const renames = WAKE_WINDOWS.map((name) => `rename-window -t =${OWN_SESSION}: ${name}`);
  const later = writeWithBraces(['run-shell', '-b', '-d', '0', '-C', renames.join(' ; ')]);
  return ['set-hook', ...where, `${hook}${SLOT}`, later];
}
