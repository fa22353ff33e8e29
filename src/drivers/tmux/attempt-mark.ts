import type { InputTarget } from '../../agents/ports.ts';
import { quote } from './quote.ts';

/**
 * What tmux itself remembers of the prompt that was pasted last: written with the paste and taken away with the
 * Enter, each in one step, so that whoever comes after a crash can ask how far it got. All of it are commands and
 * conditions of tmux's own language.
 */
export interface AttemptMark {
  /** What must be true of the pane for this prompt to be pasted. */
  readonly mayPaste: readonly string[];
  /** Says that the prompt stands in the line. */
  readonly put: string;
  /** What must be true for its Enter. */
  readonly mayEnter: readonly string[];
  /** Says that it stands there no more; fails where it does not, and so keeps the Enter behind it away. */
  readonly take: string;
  /** Prints a line of `mark`, and whose prompt stands in the line, if one does. */
  readonly ask: string;
  /** Prints the same unless it is this prompt's, and else sees to it that this one is never pasted any more. */
  readonly seal: string;
  /** Forgets whatever stands there. */
  readonly clear: string;
}

/** What `seal` prints when it could promise that. */
export const SEALED = 'sealed';

/** The mark of the prompt called `name`; for `clear` and `ask` any name will do. */
export function attemptMark({ pane, proof }: InputTarget, name: string): AttemptMark {
  const key = markKey(name);
  return 'owner' in proof ? onPane(pane, key) : besidePane(pane, proof.pid, key);
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
  const set = (value: string) => `set-option -p -t ${quote(pane)} -F ${OPTION} ${quote(value)}`;
  const ask = `display-message -p -t ${quote(pane)} ${quote(`#{?${isFree},,mark ${option}}`)}`;
  const seal = `${set(`${key}/${SEALED}`)} ; display-message -p ${SEALED}`;
  return {
    mayPaste: [isFree, `#{!=:${option},${key}/${SEALED}}`],
    put: set(own),
    mayEnter: [isOwn],
    take: `set-option -p -u -t ${quote(pane)} ${OPTION}`,
    ask,
    seal: `if-shell -F -t ${quote(pane)} ${quote(isFree)} { ${seal} } { ${ask} }`,
    clear: `set-option -p -u -t ${quote(pane)} ${OPTION}`,
  };
}

const OPTION = '@agenttower_prompt';

/** On the pane of a person nothing is set. Beside it stands a paste buffer, as long as there is something to remember. */
function besidePane(pane: string, pid: number, key: string): AttemptMark {
  const buffer = `agenttower-line-${pane.slice(1)}-${pid}`;
  const isIt = `#{==:#{buffer_name},${buffer}}`;
  const ask = `list-buffers -F ${quote(`#{?${isIt},mark #{buffer_sample},}`)}`;
  return {
    mayPaste: [],
    put: `set-buffer -b ${buffer} -- ${quote(key)}`,
    mayEnter: [],
    take: `delete-buffer -b ${buffer}`,
    ask,
    seal: ask,
    clear: `delete-buffer -b ${buffer}`,
  };
}
