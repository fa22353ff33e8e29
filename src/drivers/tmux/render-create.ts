import { arrangementProblem } from '../../domain/arrangement.ts';
import { formatTag } from '../../domain/observed.ts';
import type { CreateOp } from '../../domain/tmux-ops.ts';
import { type Command, ifShell } from './command.ts';
import { answerCreated, keepUnattached, selectLayout, setFence, setTitle } from './commands.ts';
import {
  behindLast,
  type NewSession,
  newSessionGuard,
  newSessionWords,
  noteZoom,
  ownSession,
  pipeNew,
  type Split,
  splitGuard,
  startWords,
  WAS_ZOOMED,
  windowOf,
} from './create-parts.ts';
import { renderGuarded } from './guard.ts';
import { setTag } from './pane-option-marks.ts';
import type { RenderContext } from './render-context.ts';
import { wakeOfPane, wakeOfSession } from './wake.ts';

/**
 * One guarded command that makes a pane, where panes have options. The tag follows at once, so that nothing that
 * fails later can leave a pane without one, and `created` is answered only by a pane that carries it.
 */
export function renderCreate(op: CreateOp, context: RenderContext): Command {
  const { place } = op;
  return place.kind === 'new-session'
    ? renderNewSession(op, place, context)
    : renderSplit(op, place, context);
}

function renderNewSession(op: CreateOp, place: NewSession, context: RenderContext): Command {
  const { dialect, installation, hooksOwnPanes } = context;
  const target = `=${place.session}:`;
  return renderGuarded({
    ...newSessionGuard(op),
    commands: [
      setFence(op.fence),
      ['new-session', '-d', ...newSessionWords(op, place, context)],
      setTag(formatTag(installation, op.pane, '#{pane_id}'), target),
      ownSession(op, target, context),
      // `new-session -e` writes to the session, from where the siblings would inherit it.
      ...(dialect.hasEnvFlags ? Object.keys(op.process.env) : []).map(
        (name): Command => ['set-environment', '-u', '-t', target, '--', name],
      ),
      keepUnattached(place.session),
      dialect.marks.keepWhenDead(target),
      ...(hooksOwnPanes ? [wakeOfSession(target), wakeOfPane(target)] : []),
      answerCreated(target),
      ...pipeNew(op, context, target),
      setTitle(op.title, dialect, target),
    ],
  });
}

/** Without `-d` the new pane is what the commands after it mean; the focus goes back at the end. */
function renderSplit(op: CreateOp, place: Split, context: RenderContext): Command {
  const { dialect, installation, hooksOwnPanes } = context;
  const window = windowOf(place);
  return renderGuarded({
    ...splitGuard(op, place, context),
    commands: [
      setFence(op.fence),
      noteZoom(window),
      ['split-window', '-t', behindLast(window), ...startWords(op, context)],
      setTag(formatTag(installation, op.pane, '#{pane_id}')),
      dialect.marks.keepWhenDead(),
      ...(hooksOwnPanes ? [wakeOfPane()] : []),
      answerCreated(),
      ...pipeNew(op, context),
      setTitle(op.title, dialect),
      giveFocusBack(op.arrangement),
    ],
  });
}

/** Whoever looks at the window keeps their pane and their zoom, which splitting ends. */
function giveFocusBack(arrangement: string): Command {
  const arrange = arrangementProblem(arrangement) === undefined ? [selectLayout(arrangement)] : [];
  const commands: readonly Command[] = [['last-pane'], ...arrange];
  const condition = `#{${WAS_ZOOMED}}`;
  return ifShell({ condition }, [...commands, ['resize-pane', '-Z']], commands);
}
