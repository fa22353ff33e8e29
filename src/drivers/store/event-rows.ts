import type { EventActor, EventType, StoredEvent } from '../../domain/events.ts';
import type { AgentId, LayoutId, PaneId } from '../../domain/ids.ts';
import { optional } from './columns.ts';

/** A row of the table `events`. */
export interface EventRow {
  readonly seq: number;
  readonly event_id: string;
  readonly type: EventType;
  readonly actor: EventActor;
  readonly agent_id: AgentId | null;
  readonly layout_id: LayoutId | null;
  readonly pane_id: PaneId | null;
  readonly sequence: number;
  readonly payload_json: string;
  readonly at: number;
}

/** The event a row holds. */
export function toStoredEvent(row: EventRow): StoredEvent {
  return {
    seq: row.seq,
    eventId: row.event_id,
    sequence: row.sequence,
    type: row.type,
    actor: row.actor,
    ...optional('agentId', row.agent_id),
    ...optional('layoutId', row.layout_id),
    ...optional('paneId', row.pane_id),
    payload: JSON.parse(row.payload_json) as StoredEvent['payload'],
    at: row.at,
  };
}
