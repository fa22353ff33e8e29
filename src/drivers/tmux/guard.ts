import { type Epoch, epochServer, type InstallationId, type LayoutId } from '../../domain/ids.ts';
import { formatTag } from '../../domain/observed.ts';
import type { FenceStep, PaneGuard } from '../../domain/tmux-ops.ts';
import { type Command, ifShell } from './command.ts';
import type { PaneMarks } from './pane-marks.ts';

/**
 * Conditions in tmux's format language. Everything compared is an id, a number or a server's `pid:start`, so nothing
 * in it can be mistaken for syntax.
 */

/** The server is still the one that was observed. */
export function isEpoch(epoch: Epoch): string {
  return `#{==:#{pid}:#{start_time},${epochServer(epoch)}}`;
}

/** The slot's fence still has the expected value; an unset option reads as ''. */
export function isFence(fence: FenceStep): string {
  return `#{==:#{${fenceOption(fence)}},${fence.expect}}`;
}

/**
 * The pane itself, still with its owner's tag. `if-shell -t` falls back to another pane when its target is gone,
 * hence the id.
 */
export function isOwnPane(guard: PaneGuard, marked: Marked): string {
  const { epoch, pane, owner } = guard;
  return every([
    isEpoch(epoch),
    `#{==:#{pane_id},${pane}}`,
    marked.marks.isOn(pane, { installation: marked.installation, owner }),
  ]);
}

/** By whom and how panes are marked. */
export interface Marked {
  readonly installation: InstallationId;
  readonly marks: PaneMarks;
}

/** The session the target is in belongs to the layout; the value names the session it was written on. */
export function isSessionOf(layout: LayoutId, installation: InstallationId): string {
  return `#{==:#{@agenttower_layout},${formatTag(installation, layout, '#{session_id}')}}`;
}

/** All of them: tmux's `&&` takes exactly two. */
export function every(conditions: readonly string[]): string {
  return conditions.reduceRight((rest, condition) => `#{&&:${condition},${rest}}`);
}

export function fenceOption(fence: FenceStep): string {
  return `@agenttower_f_${fence.slot.replaceAll('-', '')}`;
}

export interface Guarded {
  readonly condition: string;
  /** What the formats of the condition are read from; none needed for server-wide ones. */
  readonly target?: string;
  /** The fence shown when the guard refuses. */
  readonly fence?: FenceStep;
  readonly commands: readonly Command[];
}

/**
 * One command that runs the others when the condition holds and says `refused` otherwise. An error in one command
 * skips those after it.
 */
export function renderGuarded(guarded: Guarded): Command {
  const fence = guarded.fence === undefined ? '' : ` #{${fenceOption(guarded.fence)}}`;
  const refusal = `refused #{pid}:#{start_time}${fence}`;
  return ifShell(guarded, guarded.commands, [['display-message', '-p', refusal]]);
}
