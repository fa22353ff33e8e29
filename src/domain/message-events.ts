import type { EventType, NewEvent } from './events.ts';
import type { Correspondent, MessageState } from './messages.ts';

type MessageEvent = Extract<EventType, `queue_message_${string}`>;

export interface MessageChange {
  readonly message: {
    readonly id: string;
    readonly sender: Correspondent;
    readonly target: Correspondent;
    readonly excerpt: string;
    /** What it was; absent for a new one. */
    readonly state?: MessageState;
  };
  readonly to: MessageState;
  readonly reason?: string;
  /** Who decided it; absent when the daemon did by itself. */
  readonly operator?: string;
}

/** The audit of one step of a message. The text itself is never in it. */
export function auditMessage(type: MessageEvent, change: MessageChange): NewEvent {
  const { message, to, reason, operator } = change;
  return {
    type,
    actor: operator === undefined ? 'daemon' : 'operator',
    payload: {
      message_id: message.id,
      from_state: message.state ?? null,
      to_state: to,
      reason: reason ?? null,
      operator: operator ?? null,
      sender: message.sender.id,
      target: message.target.id,
      excerpt: message.excerpt,
    },
  };
}
