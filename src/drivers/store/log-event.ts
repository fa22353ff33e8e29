import type { Finding } from '../../agents/events/ports.ts';
import type { Attachment } from '../../agents/logs/ports.ts';
import type { NewEvent } from '../../domain/events.ts';

/** The event that tells of a finding. */
export function toNewEvent(attachment: Attachment, finding: Finding): NewEvent {
  const { span, debounce } = finding;
  return {
    type: finding.type,
    actor: 'daemon',
    agentId: attachment.agentId,
    payload: {
      attachment_id: attachment.attachmentId,
      log_path: attachment.path,
      rule_id: finding.ruleId,
      byte_range_start: span.byteStart,
      byte_range_end: span.byteEnd,
      line_offset_start: span.lineStart,
      line_offset_end: span.lineEnd,
      excerpt: finding.excerpt,
      debounce:
        debounce === undefined
          ? null
          : {
              window_id: debounce.windowId,
              collapsed_count: debounce.count,
              window_started_at: debounce.startedAt,
              window_ended_at: debounce.endedAt,
            },
    },
  };
}
