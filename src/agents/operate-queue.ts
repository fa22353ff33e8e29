import { refuse } from '../domain/errors.ts';
import { auditMessage } from '../domain/message-events.ts';
import { isTerminal, type MessageRecord, type OperatorAction } from '../domain/messages.ts';
import { toTarget } from './pane-target.ts';
import type { MessagePatch, PaneInput } from './ports.ts';
import { holdsBack, type QueueDeps, requireMessage } from './queue.ts';

/**
 * Lets a blocked message go. Refused while what blocks it still holds: it would only be blocked again.
 * @throws `message_id_not_found`, `terminal_state_cannot_change`, `delivery_in_progress`, `approval_not_applicable`.
 */
export function approve(id: string, by: string, deps: QueueDeps): MessageRecord {
  const message = requireOpen(id, deps);
  const { blockReason } = message;
  if (blockReason === undefined) throw notApprovable(id, 'it is queued already', 'queued');
  if (blockReason === 'sender_role_not_permitted' || blockReason === 'target_role_not_permitted') {
    throw notApprovable(id, 'its sender may not send to its target, and never will', blockReason);
  }
  const still = holdsBack(message, deps);
  if (still !== undefined) throw notApprovable(id, `it would be blocked at once: ${still}`, still);
  return act(message, { action: 'approved', to: 'queued', by }, deps);
}

/**
 * As `approve`; of what waits for a clear line it also takes the operator's word that the line is clear.
 * @throws what `approve` throws; `approval_not_applicable` also when the pane cannot be told so.
 */
export async function approveConfirmed(
  id: string,
  by: string,
  deps: QueueDeps & Pick<PaneInput, 'clearLine'>,
): Promise<MessageRecord> {
  const { blockReason, target } = requireOpen(id, deps);
  const agent = deps.store.registry.agent(target.id);
  if (blockReason === 'target_line_occupied' && agent?.active === true) {
    const pane = toTarget(agent);
    if (pane === undefined || !(await deps.clearLine(pane))) {
      throw notApprovable(id, 'its pane cannot be reached now; try again', blockReason);
    }
  }
  return approve(id, by, deps);
}

/**
 * Holds a queued message back until somebody approves it.
 * @throws `message_id_not_found`, `terminal_state_cannot_change`, `delivery_in_progress`, `delay_not_applicable`.
 */
export function delay(id: string, by: string, deps: QueueDeps): MessageRecord {
  const message = requireOpen(id, deps);
  if (message.state !== 'queued') {
    throw refuse('delay_not_applicable', `message ${id} is held back already`, {
      message_id: id,
      state: message.state,
    });
  }
  return act(message, { action: 'delayed', to: 'blocked', by }, deps);
}

/** @throws `message_id_not_found`, `terminal_state_cannot_change`, `delivery_in_progress`. */
export function cancel(id: string, by: string, deps: QueueDeps): MessageRecord {
  return act(requireOpen(id, deps), { action: 'canceled', to: 'canceled', by }, deps);
}

/** A message that nothing has become of yet. */
function requireOpen(id: string, { store }: QueueDeps): MessageRecord {
  const message = requireMessage(id, store);
  if (isTerminal(message.state)) {
    throw refuse(
      'terminal_state_cannot_change',
      `message ${id} is ${message.state}, which is final; send a new one`,
      { message_id: id, state: message.state },
    );
  }
  if (message.attemptStartedAt === undefined) return message;
  throw refuse('delivery_in_progress', `message ${id} is being pasted right now`, {
    message_id: id,
  });
}

interface Decision {
  readonly action: OperatorAction;
  readonly to: 'queued' | 'blocked' | 'canceled';
  readonly by: string;
}

function act(
  message: MessageRecord,
  { action, to, by }: Decision,
  { store, clock }: QueueDeps,
): MessageRecord {
  const at = clock.now();
  const patch: MessagePatch = {
    state: to,
    blockReason: to === 'blocked' ? 'operator_delayed' : undefined,
    ...(to === 'canceled' && { canceledAt: at }),
    operator: { action, at, by },
  };
  store.transact((tx) => {
    tx.updateMessage(message.id, patch);
    tx.emit(
      auditMessage(`queue_message_${action}`, {
        message,
        to,
        operator: by,
        ...(to === 'blocked' && { reason: 'operator_delayed' }),
      }),
    );
  });
  return requireMessage(message.id, store);
}

function notApprovable(id: string, why: string, reason: string) {
  return refuse('approval_not_applicable', `message ${id} cannot be approved: ${why}`, {
    message_id: id,
    reason,
  });
}
