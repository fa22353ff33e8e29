import { permissionsOf } from '../domain/agents.ts';
import type { BlockReason } from '../domain/messages.ts';
import type { Role } from '../domain/spec.ts';

/** What decides whether a prompt may go from one agent to another. */
export interface GateFacts {
  readonly routingEnabled: boolean;
  readonly senderRole: Role;
  readonly senderActive: boolean;
  readonly targetRole: Role;
  readonly targetActive: boolean;
  readonly containerActive: boolean;
  /** tmux has told of the pane, in its present life. */
  readonly paneKnown: boolean;
}

interface Check {
  readonly reason: BlockReason;
  readonly holds: (facts: GateFacts) => boolean;
  /** Asked again right before delivery. What authority was, is settled at enqueueing. */
  readonly again: boolean;
}

/** In this order; the first that fails is the reason. */
const CHECKS: readonly Check[] = [
  { reason: 'kill_switch_off', holds: (facts) => facts.routingEnabled, again: true },
  {
    reason: 'sender_role_not_permitted',
    holds: (facts) => facts.senderActive && permissionsOf(facts.senderRole).canSend,
    again: false,
  },
  { reason: 'target_not_active', holds: (facts) => facts.targetActive, again: true },
  {
    reason: 'target_role_not_permitted',
    holds: (facts) => permissionsOf(facts.senderRole).canSendTo.includes(facts.targetRole),
    again: false,
  },
  { reason: 'target_container_inactive', holds: (facts) => facts.containerActive, again: true },
  { reason: 'target_pane_missing', holds: (facts) => facts.paneKnown, again: true },
];

/** Why a prompt is held back when it is enqueued; `undefined` when it may go. */
export function enqueueGate(facts: GateFacts): BlockReason | undefined {
  return CHECKS.find(({ holds }) => !holds(facts))?.reason;
}

/** Why a prompt that was let through is held back after all, right before it is delivered. */
export function deliveryGate(facts: GateFacts): BlockReason | undefined {
  return CHECKS.find(({ again, holds }) => again && !holds(facts))?.reason;
}
