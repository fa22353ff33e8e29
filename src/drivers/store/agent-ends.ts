import type Database from 'better-sqlite3';
import { auditAttachment, DAEMON_UID } from '../../domain/attachment-events.ts';
import type { NewEvent } from '../../domain/events.ts';
import type { AgentId } from '../../domain/ids.ts';
import { auditMessage } from '../../domain/message-events.ts';
import type { Clock } from '../../lib/clock.ts';
import { type AttachmentRow, toAttachment } from './attachment-writer.ts';
import type { Columns } from './columns.ts';
import { type MessageRow, toMessage } from './message-rows.ts';

/** What the end of an agent takes with it. */
export interface AgentEnds {
  /** Tells of the log that becomes stale with its agent; a trigger makes it so. Call before the agent is inactive. */
  readonly tellStale: (agent: AgentId) => void;
  /** Nobody will ever take what waits for the agent: it is canceled, what is held back too. */
  readonly cancelWaiting: (agent: AgentId) => void;
}

export interface EndPorts {
  readonly clock: Clock;
  readonly emit: (event: NewEvent) => void;
}

/** The part of `log_attachments` and `message_queue` that follows the table `agents`. */
export function openAgentEnds(db: Database.Database, { clock, emit }: EndPorts): AgentEnds {
  const active = db.prepare<[AgentId], AttachmentRow>(
    `SELECT * FROM log_attachments WHERE agent_id = ? AND state = 'active'`,
  );
  const waiting = db.prepare<[AgentId], MessageRow>(`
    SELECT * FROM message_queue WHERE target_agent_id = ? AND attempt_started_at IS NULL
      AND (state = 'queued' OR state = 'blocked') ORDER BY ordinal`);
  const cancel = db.prepare<[Columns]>(`
    UPDATE message_queue SET state = 'canceled', block_reason = NULL, body = NULL, canceled_at = @now, updated_at = @now
    WHERE id = @id`);
  return {
    tellStale: (agent) => {
      const row = active.get(agent);
      if (row === undefined) return;
      const before = toAttachment(row);
      emit(auditAttachment({ before, after: { ...before, state: 'stale' }, uid: DAEMON_UID }));
    },
    cancelWaiting: (agent) => {
      for (const message of waiting.all(agent).map(toMessage)) {
        cancel.run({ id: message.id, now: clock.now() });
        const change = { message, to: 'canceled', reason: 'target_removed' } as const;
        emit(auditMessage('queue_message_canceled', change));
      }
    },
  };
}
