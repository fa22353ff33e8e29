import { formatTag } from '../../domain/observed.ts';
import type {
  ArrangeOp,
  BurnFenceOp,
  KillOp,
  PipeOp,
  ReleaseOp,
  RespawnOp,
  RetagOp,
  RetitleOp,
  TmuxOp,
} from '../../domain/tmux-ops.ts';
import {
  ANSWER_DONE,
  answerCreated,
  argvWords,
  directoryFlag,
  environmentFlags,
  keepWhenDead,
  pipeTo,
  selectLayout,
  setFence,
  setTag,
  setTitle,
} from './commands.ts';
import { every, isEpoch, isFence, isOwnPane, isSessionOf, renderGuarded } from './guard.ts';
import { quote } from './quote.ts';
import type { RenderContext } from './render-context.ts';
import { renderCreate } from './render-create.ts';
import { unsetWakeOfPane, wakeOfPane } from './wake.ts';

/**
 * One line of tmux's command language for one op: guarded, and answering `created …`, `done` or `refused …`.
 * Throws when a word holds a NUL byte, or when an `arrange` names no arrangement.
 */
export function renderOp(op: TmuxOp, context: RenderContext): string {
  switch (op.kind) {
    case 'create':
      return renderCreate(op, context);
    case 'respawn':
      return renderRespawn(op, context);
    case 'kill':
      return renderKill(op, context);
    case 'retitle':
      return renderRetitle(op, context);
    case 'retag':
      return renderRetag(op, context);
    case 'pipe':
      return renderPipe(op, context);
    case 'arrange':
      return renderArrange(op, context);
    case 'release':
      return renderRelease(op, context);
    case 'burn-fence':
      return renderBurnFence(op);
  }
}

function renderRespawn(op: RespawnOp, context: RenderContext): string {
  const target = op.guard.pane;
  const flags = [directoryFlag(op.process, context), ...environmentFlags(op.process, context)].join(
    ' ',
  );
  return renderGuarded({
    condition: every([isFence(op.fence), isOwnPane(op.guard, context.installation)]),
    target,
    fence: op.fence,
    commands: [
      setFence(op.fence),
      `respawn-pane -k -t ${quote(target)} ${flags} -- ${argvWords(op.process, context)}`,
      setTag(formatTag(context.installation, op.pane, target), target),
      keepWhenDead(target),
      answerCreated(target),
      // The old incarnation's pipe survives a respawn; this replaces it, or closes it.
      pipeTo(op.process.logFile, { target, logRotation: context.logRotation }),
      setTitle(op.title, target),
    ],
  });
}

function renderKill(op: KillOp, context: RenderContext): string {
  return renderGuarded({
    condition: isOwnPane(op.guard, context.installation),
    target: op.guard.pane,
    commands: [`kill-pane -t ${quote(op.guard.pane)}`, ANSWER_DONE],
  });
}

function renderRetitle(op: RetitleOp, context: RenderContext): string {
  return renderGuarded({
    condition: isOwnPane(op.guard, context.installation),
    target: op.guard.pane,
    commands: [setTitle(op.title, op.guard.pane), ANSWER_DONE],
  });
}

function renderRetag(op: RetagOp, context: RenderContext): string {
  return renderGuarded({
    condition: every([
      isEpoch(op.epoch),
      `#{==:#{pane_id},${op.pane}}`,
      `#{==:#{pane_pid},${op.pid}}`,
    ]),
    target: op.pane,
    commands: [
      setTag(formatTag(context.installation, op.owner, op.pane), op.pane),
      keepWhenDead(op.pane),
      ...(context.hooksOwnPanes ? [wakeOfPane(op.pane)] : []),
      setTitle(op.title, op.pane),
      ANSWER_DONE,
    ],
  });
}

function renderPipe(op: PipeOp, context: RenderContext): string {
  return renderGuarded({
    condition: isOwnPane(op.guard, context.installation),
    target: op.guard.pane,
    commands: [
      pipeTo(op.logFile, { target: op.guard.pane, logRotation: context.logRotation }),
      ANSWER_DONE,
    ],
  });
}

/** `select-layout` unzooms a window; whoever had zoomed it gets their zoom back. */
function renderArrange(op: ArrangeOp, context: RenderContext): string {
  const window = quote(op.window);
  const arrange = selectLayout(op.arrangement, op.window);
  const isZoomed = quote('#{window_zoomed_flag}');
  const rezoom = `${arrange} ; resize-pane -Z -t ${window}`;
  return renderGuarded({
    condition: every([
      isEpoch(op.epoch),
      isSessionOf(op.layout, context.installation),
      `#{==:#{window_id},${op.window}}`,
    ]),
    target: op.window,
    commands: [
      `if-shell -F -t ${window} ${isZoomed} { ${rezoom} ; ${ANSWER_DONE} } { ${arrange} ; ${ANSWER_DONE} }`,
    ],
  });
}

function renderRelease(op: ReleaseOp, context: RenderContext): string {
  const target = quote(op.guard.pane);
  return renderGuarded({
    condition: isOwnPane(op.guard, context.installation),
    target: op.guard.pane,
    commands: [
      `set-option -p -u -t ${target} @agenttower`,
      `set-option -p -u -t ${target} remain-on-exit`,
      ...(context.hooksOwnPanes ? [unsetWakeOfPane(op.guard.pane)] : []),
      ANSWER_DONE,
      // tmux refuses this for a dead pane, whose pipe ends by itself.
      pipeTo(undefined, { target: op.guard.pane }),
    ],
  });
}

function renderBurnFence(op: BurnFenceOp): string {
  return renderGuarded({
    condition: every([isEpoch(op.epoch), isFence(op.fence)]),
    fence: op.fence,
    commands: [setFence(op.fence), ANSWER_DONE],
  });
}
