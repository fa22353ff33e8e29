import { block, type Command, targetWords } from './command.ts';
import type { ControlEvent } from './control-stream.ts';
import type { TmuxHost } from './host.ts';
import { escapeFormat } from './quote.ts';
import { writeWithBraces } from './syntax.ts';

/**
 * Names that our hooks give to the window of our own session, one after the other, on a server that is somebody
 * else's, where other windows are renamed all the time.
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

const RENAMED: ReadonlySet<string> = new Set(['%window-renamed', '%unlinked-window-renamed']);

/** Whether a notification of a control-mode client is a reason to look again. */
export function isWake(
  { name, rest }: Extract<ControlEvent, { kind: 'notice' }>,
  { ownsServer }: Pick<TmuxHost, 'ownsServer'>,
): boolean {
  if (WAKES.has(name)) return true;
  if (!RENAMED.has(name)) return false;
  return ownsServer || WAKE_WINDOWS.some((wake) => rest.endsWith(` ${wake}`));
}

/**
 * Commands that make the death of any pane reach the channel at once; tmux itself is silent about panes in sessions
 * that the client is not attached to. A hook's own effects raise no notification, so it starts a timer of no length
 * that does the rename. For servers that are ours alone.
 */
export function wakeHooks(): readonly Command[] {
  const hooks = ['pane-died', 'pane-exited', 'after-kill-pane'];
  return hooks.map((hook) => setHook(['-g', `${hook}${SLOT}`], RENAME_AS_IS));
}

/** The same for one session of ours, on a server that is somebody else's. */
export function wakeOfSession(target: string): Command {
  return setHook(['-t', target, `after-kill-pane${SLOT}`], RENAME_OWN);
}

/** The same for one pane of ours; the current one when there is no target. */
export function wakeOfPane(target?: string): Command {
  return setHook(['-p', ...targetWords(target), `pane-died${SLOT}`], RENAME_OWN);
}

export function unsetWakeOfPane(target: string): Command {
  return ['set-hook', '-p', '-u', '-t', target, `pane-died${SLOT}`];
}

const RENAME: Command = ['rename-window', '#{window_name}'];

/**
 * Gives the current window of some session the name it has; a window that tmux names by itself stays one. Which one
 * does not matter, as the channel hears of all. Without any session nothing is done: an error that no client made is
 * shown to whoever makes the next session.
 */
const RENAME_AS_IS: Command = [
  'if-shell',
  '-F',
  '#{automatic-rename}',
  block(RENAME, ['set-option', '-w', 'automatic-rename', 'on']),
  block(['if-shell', '-F', '#{window_id}', block(RENAME)]),
];

const RENAME_OWN: Command = [
  'if-shell',
  '-F',
  '-t',
  `=${OWN_SESSION}:`,
  `#{==:#{session_name},${OWN_SESSION}}`,
  block(...WAKE_WINDOWS.map((name) => ['rename-window', '-t', `=${OWN_SESSION}:`, name])),
];

function setHook(where: readonly string[], command: Command): Command {
  const wake = escapeFormat(writeWithBraces(command));
  return ['set-hook', ...where, writeWithBraces(['run-shell', '-b', '-d', '0', '-C', wake])];
}
