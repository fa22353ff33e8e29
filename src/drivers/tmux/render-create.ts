import { arrangementProblem } from '../../domain/arrangement.ts';
import { formatTag } from '../../domain/observed.ts';
import type { CreateOp, Place } from '../../domain/tmux-ops.ts';
import {
  answerCreated,
  argvWords,
  directoryFlag,
  environmentFlags,
  keepUnattached,
  keepWhenDead,
  pipeTo,
  selectLayout,
  setFence,
  setTag,
  setTitle,
} from './commands.ts';
import { every, isEpoch, isFence, isSessionOf, renderGuarded } from './guard.ts';
import { escapeFormat, quote } from './quote.ts';
import type { RenderContext } from './render-context.ts';
import { wakeOfPane, wakeOfSession } from './wake.ts';

/** Window option: whether it was zoomed before it was split. */
const WAS_ZOOMED = '@agenttower_was_zoomed';

/**
 * One guarded line that makes a pane. The tag follows at once, so that nothing that fails later can leave a pane
 * without one, and `created` is answered only by a pane that carries it.
 */
export function renderCreate(op: CreateOp, context: RenderContext): string {
  const { place } = op;
  return place.kind === 'new-session'
    ? renderNewSession(op, place, context)
    : renderSplit(op, place, context);
}

function renderNewSession(
  op: CreateOp,
  place: Extract<Place, { kind: 'new-session' }>,
  context: RenderContext,
): string {
  const target = `=${place.session}:`;
  const start = [
    `new-session -d -s ${quote(escapeFormat(place.session))} -n agenttower`,
    `-x ${place.width} -y ${place.height}`,
    directoryFlag(op.process, context),
    ...environmentFlags(op.process, context),
    `-- ${argvWords(op.process, context)}`,
  ];
  return renderGuarded({
    condition: every([isEpoch(op.epoch), isFence(op.fence)]),
    fence: op.fence,
    commands: [
      setFence(op.fence),
      start.join(' '),
      setTag(formatTag(context.installation, op.pane, '#{pane_id}'), target),
      `set-option -t ${quote(target)} -F @agenttower_layout ${quote(formatTag(context.installation, op.layout, '#{session_id}'))}`,
      // `new-session -e` writes to the session, from where the siblings would inherit it.
      ...(context.hasEnvFlags ? Object.keys(op.process.env) : []).map(
        (name) => `set-environment -u -t ${quote(target)} -- ${quote(name)}`,
      ),
      keepUnattached(place.session).map(quote).join(' '),
      keepWhenDead(target),
      ...(context.hooksOwnPanes ? [wakeOfSession(target), wakeOfPane(target)] : []),
      answerCreated(target),
      ...(op.process.logFile === undefined
        ? []
        : [pipeTo(op.process.logFile, { target, logRotation: context.logRotation })]),
      setTitle(op.title, target),
    ],
  });
}

/** Without `-d` the new pane is what the commands after it mean; the focus goes back at the end. */
function renderSplit(
  op: CreateOp,
  place: Exclude<Place, { kind: 'new-session' }>,
  context: RenderContext,
): string {
  const target = place.kind === 'window' ? place.window : `=${place.session}:`;
  // Behind the last pane, so that the panes stand in the order they were made in.
  const start = [
    `split-window -t ${quote(`${target}.{bottom-right}`)}`,
    directoryFlag(op.process, context),
    ...environmentFlags(op.process, context),
    `-- ${argvWords(op.process, context)}`,
  ];
  const isThere = place.kind === 'window' ? [`#{==:#{window_id},${place.window}}`] : [];
  return renderGuarded({
    condition: every([
      isEpoch(op.epoch),
      isFence(op.fence),
      isSessionOf(op.layout, context.installation),
      ...isThere,
    ]),
    target,
    fence: op.fence,
    commands: [
      setFence(op.fence),
      `set-option -w -t ${quote(target)} -F ${WAS_ZOOMED} '#{window_zoomed_flag}'`,
      start.join(' '),
      setTag(formatTag(context.installation, op.pane, '#{pane_id}')),
      keepWhenDead(),
      ...(context.hooksOwnPanes ? [wakeOfPane()] : []),
      answerCreated(),
      ...(op.process.logFile === undefined
        ? []
        : [pipeTo(op.process.logFile, { logRotation: context.logRotation })]),
      setTitle(op.title),
      giveFocusBack(op.arrangement),
    ],
  });
}

/** Whoever looks at the window keeps their pane and their zoom, which splitting ends. */
function giveFocusBack(arrangement: string): string {
  const arrange = arrangementProblem(arrangement) === undefined ? [selectLayout(arrangement)] : [];
  const commands = ['last-pane', ...arrange].join(' ; ');
  return `if-shell -F '#{${WAS_ZOOMED}}' { ${commands} ; resize-pane -Z } { ${commands} }`;
}
