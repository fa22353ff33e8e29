import type { InputOutcome, InputTarget, PaneInput, Screen } from '../../agents/ports.ts';
import type { InstallationId } from '../../domain/ids.ts';
import { type Command, ifShell } from './command.ts';
import { ANSWER_DONE } from './commands.ts';
import type { Dialect } from './dialect.ts';
import type { Exchange } from './find-panes.ts';
import { every, isEpoch, isOwnPane, type Marked } from './guard.ts';
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
  const send = async (target: InputTarget, what: BufferWrite): Promise<InputOutcome> => {
    const { write, marks } = await speak();
    const lines = renderWrite(target, what, { installation, marks }).map(write);
    const exchanged = await exchange(lines, INPUT_DEADLINE_MS);
    if (!exchanged.ok) return { kind: 'error', message: exchanged.error.message };
    return toInputOutcome(exchanged.value);
  };
  return {
    paste: (target, { name, text }) => send(target, { name, text, flags: '-dpr' }),
    enter: (target) => send(target, { name: ENTER_BUFFER, text: ENTER, flags: '-dr' }),
    screen: async (target) => readScreen(exchange, target, await speak()),
  };
}

export interface InputSetting {
  readonly installation: InstallationId;
  /** What the server understands. */
  readonly speak: () => Promise<Dialect>;
}

const ENTER_BUFFER = 'agenttower-enter';

interface BufferWrite {
  readonly name: string;
  readonly text: string;
  readonly flags: string;
}

/** The buffer first, which touches no pane; then the guarded paste, which also takes the buffer away. */
function renderWrite(
  target: InputTarget,
  { name, text, flags }: BufferWrite,
  marked: Marked,
): readonly Command[] {
  const { pane } = target;
  return [
    ['set-buffer', '-b', name, '--', text],
    ifShell(
      { condition: every([isSamePane(target, marked), TAKES_INPUT]), target: pane },
      [['paste-buffer', flags, '-b', name, '-t', pane], ANSWER_DONE],
      [
        ['delete-buffer', '-b', name],
        ['display-message', '-p', 'refused #{pid}:#{start_time}'],
      ],
    ),
  ];
}

const TAKES_INPUT = '#{==:#{pane_dead}#{pane_input_off},00}';

export function isSamePane(target: InputTarget, marked: Marked): string {
  const { epoch, pane, proof } = target;
  if ('owner' in proof) return isOwnPane({ epoch, pane, owner: proof.owner }, marked);
  return every([isEpoch(epoch), `#{==:#{pane_id},${pane}}`, `#{==:#{pane_pid},${proof.pid}}`]);
}

function toInputOutcome([stored, pasted]: readonly Reply[]): InputOutcome {
  if (stored?.kind === 'answered' && stored.errors.length > 0) {
    return { kind: 'error', message: stored.errors.join('; ') };
  }
  if (pasted === undefined) return { kind: 'unknown', message: 'tmux gave no reply' };
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
