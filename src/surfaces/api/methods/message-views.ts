import type { RoutingSwitch } from '../../../agents/ports.ts';
import type { RoutingChange } from '../../../agents/routing-switch.ts';
import type { Correspondent, MessageRecord } from '../../../domain/messages.ts';
import { toTimestamp } from '../../../lib/clock.ts';
import type {
  CorrespondentView,
  MessageView,
  RoutingChangeView,
  RoutingView,
} from '../agent-protocol.ts';

export function toMessageView(message: MessageRecord): MessageView {
  const { route } = message;
  return {
    message_id: message.id,
    ...toOutcomeView(message),
    sender: toCorrespondentView(message.sender),
    target: toCorrespondentView(message.target),
    envelope_size_bytes: message.sizeBytes,
    envelope_body_sha256: message.bodySha256,
    enqueued_at: toTimestamp(message.enqueuedAt),
    delivery_attempt_started_at: toTime(message.attemptStartedAt),
    delivered_at: toTime(message.deliveredAt),
    failed_at: toTime(message.failedAt),
    canceled_at: toTime(message.canceledAt),
    last_updated_at: toTimestamp(message.updatedAt),
    ...toOperatorView(message.operator),
    origin: route === undefined ? 'direct' : 'route',
    route_id: route?.id ?? null,
    event_id: route?.eventId ?? null,
    excerpt: message.excerpt,
  };
}

function toOutcomeView({ state, blockReason, failureReason, submission }: MessageRecord) {
  return {
    state,
    block_reason: blockReason ?? null,
    failure_reason: failureReason ?? null,
    submission: submission ?? null,
  };
}

function toOperatorView(operator: MessageRecord['operator']) {
  return {
    operator_action: operator?.action ?? null,
    operator_action_at: toTime(operator?.at),
    operator_action_by: operator?.by ?? null,
  };
}

export function toRoutingView({ value, updatedAt, updatedBy }: RoutingSwitch): RoutingView {
  return { value, last_updated_at: toTimestamp(updatedAt), last_updated_by: updatedBy };
}

export function toRoutingChangeView(change: RoutingChange): RoutingChangeView {
  return {
    previous_value: change.previous,
    current_value: change.value,
    changed: change.changed,
    last_updated_at: toTimestamp(change.updatedAt),
    last_updated_by: change.updatedBy,
  };
}

function toCorrespondentView({ id, label, role, capability }: Correspondent): CorrespondentView {
  return { agent_id: id, label, role, capability: capability ?? null };
}

function toTime(ms: number | undefined): string | null {
  return ms === undefined ? null : toTimestamp(ms);
}
