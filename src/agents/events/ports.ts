import type { EventType, StoredEvent } from '../../domain/events.ts';
import type { AgentId } from '../../domain/ids.ts';

/** Which events, and how many. Times are ms since 1970. */
export interface EventQuery {
  readonly types: readonly EventType[];
  readonly agent?: AgentId | undefined;
  /** Not before this time. */
  readonly since?: number | undefined;
  /** Before this time. */
  readonly until?: number | undefined;
  /** Those told of after this one; of before it, when newest first. */
  readonly after?: number | undefined;
  readonly newestFirst?: boolean;
  readonly limit: number;
}

export interface EventReader {
  queryEvents(query: EventQuery): readonly StoredEvent[];
}
