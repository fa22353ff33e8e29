import type { Capability } from '../../domain/agents.ts';
import type { AgentId, ContainerId } from '../../domain/ids.ts';
import type {
  BlockReason,
  FailureReason,
  MessageRecord,
  MessageState,
  OperatorAction,
  Submission,
} from '../../domain/messages.ts';
import type { Role } from '../../domain/spec.ts';
import { optional } from './columns.ts';

/** A row of `message_queue`. */
export interface MessageRow {
  readonly ordinal: number;
  readonly id: string;
  readonly state: MessageState;
  readonly block_reason: BlockReason | null;
  readonly failure_reason: FailureReason | null;
  readonly submission: Submission | null;
  readonly sender_agent_id: string;
  readonly sender_label: string;
  readonly sender_role: Role;
  readonly sender_capability: Capability | null;
  readonly target_agent_id: AgentId;
  readonly target_label: string;
  readonly target_role: Role;
  readonly target_capability: Capability | null;
  readonly target_container: ContainerId;
  readonly target_pane: string;
  readonly body: string | null;
  readonly body_sha256: string;
  readonly raw: number;
  readonly size_bytes: number;
  readonly excerpt: string;
  readonly enqueued_at: number;
  readonly attempt_started_at: number | null;
  readonly delivered_at: number | null;
  readonly failed_at: number | null;
  readonly canceled_at: number | null;
  readonly updated_at: number;
  readonly operator_action: OperatorAction | null;
  readonly operator_at: number | null;
  readonly operator_by: string | null;
  readonly route_id: string | null;
  readonly event_id: number | null;
}

export function toMessage(row: MessageRow): MessageRecord {
  return {
    id: row.id,
    ordinal: row.ordinal,
    state: row.state,
    ...optional('blockReason', row.block_reason),
    ...optional('failureReason', row.failure_reason),
    ...optional('submission', row.submission),
    sender: {
      id: row.sender_agent_id,
      label: row.sender_label,
      role: row.sender_role,
      ...optional('capability', row.sender_capability),
    },
    target: {
      id: row.target_agent_id,
      label: row.target_label,
      role: row.target_role,
      ...optional('capability', row.target_capability),
    },
    targetContainer: row.target_container,
    targetPane: row.target_pane,
    body: row.body ?? '',
    bodySha256: row.body_sha256,
    raw: row.raw === 1,
    sizeBytes: row.size_bytes,
    excerpt: row.excerpt,
    enqueuedAt: row.enqueued_at,
    ...optional('attemptStartedAt', row.attempt_started_at),
    ...optional('deliveredAt', row.delivered_at),
    ...optional('failedAt', row.failed_at),
    ...optional('canceledAt', row.canceled_at),
    updatedAt: row.updated_at,
    ...toOperator(row),
    ...toRoute(row),
  };
}

function toOperator({
  operator_action: action,
  operator_at: at,
  operator_by: by,
}: MessageRow): Pick<MessageRecord, 'operator'> {
  return action === null || at === null || by === null ? {} : { operator: { action, at, by } };
}

function toRoute({ route_id: id, event_id: eventId }: MessageRow): Pick<MessageRecord, 'route'> {
  return id === null || eventId === null ? {} : { route: { id, eventId } };
}
