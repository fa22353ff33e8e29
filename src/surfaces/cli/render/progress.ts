import type { LayoutView } from '../../api/protocol.ts';
import { layoutNames } from './layout-names.ts';
import { type Paint, toneOf } from './paint.ts';
import { renderTable } from './table.ts';
import { renderSpan } from './times.ts';

export interface ProgressLook {
  readonly paint: Paint;
  readonly columns?: number | undefined;
  /** Lines the terminal has; what does not fit is counted in one line. */
  readonly rows?: number | undefined;
  readonly elapsedMs: number;
}

interface SlotLine {
  readonly slot: string;
  readonly label: string;
  readonly status: string;
  readonly isSettled: boolean;
}

/** The small table that is redrawn while one waits: a line per slot, then how much is done. */
export function renderProgress(
  layouts: readonly LayoutView[],
  look: ProgressLook,
): readonly string[] {
  const slots = slotLines(layouts);
  const settled = slots.filter((slot) => slot.isSettled).length;
  const room = Math.max(1, (look.rows ?? 25) - 3);
  // What still moves is what one looks at: it stays when there is no room for all.
  const shown =
    slots.length <= room ? slots : slots.filter((slot) => !slot.isSettled).slice(0, room);
  const hidden = slots.length - shown.length;
  const table = renderTable(
    shown,
    [
      { title: 'SLOT', cell: ({ slot }) => slot },
      { title: 'LABEL', cell: ({ label }) => label },
      { title: 'STATUS', cell: ({ status }) => status, tone: ({ status }) => toneOf(status) },
    ],
    look,
  );
  const more = hidden > 0 ? [look.paint(`… and ${hidden} more`, 'faint')] : [];
  const total = `${settled}/${slots.length} ready, ${renderSpan(look.elapsedMs)}`;
  return [...table, ...more, look.paint(total, 'strong')];
}

/** Words per slot, to print a plain line when one of them changes. */
export function slotStatuses(layouts: readonly LayoutView[]): ReadonlyMap<string, string> {
  return new Map(slotLines(layouts).map(({ slot, status }) => [slot, status]));
}

function slotLines(layouts: readonly LayoutView[]): readonly SlotLine[] {
  const nameOf = layoutNames(layouts);
  return layouts.flatMap((layout) =>
    layout.panes.map((pane) => ({
      slot: `${nameOf(layout)}/${pane.slot}`,
      label: pane.label,
      status: pane.held === null ? pane.status : 'Held',
      isSettled: pane.status === 'Ready' || pane.status === 'Completed',
    })),
  );
}
