import type { InputTarget } from '../../agents/ports.ts';
import { type Command, ifShell } from './command.ts';
import type { Dialect } from './dialect.ts';

/**
 * What tmux itself remembers of the prompt that was pasted last: written with the paste and taken away with the
 * Enter, each in one step, so that whoever comes after a crash can ask how far it got.
 */
export interface AttemptMark {
  /** What must be true of the pane for this prompt to be pasted. */
  readonly mayPaste: readonly string[];
  /** Says that the prompt stands in the line. */
  readonly put: Command;
  /** What must be true for its Enter. */
  readonly mayEnter: readonly string[];
  /** Says that it stands there no more; fails where it does not, and so keeps the Enter behind it away. */
  readonly take: Command;
  /** Prints a line of `mark`, and whose prompt stands in the line, if one does. */
  readonly ask: Command;
  /** Prints the same if one does, and else sees to it, where it can, that this one is never pasted any more. */
  readonly seal: Command;
  /** Forgets whatever stands there. */
  readonly clear: Command;
}

/** What `seal` prints when it could promise that. */
export const SEALED = 'sealed';

/** The mark of the prompt called `name`; for `clear` and `ask` any name will do. */
export function attemptMark(
  { pane, proof }: InputTarget,
  name: string,
  { hasPaneOptions }: Pick<Dialect, 'hasPaneOptions'>,
): AttemptMark {
  const key = markKey(name);
  if (!('owner' in proof)) return besidePane(`${pane.slice(1)}-${proof.pid}`, key);
  return hasPaneOptions ? onPane(pane, key) : besidePane(`${pane.slice(1)}-${proof.owner}`, key);
}

/** What of a name stands in a mark; tmux shows the beginning of a buffer alone. */
export function markKey(name: string): string {
  return name.replace(/^agenttower-/, '');
}

/** Our own panes carry it as an option, which counts for the process it was written for. */
function onPane(pane: string, key: string): AttemptMark {
  const option = `#{${OPTION}}`;
  const own = `${key}/#{pane_pid}`;
  const isOwn = `#{==:${option},${own}}`;
  const isFree = `#{!=:#{m:*/#{pane_pid},${option}},1}`;
  const set = (value: string): Command => ['set-option', '-p', '-t', pane, '-F', OPTION, value];
  const unset: Command = ['set-option', '-p', '-u', '-t', pane, OPTION];
  const ask: Command = ['display-message', '-p', '-t', pane, `#{?${isFree},,mark ${option}}`];
  const close = [set(`${key}/${SEALED}`), ['display-message', '-p', SEALED]];
  return {
    mayPaste: [isFree, `#{!=:${option},${key}/${SEALED}}`],
    put: set(own),
    mayEnter: [isOwn],
    take: unset,
    ask,
    seal: ifShell({ condition: isFree, target: pane }, close, [ask]),
    clear: unset,
  };
}

const OPTION = '@agenttower_prompt';

/**
 * On the pane of a person nothing is set, and before 3.0 tmux had no options of panes. Beside it stands a paste buffer,
 * as long as there is something to remember.
 */
function besidePane(place: string, key: string): AttemptMark {
  const buffer = `agenttower-line-${place}`;
  const isIt = `#{==:#{buffer_name},${buffer}}`;
  const ask: Command = ['list-buffers', '-F', `#{?${isIt},mark #{buffer_sample},}`];
  const drop: Command = ['delete-buffer', '-b', buffer];
  const put: Command = ['set-buffer', '-b', buffer, '--', key];
  return { mayPaste: [], put, mayEnter: [], take: drop, ask, seal: ask, clear: drop };
}
