import { arrangementProblem } from '../../domain/arrangement.ts';
import type { CreateOp, RespawnOp } from '../../domain/tmux-ops.ts';
import { type Command, ifShell } from './command.ts';
import {
  answerCreated,
  CREATED,
  keepUnattached,
  pipeTo,
  processWords,
  selectLayout,
  setFence,
  setTitle,
} from './commands.ts';
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
import { every, isFence, isOwnPane, renderGuarded } from './guard.ts';
import type { RenderContext } from './render-context.ts';
import { isStartedFor } from './start-command-marks.ts';

/**
 * One guarded command that makes a pane whose start command carries its tag. It answers `created` in the same stroke;
 * what follows is done to that very pane or not at all.
 */
export function renderMarkedCreate(op: CreateOp, context: RenderContext): Command {
  const { place } = op;
  return place.kind === 'new-session'
    ? renderNewSession(op, place, context)
    : renderSplit(op, place, context);
}

const ANSWER = ['-P', '-F', CREATED] as const;

function renderNewSession(op: CreateOp, place: NewSession, context: RenderContext): Command {
  const target = `=${place.session}:`;
  return renderGuarded({
    ...newSessionGuard(op),
    commands: [
      setFence(op.fence),
      ['new-session', '-d', ...ANSWER, ...newSessionWords(op, place, context)],
      ownSession(op, target, context),
      keepUnattached(place.session),
      context.dialect.marks.keepWhenDead(target),
      finish(op, context, target),
    ],
  });
}

/** With `-d`, because these versions would make the window the session's current one. */
function renderSplit(op: CreateOp, place: Split, context: RenderContext): Command {
  const window = windowOf(place);
  const zoom: Command = ['resize-pane', '-Z', '-t', window];
  const arrange =
    arrangementProblem(op.arrangement) === undefined ? [selectLayout(op.arrangement, window)] : [];
  return renderGuarded({
    ...splitGuard(op, place, context),
    commands: [
      setFence(op.fence),
      noteZoom(window),
      // A zoomed window seems to have one pane.
      ifShell({ condition: '#{window_zoomed_flag}', target: window }, [zoom]),
      context.dialect.marks.keepWhenDead(window),
      ['split-window', '-d', ...ANSWER, '-t', behindLast(window), ...startWords(op, context)],
      finish(op, context, behindLast(window)),
      ...arrange,
      ifShell({ condition: `#{${WAS_ZOOMED}}`, target: window }, [zoom]),
    ],
  });
}

/** A hook of a person may have moved something else to where the new pane was. */
function finish(op: CreateOp, context: RenderContext, target: string): Command {
  const commands = [...pipeNew(op, context, target), setTitle(op.title, context.dialect, target)];
  const isNew = isStartedFor({ installation: context.installation, owner: op.pane });
  return ifShell({ condition: isNew, target }, commands);
}

/** Window options: whether the pane that is followed had the focus, and whether its window was the current one. */
const HAD_FOCUS = '@agenttower_had_focus';
const WAS_CURRENT = '@agenttower_was_current';

/**
 * Starts a new incarnation in the place of an old one. Respawned in place, a pane that had died would die again as
 * soon as its log is written to (tmux 2.6 forgets to forget its end), so another one takes its place there, and `%N` changes.
 */
export function renderMarkedRespawn(op: RespawnOp, context: RenderContext): Command {
  const { dialect, installation } = context;
  const { pane } = op.guard;
  return renderGuarded({
    condition: every([
      isFence(op.fence),
      isOwnPane(op.guard, { installation, marks: dialect.marks }),
    ]),
    target: pane,
    fence: op.fence,
    commands: [
      setFence(op.fence),
      dialect.marks.keepWhenDead(pane),
      ifShell(
        { condition: '#{pane_dead}', target: pane },
        follow(op, context),
        respawn(op, context),
      ),
    ],
  });
}

/** Side by side, as panes are rarely too narrow for that; then the dead one leaves its space to the new one. */
function follow(op: RespawnOp, context: RenderContext): readonly Command[] {
  const { pane } = op.guard;
  const at = ['-t', pane] as const;
  const when = (condition: string) => ({ condition, target: pane });
  const noteFocus = (value: string): Command => ['set-option', '-w', ...at, HAD_FOCUS, value];
  return [
    ifShell(when('#{pane_active}'), [noteFocus('1')], [noteFocus('0')]),
    ['set-option', '-w', ...at, '-F', WAS_CURRENT, '#{window_active}'],
    // Without `-d` the new pane is what those commands mean that name none.
    ['split-window', '-h', ...ANSWER, ...at, ...words(op, context)],
    ['select-pane', '-T', context.dialect.escapeName(op.title)],
    ifShell(when(`#{==:#{${HAD_FOCUS}},0}`), [['last-pane', ...at]]),
    ifShell(when(`#{==:#{${WAS_CURRENT}},0}`), [['last-window', ...at]]),
    ['kill-pane', ...at],
    ...(op.process.logFile === undefined ? [] : [pipe(op, context)]),
  ];
}

function respawn(op: RespawnOp, context: RenderContext): readonly Command[] {
  const { dialect, installation } = context;
  const { pane } = op.guard;
  return [
    ['respawn-pane', '-k', '-t', pane, ...words(op, context)],
    ...dialect.marks.afterRespawn({ installation, owner: op.pane }, pane),
    answerCreated(pane),
    pipe(op, context, pane),
    setTitle(op.title, dialect, pane),
  ];
}

function words(op: RespawnOp, context: RenderContext): readonly string[] {
  return processWords(op.process, { ...context, owner: op.pane });
}

function pipe(op: RespawnOp, { dialect, logRotation }: RenderContext, target?: string): Command {
  return pipeTo(op.process.logFile, {
    dialect,
    logRotation,
    ...(target !== undefined && { target }),
  });
}
