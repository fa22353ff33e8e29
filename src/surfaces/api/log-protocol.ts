/** What logs and their events look like on the wire. */
export interface AttachmentView {
  readonly agent_id: string;
  readonly attachment_id: string;
  readonly log_path: string;
  readonly source: string;
  readonly status: string;
  readonly byte_offset: number;
  readonly line_offset: number;
  readonly attached_at: string;
  readonly last_status_at: string;
}

export interface AttachedView extends AttachmentView {
  readonly is_new: boolean;
  readonly prior_status: string | null;
}

export interface OffsetView {
  readonly byte_offset: number;
  readonly line_offset: number;
  readonly last_event_offset: number;
  readonly file_size_seen: number;
  readonly file_inode: string | null;
  readonly last_output_at: string | null;
}

export interface AttachmentStatusView {
  readonly agent_id: string;
  readonly attachment: Omit<AttachmentView, 'agent_id' | 'byte_offset' | 'line_offset'> | null;
  readonly offset: OffsetView | null;
}

/** One line of a stream of a log: whole lines without their secrets, or bytes as they are, in base64. */
export type LogPieceView = { readonly lines: readonly string[] } | { readonly raw: string };

export interface LogEventView {
  readonly event_id: number;
  readonly event_type: string;
  readonly agent_id: string | null;
  readonly attachment_id: string | null;
  readonly log_path: string | null;
  readonly classifier_rule_id: string | null;
  readonly byte_range_start: number | null;
  readonly byte_range_end: number | null;
  readonly line_offset_start: number | null;
  readonly line_offset_end: number | null;
  readonly observed_at: string;
  readonly record_at: null;
  readonly excerpt: string;
  readonly debounce: {
    readonly window_id: string | null;
    readonly collapsed_count: number;
    readonly window_started_at: string | null;
    readonly window_ended_at: string | null;
  };
  readonly schema_version: 1;
}

export interface LogEventPage {
  readonly events: readonly LogEventView[];
  readonly next_cursor: string | null;
}

export interface FollowOpened {
  readonly session_id: string;
  readonly backlog_events: readonly LogEventView[];
  readonly live_starting_event_id: number;
}

export interface FollowNext {
  readonly events: readonly LogEventView[];
  readonly session_open: boolean;
}
