import { formatTag } from '../../domain/observed.ts';
import type { CreateOp, Place, WindowPlace } from '../../domain/tmux-ops.ts';
import type { Command } from './command.ts';
import { pipeTo, processWords } from './commands.ts';
import { every, type Guarded, isEpoch, isFence, isSessionOf } from './guard.ts';
import type { RenderContext } from './render-context.ts';

/** What creates have in common, whatever the tmux. */

export type NewSession = Extract<Place, { kind: 'new-session' }>;
export type Split = Exclude<Place, NewSession>;

/** Window option: whether it was zoomed before it was split. */
export const WAS_ZOOMED = '@agenttower_was_zoomed';

export function newSessionGuard(op: CreateOp): Omit<Guarded, 'commands'> {
  return { condition: every([isEpoch(op.epoch), isFence(op.fence)]), fence: op.fence };
}

export function splitGuard(
  op: CreateOp,
  place: Split,
  { installation }: RenderContext,
): Omit<Guarded, 'commands'> {
  return {
    condition: every([
      isEpoch(op.epoch),
      isFence(op.fence),
      isSessionOf(op.layout, installation),
      ...isThere(place),
    ]),
    target: windowOf(place),
    fence: op.fence,
  };
}

/**
 * `if-shell -t` falls back to the session its client stands in, which may be the layout's under another name. A name
 * that means something in a format is not compared: what is refused without it fails in the next command.
 */
function isThere(place: Split): readonly string[] {
  if (place.kind === 'window') return [`#{==:#{window_id},${place.window}}`];
  const { session } = place;
  return /^[\w-]+$/.test(session) ? [`#{==:#{session_name},${session}}`] : [];
}

/** With its session: of those that a window is in, tmux would choose the one that was used last. */
export function targetOf({ session, window }: WindowPlace): string {
  return `${session}:${window}`;
}

export function windowOf(place: Split): string {
  return place.kind === 'window' ? targetOf(place) : `=${place.session}:`;
}

/** Behind the last pane, so that the panes stand in the order they were made in. */
export function behindLast(window: string): string {
  return `${window}.{bottom-right}`;
}

/** Flags and argv of a `new-session -d`. */
export function newSessionWords(
  op: CreateOp,
  place: NewSession,
  context: RenderContext,
): readonly string[] {
  return [
    '-s',
    context.dialect.escapeName(place.session),
    '-n',
    'agenttower',
    '-x',
    `${place.width}`,
    '-y',
    `${place.height}`,
    ...startWords(op, context),
  ];
}

/** Flags and argv of the process. */
export function startWords(op: CreateOp, context: RenderContext): readonly string[] {
  return processWords(op.process, { ...context, owner: op.pane });
}

export function ownSession(op: CreateOp, target: string, context: RenderContext): Command {
  const tag = formatTag(context.installation, op.layout, '#{session_id}');
  return ['set-option', '-t', target, '-F', '@agenttower_layout', tag];
}

/** Nothing when the process has no log. */
export function pipeNew(
  { process }: CreateOp,
  { dialect, logRotation }: RenderContext,
  target?: string,
): readonly Command[] {
  if (process.logFile === undefined) return [];
  return [
    pipeTo(process.logFile, { dialect, logRotation, ...(target !== undefined && { target }) }),
  ];
}

export function noteZoom(window: string): Command {
  return ['set-option', '-w', '-t', window, '-F', WAS_ZOOMED, '#{window_zoomed_flag}'];
}
