import type { LayoutView, PaneView } from '../../api/protocol.ts';
import { toneOf } from './paint.ts';
import type { Column } from './table.ts';
import { renderAge } from './times.ts';

/** A pane with the layout it stands in, which the wire nests. */
export interface PlacedPane extends PaneView {
  readonly layout: string;
  readonly container: string;
}

/** Panes of all layouts in order, each with where it stands. */
export function placePanes(layouts: readonly LayoutView[]): readonly PlacedPane[] {
  return layouts.flatMap(({ name, container, panes }) =>
    panes.map((pane) => ({ layout: name, container, ...pane })),
  );
}

/** Columns of `get panes`, with the container where there is more than one. */
export function paneColumns(options: {
  /** What it will show. */
  readonly panes: readonly PlacedPane[];
  readonly wide: boolean;
  readonly now: number;
}): readonly Column<PlacedPane>[] {
  const place: Column<PlacedPane> = { title: 'CONTAINER', cell: (pane) => pane.container };
  const isManifold = new Set(options.panes.map(({ container }) => container)).size > 1;
  const narrow: readonly Column<PlacedPane>[] = [
    { title: 'LAYOUT', cell: (pane) => pane.layout },
    { title: 'SLOT', cell: (pane) => pane.slot },
    { title: 'LABEL', cell: (pane) => pane.label },
    { title: 'ROLE', cell: (pane) => pane.role },
    { title: 'STATUS', cell: (pane) => pane.status, tone: (pane) => toneOf(pane.status) },
    { title: 'RESTARTS', cell: (pane) => String(pane.restarts) },
    { title: 'TMUX', cell: (pane) => pane.tmux_pane_id ?? '' },
    { title: 'PID', cell: (pane) => String(pane.pid ?? '') },
    { title: 'AGE', cell: (pane) => renderAge(pane.started_at, options.now), isAge: true },
  ];
  if (!options.wide) return isManifold ? [place, ...narrow] : narrow;
  return [
    ...narrow,
    place,
    { title: 'CAPABILITY', cell: (pane) => pane.capability },
    { title: 'AGENT', cell: (pane) => pane.agent_id ?? '' },
    { title: 'EXIT', cell: (pane) => String(pane.exit_code ?? '') },
    { title: 'LOG', cell: (pane) => pane.log_path ?? '' },
  ];
}
