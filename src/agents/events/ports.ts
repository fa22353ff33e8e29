import type { EventType, StoredEvent } from '../../domain/events.ts';
import type { AgentId, ContainerId } from '../../domain/ids.ts';
import type { LogEventType } from '../../domain/log-events.ts';

/** Which events, and how many. Times are ms since 1970. */
export interface EventQuery {
  readonly types: readonly EventType[];
  readonly agent?: AgentId | undefined;
  /** Of agents in this container. */
  readonly container?: ContainerId | undefined;
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

/** How far a log has been told of. Stored with the events it led to, in one transaction; immutable. */
export interface Progress {
  /** Bytes of the file that are told of: where the next line begins. */
  readonly offset: number;
  /** Lines before it. */
  readonly line: number;
  /** `offset` is inside a line too long to be taken as a whole. */
  readonly isInsideLine: boolean;
  /** When the file was last seen to have grown, ms since 1970. */
  readonly lastOutputAt?: number;
  /** The newest event is one that a silence after it is worth telling of. */
  readonly isSilenceNews: boolean;
  readonly window?: ActivityWindow;
}

/** Lines of activity that will be told of as one event, once the window's time has passed. */
export interface ActivityWindow {
  readonly id: string;
  readonly startedAt: number;
  readonly count: number;
  readonly span: Span;
  /** Of the newest line. */
  readonly excerpt: string;
}

/** From where to where in the log; the ends are exclusive. */
export interface Span {
  readonly byteStart: number;
  readonly byteEnd: number;
  readonly lineStart: number;
  readonly lineEnd: number;
}

/** Something a log told. */
export interface Finding {
  readonly type: LogEventType;
  readonly ruleId: string;
  readonly span: Span;
  readonly excerpt: string;
  /** Set on activity: the window whose lines it stands for. */
  readonly debounce?: {
    readonly windowId: string;
    readonly count: number;
    readonly startedAt: number;
    readonly endedAt: number;
  };
}
