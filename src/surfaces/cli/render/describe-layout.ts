import type { HoldView, LayoutDetailView, LayoutView, LeftOutView } from '../../api/protocol.ts';
import { findCondition, layoutStatus } from './conditions.ts';
import { namesForEvents, renderEventLine } from './event-table.ts';
import { renderLabels } from './layout-table.ts';
import { toneOf } from './paint.ts';
import { paneColumns, placePanes } from './pane-table.ts';
import { padText, toPlainText } from './plain-text.ts';
import { toShellWord } from './shell-word.ts';
import { renderTable, type TableLook } from './table.ts';
import { renderAge, renderTimeUntil } from './times.ts';

export type DescribeLook = TableLook & { readonly now: number };

/** Everything known of one layout, as a page to read: what humans asked for, then how it stands, then why. */
export function renderLayout(layout: LayoutDetailView, look: DescribeLook): readonly string[] {
  return [
    ...renderWishes(layout, look),
    ...renderLeftOut(layout.left_out).map((line) => look.paint(line, 'bad')),
    ...renderFields([
      ['Name', layout.name],
      ['Container', layout.container],
      ['Session', layout.session],
      ['Status', look.paint(layoutStatus(layout), toneOf(layoutStatus(layout)))],
      ['Sync', layout.sync],
      ['Health', layout.health],
      ['Ready', `${layout.ready_panes}/${layout.desired_panes}`],
      ['Generation', `${layout.generation} (observed ${layout.observed_generation})`],
      ['Source', renderSource(layout)],
      ['Labels', renderLabels(layout.labels)],
      ['Age', renderAge(layout.created_at, look.now)],
      ['Attach', layout.attach.map(toShellWord).join(' ')],
    ]),
    ...renderSection('Panes', renderPanes(layout, look), look),
    ...renderSection('Conditions', renderConditions(layout, look), look),
    ...renderSection('Not ours, never touched', renderUnmanaged(layout), look),
    ...renderSection('Events, newest first', renderEvents(layout), look),
  ];
}

/** Containers a selector chose and that could not get the layout, one line each. */
export function renderLeftOut(leftOut: readonly LeftOutView[]): readonly string[] {
  return leftOut.map(
    ({ layout, container, message }) =>
      `LeftOut: ${layout} in container ${container}: ${toPlainText(message)}`,
  );
}

/** Holds and the suspension, one line each: what a human put aside must never be overlooked. */
export function renderWishes(layout: LayoutView, look: DescribeLook): readonly string[] {
  const suspended = findCondition(layout, 'Suspended');
  const lines = layout.panes.flatMap(({ slot, held }) =>
    held === null ? [] : [`Held: ${layout.name}/${slot} ${renderHold(held, look.now)}`],
  );
  if (suspended?.status === 'True') {
    const how = toPlainText(suspended.message).replace(/^suspended /, '');
    lines.unshift(`Suspended: ${layout.name} ${how}`);
  }
  return lines.map((line) => look.paint(line, 'busy'));
}

/** `by alice since 3h (rate limit), ends in 21h`. */
export function renderHold(hold: HoldView, now: number): string {
  const reason = hold.reason === '' ? '' : ` (${hold.reason})`;
  const end = hold.until === null ? 'until started' : `ends ${renderTimeUntil(hold.until, now)}`;
  return toPlainText(`by ${hold.by} since ${renderAge(hold.since, now)}${reason}, ${end}`);
}

/** `Name:      payments` lines with their values in one column; fields without a value are left out. */
export function renderFields(
  fields: readonly (readonly [title: string, value: string])[],
): readonly string[] {
  const present = fields.filter(([, value]) => value !== '');
  const width = Math.max(0, ...present.map(([title]) => title.length)) + 3;
  return present.map(([title, value]) => `${padText(`${title}:`, width)}${value}`);
}

/** A titled block with a blank line before it; nothing when it would be empty. */
export function renderSection(
  title: string,
  lines: readonly string[],
  look: Pick<TableLook, 'paint'>,
): readonly string[] {
  if (lines.length === 0) return [];
  return ['', look.paint(`${title}:`, 'strong'), ...lines.map((line) => `  ${line}`)];
}

function renderSource({ source }: LayoutView): string {
  const revision = source.revision === null ? '' : ` at ${source.revision}`;
  const path = source.path === '' ? '' : `, ${source.path}`;
  return toPlainText(`${source.name} (${source.kind})${path}${revision}`);
}

function renderPanes(layout: LayoutDetailView, look: DescribeLook): readonly string[] {
  if (layout.panes.length === 0) return [];
  const panes = placePanes([layout]);
  const columns = paneColumns({ panes, wide: false, now: look.now }).slice(1);
  return renderTable(panes, columns, indented(look));
}

function renderConditions(layout: LayoutDetailView, look: DescribeLook): readonly string[] {
  if (layout.conditions.length === 0) return [];
  return renderTable(
    layout.conditions,
    [
      { title: 'TYPE', cell: ({ type }) => type },
      { title: 'STATUS', cell: ({ status }) => status },
      { title: 'SINCE', cell: (each) => renderAge(each.last_transition_time, look.now) },
      { title: 'REASON', cell: ({ reason }) => reason },
      { title: 'MESSAGE', cell: ({ message }) => message },
    ],
    indented(look),
  );
}

function renderUnmanaged(layout: LayoutDetailView): readonly string[] {
  return layout.unmanaged.map(({ tmux_pane_id, title }) =>
    `${tmux_pane_id} ${toPlainText(title)}`.trimEnd(),
  );
}

function renderEvents(layout: LayoutDetailView): readonly string[] {
  const names = namesForEvents([layout]);
  return layout.events.map((event) =>
    renderEventLine(event, names).slice(1).map(toPlainText).join('  '),
  );
}

function indented(look: DescribeLook): TableLook {
  return look.columns === undefined ? look : { ...look, columns: look.columns - 2 };
}
