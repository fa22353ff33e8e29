import type { Attached } from '../../../agents/logs/attach.ts';
import type { Attachment, Reached } from '../../../agents/logs/ports.ts';
import type { StoredEvent } from '../../../domain/events.ts';
import type { LogEventPayload } from '../../../domain/log-events.ts';
import { toTimestamp } from '../../../lib/clock.ts';
import type {
  AttachedView,
  AttachmentStatusView,
  AttachmentView,
  LogEventView,
} from '../log-protocol.ts';

export function toAttachmentView(
  attachment: Attachment,
  reached: Reached | undefined,
): AttachmentView {
  return {
    agent_id: attachment.agentId,
    ...withoutOffset(attachment),
    byte_offset: reached?.progress.offset ?? 0,
    line_offset: reached?.progress.line ?? 0,
  };
}

export function toAttachedView(
  { attachment, isNew, priorState }: Attached,
  reached: Reached | undefined,
): AttachedView {
  return {
    ...toAttachmentView(attachment, reached),
    is_new: isNew,
    prior_status: priorState ?? null,
  };
}

export function toStatusView(
  agentId: string,
  attachment: Attachment | undefined,
  reached: Reached | undefined,
): AttachmentStatusView {
  return {
    agent_id: agentId,
    attachment: attachment === undefined ? null : withoutOffset(attachment),
    offset: reached === undefined ? null : toOffsetView(reached),
  };
}

/** An event of a log as clients of its own methods know it. */
export function toLogEventView({ seq, type, agentId, at, payload }: StoredEvent): LogEventView {
  const told = payload as unknown as LogEventPayload;
  return {
    event_id: seq,
    event_type: type,
    agent_id: agentId ?? null,
    attachment_id: told.attachment_id,
    log_path: told.log_path,
    classifier_rule_id: told.rule_id,
    byte_range_start: told.byte_range_start,
    byte_range_end: told.byte_range_end,
    line_offset_start: told.line_offset_start,
    line_offset_end: told.line_offset_end,
    observed_at: toTimestamp(at),
    record_at: null,
    excerpt: told.excerpt,
    debounce: toDebounceView(told.debounce),
    schema_version: 1,
  };
}

function toDebounceView(debounce: LogEventPayload['debounce']): LogEventView['debounce'] {
  return {
    window_id: debounce?.window_id ?? null,
    collapsed_count: debounce?.collapsed_count ?? 1,
    window_started_at: debounce === null ? null : toTimestamp(debounce.window_started_at),
    window_ended_at: debounce === null ? null : toTimestamp(debounce.window_ended_at),
  };
}

function withoutOffset(attachment: Attachment) {
  return {
    attachment_id: attachment.attachmentId,
    log_path: attachment.path,
    source: attachment.source,
    status: attachment.state,
    attached_at: toTimestamp(attachment.attachedAt),
    last_status_at: toTimestamp(attachment.statusAt),
  };
}

function toOffsetView({ progress, file, lastEventSeq }: Reached) {
  const { lastOutputAt } = progress;
  return {
    byte_offset: progress.offset,
    line_offset: progress.line,
    last_event_offset: lastEventSeq,
    file_size_seen: file.size ?? 0,
    file_inode: file.identity ?? null,
    last_output_at: lastOutputAt === undefined ? null : toTimestamp(lastOutputAt),
  };
}
