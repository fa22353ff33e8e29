import type { InputTarget, PaneInput, PasteOutcome, Screen, Trace } from '../../agents/ports.ts';
import type { InstallationId } from '../../domain/ids.ts';
import { type AttemptMark, attemptMark, markKey, SEALED } from './attempt-mark.ts';
import { type Command, ifShell } from './command.ts';
import { ANSWER_DONE } from './commands.ts';
import type { Dialect } from './dialect.ts';
import type { Exchange } from './find-panes.ts';
import { every, isEpoch, isOwnPane, type Marked, renderGuarded } from './guard.ts';
import { toOutcome } from './outcome.ts';
import type { Reply } from './reply.ts';

const INPUT_DEADLINE_MS = 10_000;
const SCREEN_DEADLINE_MS = 2_000;
/** The key as the terminal sends it. Written like a paste, it reaches the program even while a person scrolls. */
const ENTER = '\r';

/** Types into panes of one tmux server. The text travels as one word of one line; nothing is sent twice. */
export function openPaneInput(
  exchange: Exchange,
  { installation, speak }: InputSetting,
): PaneInput {
  const knowing = async (target: InputTarget, name: string): Promise<Known> => {
    const dialect = await speak();
    const mark = attemptMark(target, name, dialect);
    return { dialect, mark, marked: { installation, marks: dialect.marks } };
  };
  const send = async (commands: readonly Command[], { dialect }: Known): Promise<PasteOutcome> => {
    const exchanged = await exchange(commands.map(dialect.write), INPUT_DEADLINE_MS);
    if (!exchanged.ok) return { kind: 'error', message: exchanged.error.message };
    return toPasteOutcome(exchanged.value);
  };
  const ask = async (target: InputTarget, command: Command, { dialect, marked }: Known) => {
    const condition = isSamePane(target, marked);
    const commands = [command, ANSWER_DONE];
    const line = dialect.write(renderGuarded({ condition, target: target.pane, commands }));
    const exchanged = await exchange([line], INPUT_DEADLINE_MS);
    const [reply] = exchanged.ok ? exchanged.value : [];
    return reply?.kind === 'answered' ? reply.lines : [];
  };
  return {
    paste: async (target, { name, text }) => {
      const known = await knowing(target, name);
      const { mark } = known;
      // Only we leave marks there, one prompt at a time.
      if (
        mark.mayPaste.length === 0 &&
        toTrace(await ask(target, mark.ask, known), '') === 'absent'
      )
        return OCCUPIED;
      return await send(renderPaste(target, { name, text }, known), known);
    },
    enter: async (target, name) => {
      const known = await knowing(target, name);
      const outcome = await send([renderEnter(target, known)], known);
      if (outcome.kind !== 'occupied') return outcome;
      return { kind: 'refused', message: 'its prompt does not stand in the line any more' };
    },
    trace: async (target, name) => {
      const known = await knowing(target, name);
      return toTrace(await ask(target, known.mark.seal, known), name);
    },
    clearLine: async (target) => {
      const known = await knowing(target, '');
      const lines = await ask(target, known.mark.ask, known);
      if (!lines.some((line) => line.startsWith(MARK))) return lines.includes('done');
      return (await ask(target, known.mark.clear, known)).includes('done');
    },
    screen: async (target) => readScreen(exchange, target, await speak()),
  };
}

export interface InputSetting {
  readonly installation: InstallationId;
  /** What the server understands. */
  readonly speak: () => Promise<Dialect>;
}

/** What a write is rendered with. */
interface Known {
  readonly dialect: Dialect;
  readonly mark: AttemptMark;
  readonly marked: Marked;
}

const OCCUPIED = { kind: 'occupied' } as const;
const MARK = 'mark ';
const SAY_OCCUPIED: Command = ['display-message', '-p', 'occupied'];
const REFUSE: Command = ['display-message', '-p', 'refused #{pid}:#{start_time}'];
const ENTER_BUFFER = 'agenttower-enter';

/** The buffer first, which touches no pane; then the guarded paste, which also takes the buffer away. */
function renderPaste(
  target: InputTarget,
  { name, text }: { readonly name: string; readonly text: string },
  { mark, marked }: Known,
): readonly Command[] {
  const paste: Command = ['paste-buffer', '-dpr', '-b', name, '-t', target.pane];
  const write = {
    conditions: mark.mayPaste,
    commands: [paste, mark.put, ANSWER_DONE],
    otherwise: [['delete-buffer', '-b', name]],
  };
  return [['set-buffer', '-b', name, '--', text], renderInput(target, write, marked)];
}

/** The mark is taken first: where there is none, nothing is pressed. */
function renderEnter(target: InputTarget, { mark, marked }: Known): Command {
  const commands: readonly Command[] = [
    mark.take,
    ['set-buffer', '-b', ENTER_BUFFER, '--', ENTER],
    ['paste-buffer', '-dr', '-b', ENTER_BUFFER, '-t', target.pane],
    ANSWER_DONE,
  ];
  return renderInput(target, { conditions: mark.mayEnter, commands, otherwise: [] }, marked);
}

interface Write {
  /** Of the pane, besides that it is the same and takes input. */
  readonly conditions: readonly string[];
  readonly commands: readonly Command[];
  /** What cleans up before it is said that nothing was written. */
  readonly otherwise: readonly Command[];
}

function renderInput(
  target: InputTarget,
  { conditions, commands, otherwise }: Write,
  marked: Marked,
): Command {
  const { pane } = target;
  const whenFree = (): Command =>
    ifShell({ condition: every(conditions), target: pane }, commands, [...otherwise, SAY_OCCUPIED]);
  const inner = conditions.length === 0 ? commands : [whenFree()];
  const same = { condition: every([isSamePane(target, marked), TAKES_INPUT]), target: pane };
  return ifShell(same, inner, [...otherwise, REFUSE]);
}

/** What the answer to a question about a mark says of the prompt called `name`. */
function toTrace(lines: readonly string[], name: string): Trace {
  const mark = lines.find((line) => line.startsWith(MARK))?.slice(MARK.length);
  if (mark !== undefined) return mark.split('/')[0] === markKey(name) ? 'pasted' : 'absent';
  if (lines.includes(SEALED)) return 'sealed';
  if (lines.some((line) => line.startsWith('refused '))) return 'gone';
  return lines.includes('done') ? 'free' : 'unknown';
}

const TAKES_INPUT = '#{==:#{pane_dead}#{pane_input_off},00}';

export function isSamePane(target: InputTarget, marked: Marked): string {
  const { epoch, pane, proof } = target;
  if ('owner' in proof) return isOwnPane({ epoch, pane, owner: proof.owner }, marked);
  return every([isEpoch(epoch), `#{==:#{pane_id},${pane}}`, `#{==:#{pane_pid},${proof.pid}}`]);
}

/** Of the last line; those before it only prepare. */
function toPasteOutcome(replies: readonly Reply[]): PasteOutcome {
  const [stored, pasted = stored] = replies;
  if (stored !== pasted && stored?.kind === 'answered' && stored.errors.length > 0) {
    return { kind: 'error', message: stored.errors.join('; ') };
  }
  if (pasted === undefined) return { kind: 'unknown', message: 'tmux gave no reply' };
  if (pasted.kind === 'answered' && pasted.lines.includes('occupied')) return OCCUPIED;
  const outcome = toOutcome(pasted);
  if (outcome.kind === 'refused') {
    return {
      kind: 'refused',
      message: 'the pane is gone, is another one now, or takes no input',
    };
  }
  return outcome.kind === 'done' ? { kind: 'done' } : outcome;
}

async function readScreen(
  exchange: Exchange,
  { pane }: InputTarget,
  { write }: Dialect,
): Promise<Screen | undefined> {
  const commands: readonly Command[] = [
    ['display-message', '-p', '-t', pane, '#{cursor_x} #{cursor_y} #{history_size}'],
    ['capture-pane', '-p', '-t', pane],
  ];
  const exchanged = await exchange(commands.map(write), SCREEN_DEADLINE_MS);
  if (!exchanged.ok) return undefined;
  const [where, what] = exchanged.value;
  if (where?.kind !== 'answered' || what?.kind !== 'answered') return undefined;
  if (what.errors.length > 0) return undefined;
  const [cursorX, cursorY, history] = (where.lines[0] ?? '').split(' ').map(Number);
  if (cursorX === undefined || cursorY === undefined) return undefined;
  return { text: [`${history}`, ...what.lines].join('\n'), cursorX, cursorY };
}
