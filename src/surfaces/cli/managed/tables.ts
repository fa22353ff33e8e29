import { toneOf } from '../render/paint.ts';
import type { Column } from '../render/table.ts';
import { renderAge } from '../render/times.ts';
import type { CreatedPane, LayoutItem, PaneItem } from './calls.ts';

/** Columns of `managed layout list`. */
export function managedLayoutColumns(now: number): readonly Column<LayoutItem>[] {
  return [
    { title: 'LAYOUT', cell: (layout) => layout.layout_id },
    { title: 'CONTAINER', cell: (layout) => layout.container_id },
    { title: 'TEMPLATE', cell: (layout) => layout.template_name },
    {
      title: 'READY',
      cell: (layout) => `${layout.ready_pane_count}/${layout.intended_pane_count}`,
    },
    { title: 'STATE', cell: ({ state }) => state, tone: ({ state }) => toneOfState(state) },
    { title: 'AGE', cell: (layout) => renderAge(layout.created_at, now), isAge: true },
  ];
}

/** Columns of `managed pane list`, and of the panes in `managed layout detail`. */
export const MANAGED_PANE_COLUMNS: readonly Column<PaneItem>[] = [
  { title: 'PANE', cell: (pane) => pane.pane_id },
  { title: 'LABEL', cell: (pane) => pane.label },
  { title: 'ROLE', cell: (pane) => pane.role },
  { title: 'STATE', cell: ({ state }) => state, tone: ({ state }) => toneOfState(state) },
  { title: 'STAGE', cell: (pane) => pane.failed_stage ?? '' },
  { title: 'SESSION', cell: (pane) => pane.tmux_session_name },
  { title: 'AGENT', cell: (pane) => pane.agent_id ?? '' },
  { title: 'LAYOUT', cell: (pane) => pane.layout_id },
];

/** Columns of the panes a create answers with. */
export const CREATED_PANE_COLUMNS: readonly Column<CreatedPane>[] = [
  { title: 'PANE', cell: (pane) => pane.pane_id },
  { title: 'LABEL', cell: (pane) => pane.label },
  { title: 'ROLE', cell: (pane) => pane.role },
  { title: 'STATE', cell: ({ state }) => state, tone: ({ state }) => toneOfState(state) },
];

/** The contract writes states in lower case; colours are known by the words of the status. */
export function toneOfState(state: string): ReturnType<typeof toneOf> {
  if (state === 'creating') return toneOf('Starting');
  return toneOf(`${state.slice(0, 1).toUpperCase()}${state.slice(1)}`);
}
