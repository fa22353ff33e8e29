import { formatDuration } from '../../../lib/duration.ts';
import { type CommandContext, printLines, printNote } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { isAbsence } from '../daemon-presence.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { toPlainText } from '../render/plain-text.ts';
import type { LayoutDetail, PaneItem } from './calls.ts';

export interface ManagedWait {
  readonly layoutId: string;
  readonly timeoutMs: number;
  /** Tells each change of a pane as a line. */
  readonly isTold: boolean;
}

export interface ManagedOutcome {
  readonly exitCode: ExitCode;
  /** The last look at the layout; `undefined` when the daemon never answered. */
  readonly layout: LayoutDetail | undefined;
}

const PAUSE_MS = 100;

/** Looks at a layout until none of its panes is being made, and says how it ended. A restart of the daemon is waited out. */
export async function waitUntilSettled(
  context: CommandContext,
  wait: ManagedWait,
): Promise<ManagedOutcome> {
  const { world, interrupted } = context;
  const deadline = world.now() + wait.timeoutMs;
  const told = new Map<string, string>();
  let layout: LayoutDetail | undefined;
  for (;;) {
    const seen = interrupted.aborted ? undefined : await look(context, wait.layoutId);
    if (interrupted.aborted) {
      printNote(context, 'stopped waiting; agenttowerd goes on with it');
      return { exitCode: EXIT.interrupted, layout };
    }
    layout = seen ?? layout;
    if (seen !== undefined && wait.isTold) tellChanges(context, seen.panes, told);
    if (seen !== undefined && seen.state !== 'creating') return settle(context, seen);
    const left = deadline - world.now();
    if (left <= 0) {
      const span = formatDuration(wait.timeoutMs);
      printNote(context, `error: not settled after ${span}; agenttowerd goes on with it`);
      return { exitCode: EXIT.timedOut, layout };
    }
    await world.sleep(Math.min(PAUSE_MS, left), interrupted);
  }
}

async function look(context: CommandContext, layoutId: string): Promise<LayoutDetail | undefined> {
  try {
    return await withDaemon(context, (client) =>
      callDaemon(client, 'managed.layout.detail', { layout_id: layoutId }),
    );
  } catch (error) {
    if (context.interrupted.aborted || isAbsence(error)) return undefined;
    throw error;
  }
}

function tellChanges(
  context: CommandContext,
  panes: readonly PaneItem[],
  told: Map<string, string>,
): void {
  const changed = panes.filter(({ pane_id, state }) => told.get(pane_id) !== state);
  printLines(
    context,
    changed.map(({ label, state, failed_stage: stage }) =>
      toPlainText(`${label} ${state}${stage === undefined ? '' : ` (${stage})`}`),
    ),
  );
  for (const { pane_id, state } of changed) told.set(pane_id, state);
}

function settle(context: CommandContext, layout: LayoutDetail): ManagedOutcome {
  if (layout.state === 'ready') return { exitCode: EXIT.done, layout };
  const stage = layout.failed_stage === null ? '' : ` at ${layout.failed_stage}`;
  printNote(context, `error: layout ${layout.layout_id} is ${layout.state}${stage}`);
  const replaced = new Set(layout.panes.map(({ predecessor_id: id }) => id));
  for (const pane of layout.panes) {
    if (pane.state !== 'failed' || replaced.has(pane.pane_id)) continue;
    const next = `agenttower managed pane recreate ${pane.pane_id}`;
    printNote(context, toPlainText(`${pane.label} failed; try again with: ${next}`));
  }
  return { exitCode: EXIT.notReady, layout };
}
