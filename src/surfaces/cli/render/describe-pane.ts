import type { LayoutDetailView, PaneView } from '../../api/protocol.ts';
import { type DescribeLook, renderFields, renderHold, renderSection } from './describe-layout.ts';
import { namesForEvents, renderEventLine } from './event-table.ts';
import { toneOf } from './paint.ts';
import { toPlainText } from './plain-text.ts';
import { renderAge, renderTimeUntil } from './times.ts';

/** Everything known of one slot and the pane in it. */
export function renderPane(
  layout: LayoutDetailView,
  pane: PaneView,
  look: DescribeLook,
): readonly string[] {
  const address = `${layout.name}/${pane.slot}`;
  const held = pane.held === null ? [] : [`Held: ${address} ${renderHold(pane.held, look.now)}`];
  const tail = pane.log_path === null ? [] : [`tail -f ${pane.log_path}`];
  return [
    ...held.map((line) => look.paint(line, 'busy')),
    ...renderFields([
      ['Slot', address],
      ['Label', toPlainText(pane.label)],
      ['Role', pane.role],
      ['Capability', toPlainText(pane.capability)],
      ['Container', layout.container],
      ['Status', look.paint(pane.status, toneOf(pane.status))],
      ['State', pane.state],
      ['Failed stage', pane.failed_stage ?? ''],
      ['Exit code', String(pane.exit_code ?? '')],
      ['Problem', pane.problem ?? ''],
      ['Restarts', String(pane.restarts)],
      [
        'Next attempt',
        pane.next_attempt_at === null ? '' : renderTimeUntil(pane.next_attempt_at, look.now),
      ],
      ['Agent', pane.agent_id ?? ''],
      ['Pane', pane.pane_id ?? ''],
      ['tmux', pane.tmux_pane_id ?? ''],
      ['PID', String(pane.pid ?? '')],
      ['Running for', pane.started_at === null ? '' : renderAge(pane.started_at, look.now)],
    ]),
    ...renderSection('Look', [`agenttower attach ${address}`, ...tail.map(toPlainText)], look),
    ...renderSection('Events, newest first', renderEvents(layout, pane), look),
  ];
}

function renderEvents(layout: LayoutDetailView, pane: PaneView): readonly string[] {
  const names = namesForEvents([layout]);
  return layout.events
    .filter((event) => event.pane_id !== null && event.pane_id === pane.pane_id)
    .map((event) => renderEventLine(event, names).slice(1).map(toPlainText).join('  '));
}
