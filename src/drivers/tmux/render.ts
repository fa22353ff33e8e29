import type {
  ArrangeOp,
  BurnFenceOp,
  CreateOp,
  KillOp,
  PaneGuard,
  PipeOp,
  ReleaseOp,
  RespawnOp,
  RetagOp,
  RetitleOp,
  TmuxOp,
} from '../../domain/tmux-ops.ts';
import { type Command, ifShell } from './command.ts';
import {
  ANSWER_DONE,
  answerCreated,
  pipeTo,
  processWords,
  selectLayout,
  setFence,
  setTitle,
} from './commands.ts';
import { targetOf } from './create-parts.ts';
import {
  every,
  type Guarded,
  isEpoch,
  isFence,
  isOwnPane,
  isSessionOf,
  renderGuarded,
} from './guard.ts';
import type { RenderContext } from './render-context.ts';
import { renderCreate } from './render-create.ts';
import { renderMarkedCreate, renderMarkedRespawn } from './render-marked.ts';
import { unsetWakeOfPane, wakeOfPane } from './wake.ts';

/**
 * One line of tmux's command language for one op: guarded, and answering `created …`, `done` or `refused …`.
 * Throws when a word holds a NUL byte, or when an `arrange` names no arrangement.
 */
export function renderOp(op: TmuxOp, context: RenderContext): string {
  return context.dialect.write(toCommand(op, context));
}

function toCommand(op: TmuxOp, context: RenderContext): Command {
  switch (op.kind) {
    case 'create':
      return toCreate(op, context);
    case 'respawn':
      return toRespawn(op, context);
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

function toCreate(op: CreateOp, context: RenderContext): Command {
  switch (context.dialect.marks.kind) {
    case 'pane-option':
      return renderCreate(op, context);
    case 'start-command':
      return renderMarkedCreate(op, context);
  }
}

function toRespawn(op: RespawnOp, context: RenderContext): Command {
  switch (context.dialect.marks.kind) {
    case 'pane-option':
      return renderRespawn(op, context);
    case 'start-command':
      return renderMarkedRespawn(op, context);
  }
}

function renderRespawn(op: RespawnOp, context: RenderContext): Command {
  const { dialect, installation, logRotation } = context;
  const target = op.guard.pane;
  const words = processWords(op.process, { ...context, owner: op.pane });
  return renderGuarded({
    ...ownPane(op.guard, context, [isFence(op.fence)]),
    fence: op.fence,
    commands: [
      setFence(op.fence),
      ['respawn-pane', '-k', '-t', target, ...words],
      ...dialect.marks.afterRespawn({ installation, owner: op.pane }, target),
      dialect.marks.keepWhenDead(target),
      answerCreated(target),
      // The old incarnation's pipe survives a respawn; this replaces it, or closes it.
      pipeTo(op.process.logFile, { dialect, target, logRotation }),
      setTitle(op.title, dialect, target),
    ],
  });
}

function renderKill(op: KillOp, context: RenderContext): Command {
  return renderGuarded({
    ...ownPane(op.guard, context),
    commands: [['kill-pane', '-t', op.guard.pane], ANSWER_DONE],
  });
}

function renderRetitle(op: RetitleOp, context: RenderContext): Command {
  return renderGuarded({
    ...ownPane(op.guard, context),
    commands: [setTitle(op.title, context.dialect, op.guard.pane), ANSWER_DONE],
  });
}

function renderRetag(op: RetagOp, context: RenderContext): Command {
  const { dialect, installation, hooksOwnPanes } = context;
  return renderGuarded({
    condition: every([
      isEpoch(op.epoch),
      `#{==:#{pane_id},${op.pane}}`,
      `#{==:#{pane_pid},${op.pid}}`,
    ]),
    target: op.pane,
    commands: [
      dialect.marks.set({ installation, owner: op.owner }, op.pane),
      dialect.marks.keepWhenDead(op.pane),
      ...(hooksOwnPanes ? [wakeOfPane(op.pane)] : []),
      setTitle(op.title, dialect, op.pane),
      ANSWER_DONE,
    ],
  });
}

function renderPipe(op: PipeOp, context: RenderContext): Command {
  const { dialect, logRotation } = context;
  const conditions = op.logFile === undefined ? [] : dialect.pipeConditions;
  return renderGuarded({
    ...ownPane(op.guard, context, conditions),
    commands: [pipeTo(op.logFile, { dialect, target: op.guard.pane, logRotation }), ANSWER_DONE],
  });
}

/** `select-layout` unzooms a window; whoever had zoomed it gets their zoom back. */
function renderArrange(op: ArrangeOp, context: RenderContext): Command {
  const target = targetOf(op.place);
  const arrange = selectLayout(op.arrangement, target);
  const rezoom = ['resize-pane', '-Z', '-t', target] as const;
  return renderGuarded({
    condition: every([
      isEpoch(op.epoch),
      isSessionOf(op.layout, context.installation),
      `#{==:#{window_id},${op.place.window}}`,
    ]),
    target,
    commands: [
      ifShell(
        { condition: '#{window_zoomed_flag}', target },
        [arrange, rezoom, ANSWER_DONE],
        [arrange, ANSWER_DONE],
      ),
    ],
  });
}

function renderRelease(op: ReleaseOp, context: RenderContext): Command {
  const { dialect, hooksOwnPanes } = context;
  const target = op.guard.pane;
  return renderGuarded({
    ...ownPane(op.guard, context),
    commands: [
      ...dialect.marks.clear(target),
      ...(hooksOwnPanes ? [unsetWakeOfPane(target)] : []),
      ANSWER_DONE,
      // tmux refuses this for a dead pane, whose pipe ends by itself.
      pipeTo(undefined, { dialect, target }),
    ],
  });
}

function renderBurnFence(op: BurnFenceOp): Command {
  return renderGuarded({
    condition: every([isEpoch(op.epoch), isFence(op.fence)]),
    fence: op.fence,
    commands: [setFence(op.fence), ANSWER_DONE],
  });
}

function ownPane(
  guard: PaneGuard,
  { installation, dialect }: RenderContext,
  more: readonly string[] = [],
): Pick<Guarded, 'condition' | 'target'> {
  const isOwn = isOwnPane(guard, { installation, marks: dialect.marks });
  return { condition: every([...more, isOwn]), target: guard.pane };
}
