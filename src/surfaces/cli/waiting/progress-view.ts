import type { LayoutView } from '../../api/protocol.ts';
import { type CommandContext, printLines, terminalSize } from '../context.ts';
import { openLiveRegion } from '../live-region.ts';
import { renderProgress, slotStatuses } from '../render/progress.ts';

/** What a wait shows while it lasts. */
export interface ProgressView {
  show(layouts: readonly LayoutView[], elapsedMs: number): void;
  /** A line that stays. */
  note(line: string): void;
  close(): void;
}

/** A table redrawn in place on a terminal, a line per change elsewhere, nothing when the output is for programs. */
export function openProgressView(context: CommandContext, isSilent: boolean): ProgressView {
  if (isSilent) return { show: () => undefined, note: () => undefined, close: () => undefined };
  return context.world.stdout.isTTY === true ? openLiveView(context) : openPlainView(context);
}

function openLiveView(context: CommandContext): ProgressView {
  const region = openLiveRegion(context.world.stdout);
  return {
    show(layouts, elapsedMs) {
      const { columns, rows } = terminalSize(context);
      region.draw(renderProgress(layouts, { paint: context.paint, columns, rows, elapsedMs }));
    },
    note: (line) => region.printAbove([line]),
    close: () => region.close(),
  };
}

function openPlainView(context: CommandContext): ProgressView {
  let before: ReadonlyMap<string, string> = new Map();
  return {
    show(layouts) {
      const now = slotStatuses(layouts);
      const changed = [...now].filter(([slot, status]) => before.get(slot) !== status);
      printLines(
        context,
        changed.map(([slot, status]) => `${slot} ${status}`),
      );
      before = now;
    },
    note: (line) => printLines(context, [line]),
    close: () => undefined,
  };
}
