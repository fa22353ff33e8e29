import type { EventView, LayoutView } from '../../api/protocol.ts';
import type { Column } from './table.ts';
import { renderAge } from './times.ts';

/** Names by the ids events carry. */
export interface EventNames {
  readonly layouts: ReadonlyMap<string, string>;
  readonly panes: ReadonlyMap<string, string>;
}

export function namesForEvents(layouts: readonly LayoutView[]): EventNames {
  return {
    layouts: new Map(layouts.map(({ layout_id, name }) => [layout_id, name])),
    panes: new Map(
      layouts.flatMap(({ name, panes }) =>
        panes.flatMap(({ pane_id, slot }) =>
          pane_id === null ? [] : [[pane_id, `${name}/${slot}`] as const],
        ),
      ),
    ),
  };
}

/** Columns of `get events`. */
export function eventColumns(options: {
  readonly now: number;
  readonly names: EventNames;
}): readonly Column<EventView>[] {
  return [
    { title: 'SEQ', cell: (event) => String(event.seq) },
    { title: 'AGE', cell: (event) => renderAge(event.timestamp, options.now), isAge: true },
    { title: 'EVENT', cell: (event) => event.event_type },
    { title: 'ABOUT', cell: (event) => eventSubject(event, options.names) },
    { title: 'ACTOR', cell: (event) => event.actor },
    { title: 'DETAIL', cell: renderPayload },
  ];
}

/** One event as one line, for streams and for `describe`. */
export function renderEventLine(event: EventView, names: EventNames): readonly string[] {
  return [
    String(event.seq),
    event.timestamp.replace(/\.\d+Z$/, 'Z'),
    event.event_type,
    eventSubject(event, names),
    renderPayload(event),
  ];
}

function eventSubject(event: EventView, names: EventNames): string {
  if (event.pane_id !== null) return names.panes.get(event.pane_id) ?? event.pane_id.slice(0, 8);
  if (event.layout_id !== null) {
    return names.layouts.get(event.layout_id) ?? event.layout_id.slice(0, 8);
  }
  return event.agent_id ?? '';
}

function renderPayload(event: EventView): string {
  return Object.entries(event.payload)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
