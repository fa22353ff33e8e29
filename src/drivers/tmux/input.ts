import type { InputTarget, PaneInput, PasteOutcome, Screen, Trace } from '../../agents/ports.ts';
import type { InstallationId } from '../../domain/ids.ts';
import { type AttemptMark, attemptMark, markKey, SEALED } from './attempt-mark.ts';
import { ANSWER_DONE } from './commands.ts';
import type { Exchange } from './find-panes.ts';
import { every, isEpoch, isOwnPane, renderGuarded } from './guard.ts';
import { toOutcome } from './outcome.ts';
import { quote } from './quote.ts';
import type { Reply } from './reply.ts';

const INPUT_DEADLINE_MS = 10_000;
const SCREEN_DEADLINE_MS = 2_000;
/** The key as the terminal sends it. Written like a paste, it reaches the program even while a person scrolls. */
const ENTER = '\r';

/** Types into panes of one tmux server. The text travels as one word of one line; nothing is sent twice. */
export function openPaneInput(exchange: Exchange, installation: InstallationId): PaneInput {
  const send = async (lines: readonly string[]): Promise<PasteOutcome> => {
    const exchanged = await exchange(lines, INPUT_DEADLINE_MS);
    if (!exchanged.ok) return { kind: 'error', message: exchanged.error.message };
    return toPasteOutcome(exchanged.value);
  };
  const ask = async (target: InputTarget, command: string): Promise<readonly string[]> => {
    const condition = isSamePane(target, installation);
    const commands = [command, ANSWER_DONE];
    const line = renderGuarded({ condition, target: target.pane, commands });
    const exchanged = await exchange([line], INPUT_DEADLINE_MS);
    const [reply] = exchanged.ok ? exchanged.value : [];
    return reply?.kind === 'answered' ? reply.lines : [];
  };
  return {
    paste: async (target, { name, text }) => {
      const mark = attemptMark(target, name);
      // Only we leave marks there, one prompt at a time.
      if (mark.mayPaste.length === 0 && toTrace(await ask(target, mark.ask), '') === 'absent')
        return OCCUPIED;
      return await send(renderPaste(target, { name, text, mark }, installation));
    },
    enter: async (target, name) => {
      const outcome = await send([renderEnter(target, attemptMark(target, name), installation)]);
      if (outcome.kind !== 'occupied') return outcome;
      return { kind: 'refused', message: 'its prompt does not stand in the line any more' };
    },
    trace: async (target, name) => toTrace(await ask(target, attemptMark(target, name).seal), name),
    clearLine: async (target) => {
      const { ask: look, clear } = attemptMark(target, '');
      const marked = (await ask(target, look)).some((line) => line.startsWith(MARK));
      return !marked || (await ask(target, clear)).includes('done');
    },
    screen: (target) => readScreen(exchange, target),
  };
}

const OCCUPIED = { kind: 'occupied' } as const;
const MARK = 'mark ';
const SAY_OCCUPIED = 'display-message -p occupied';
const REFUSE = `display-message -p 'refused #{pid}:#{start_time}'`;

/** The buffer first, which touches no pane; then the guarded paste, which also takes the buffer away. */
function renderPaste(
  target: InputTarget,
  message: { readonly name: string; readonly text: string; readonly mark: AttemptMark },
  installation: InstallationId,
): readonly string[] {
  const { mark } = message;
  const [buffer, pane] = [quote(message.name), quote(target.pane)];
  const paste = `paste-buffer -dpr -b ${buffer} -t ${pane} ; ${mark.put} ; ${ANSWER_DONE}`;
  const drop = `delete-buffer -b ${buffer}`;
  const write = { conditions: mark.mayPaste, commands: paste, otherwise: `${drop} ; ` };
  return [
    `set-buffer -b ${buffer} -- ${quote(message.text)}`,
    renderInput(target, write, installation),
  ];
}

/** The mark is taken first: where there is none, nothing is pressed. */
function renderEnter(
  target: InputTarget,
  { mayEnter: conditions, take }: AttemptMark,
  installation: InstallationId,
): string {
  const commands = [
    take,
    `set-buffer -b agenttower-enter -- ${quote(ENTER)}`,
    `paste-buffer -dr -b agenttower-enter -t ${quote(target.pane)}`,
    ANSWER_DONE,
  ].join(' ; ');
  return renderInput(target, { conditions, commands, otherwise: '' }, installation);
}

interface Write {
  /** Of the pane, besides that it is the same and takes input. */
  readonly conditions: readonly string[];
  readonly commands: string;
  /** Commands that clean up before it is said that nothing was written. */
  readonly otherwise: string;
}

function renderInput(
  target: InputTarget,
  { conditions, commands, otherwise }: Write,
  installation: InstallationId,
): string {
  const pane = quote(target.pane);
  const inner =
    conditions.length === 0
      ? commands
      : `if-shell -F -t ${pane} ${quote(every(conditions))} { ${commands} } { ${otherwise}${SAY_OCCUPIED} }`;
  const condition = every([isSamePane(target, installation), TAKES_INPUT]);
  return `if-shell -F -t ${pane} ${quote(condition)} { ${inner} } { ${otherwise}${REFUSE} }`;
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

export function isSamePane(target: InputTarget, installation: InstallationId): string {
  const { epoch, pane, proof } = target;
  if ('owner' in proof) return isOwnPane({ epoch, pane, owner: proof.owner }, installation);
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

async function readScreen(exchange: Exchange, target: InputTarget): Promise<Screen | undefined> {
  const pane = quote(target.pane);
  const exchanged = await exchange(
    [
      `display-message -p -t ${pane} '#{cursor_x} #{cursor_y} #{history_size}'`,
      `capture-pane -p -t ${pane}`,
    ],
    SCREEN_DEADLINE_MS,
  );
  if (!exchanged.ok) return undefined;
  const [where, what] = exchanged.value;
  if (where?.kind !== 'answered' || what?.kind !== 'answered') return undefined;
  if (what.errors.length > 0) return undefined;
  const [cursorX, cursorY, history] = (where.lines[0] ?? '').split(' ').map(Number);
  if (cursorX === undefined || cursorY === undefined) return undefined;
  return { text: [`${history}`, ...what.lines].join('\n'), cursorX, cursorY };
}
