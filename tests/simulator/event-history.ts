import type { StoredEvent } from '../../src/domain/events.ts';
import { isLegalTransition, type PaneState } from '../../src/domain/states.ts';
import { Violation, type World } from './world.ts';

/** The whole history as it was told: in order, without gaps, and ending in the states that are recorded. */
export function checkEvents(world: World): void {
  const events = world.store.eventsAfter(0, 1_000_000);
  const next = new Map<string, number>();
  const states = new Map<string, PaneState>();
  let last = 0;
  for (const event of events) {
    if (event.seq <= last) throw new Violation('I9', `event ${event.seq} after ${last}`);
    last = event.seq;
    const stream = event.agentId ?? event.paneId ?? event.layoutId ?? '';
    const expected = next.get(stream) ?? 0;
    if (event.sequence !== expected) {
      throw new Violation('I9', `event ${event.sequence} of ${stream}, expected ${expected}`);
    }
    next.set(stream, expected + 1);
    checkTransition(event, states);
  }
  for (const { slots } of world.store.layouts()) {
    for (const { pane } of slots) {
      if (pane === undefined || (states.get(pane.id) ?? 'creating') === pane.state) continue;
      throw new Violation('I9', `pane ${pane.id} is ${pane.state}, told ${states.get(pane.id)}`);
    }
  }
}

function checkTransition(event: StoredEvent, states: Map<string, PaneState>): void {
  if (event.type !== 'managed_pane_state_changed' || event.paneId === undefined) return;
  const from = event.payload['prev_state'] as PaneState;
  const to = event.payload['new_state'] as PaneState;
  const known = states.get(event.paneId) ?? 'creating';
  if (from !== known || !isLegalTransition(from, to)) {
    throw new Violation('I9', `pane ${event.paneId} was ${known}, told ${from} → ${to}`);
  }
  states.set(event.paneId, to);
}
