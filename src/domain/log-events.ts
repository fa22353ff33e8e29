/** Kinds of things a line of a log, or its silence, can tell. */
export const LOG_EVENT_TYPES = [
  'activity',
  'waiting_for_input',
  'completed',
  'error',
  'test_failed',
  'test_passed',
  'manual_review_needed',
  'long_running',
  'pane_exited',
  'swarm_member_reported',
] as const;
export type LogEventType = (typeof LOG_EVENT_TYPES)[number];

export function isLogEventType(type: string): type is LogEventType {
  return (LOG_EVENT_TYPES as readonly string[]).includes(type);
}

/** What an event of a log tells. Byte and line ranges are of the raw file, their ends exclusive. */
export interface LogEventPayload {
  readonly attachment_id: string;
  readonly log_path: string;
  readonly rule_id: string;
  readonly byte_range_start: number;
  readonly byte_range_end: number;
  readonly line_offset_start: number;
  readonly line_offset_end: number;
  /** Rendered, without secrets, at most 1 KiB. */
  readonly excerpt: string;
  /** The window of activity it stands for. */
  readonly debounce: {
    readonly window_id: string;
    readonly collapsed_count: number;
    readonly window_started_at: number;
    readonly window_ended_at: number;
  } | null;
}
