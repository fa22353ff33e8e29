import { HOST_OPERATOR } from '../domain/agents.ts';
import { refuse } from '../domain/errors.ts';
import type { ContainerId } from '../domain/ids.ts';
import { auditMessage } from '../domain/message-events.ts';
import type { Correspondent, MessageRecord } from '../domain/messages.ts';
import type { Clock } from '../lib/clock.ts';
import { measure, toExcerpt } from './envelope.ts';
import { deliveryGate, enqueueGate, type GateFacts } from './gate.ts';
import type { AgentStore, AgentTransaction, NewMessage, RegisteredAgent } from './ports.ts';

export interface QueueDeps {
  readonly store: AgentStore;
  readonly clock: Clock;
  readonly uuid: () => string;
  /** Whether the container runs, as far as is known. */
  readonly isContainerActive: (container: ContainerId) => boolean;
}

/** Who sends: an agent, or the person at the host, who counts as a master. */
export type Sender = RegisteredAgent | typeof HOST_OPERATOR;

export interface Prompt {
  readonly sender: Sender;
  readonly target: RegisteredAgent;
  readonly body: string;
  readonly raw: boolean;
  /** The route and the event that it is made of. */
  readonly route?: NewMessage['route'];
}

/** An agent by its id, or an active one by its label. Throws `agent_not_found`, `target_label_ambiguous`. */
export function resolveTarget(
  target: string,
  { registry }: Pick<AgentStore, 'registry'>,
): RegisteredAgent {
  const byId = registry.agent(target);
  if (byId !== undefined) return byId;
  const [first, ...others] = registry.labelled(target);
  if (first === undefined) {
    throw refuse(
      'agent_not_found',
      `no active agent is called ${JSON.stringify(target)}; see: agenttower list-agents`,
      { target },
    );
  }
  if (others.length === 0) return first;
  const ids = [first, ...others].map(({ agentId }) => agentId);
  throw refuse(
    'target_label_ambiguous',
    `${ids.length} agents are called ${JSON.stringify(target)}; use the id of one: ${ids.join(', ')}`,
    { label: target, agent_ids: ids },
  );
}

/**
 * Puts a prompt into the queue, or beside it: one that may not go is kept as `blocked`, with the reason.
 * @throws `body_too_large`.
 */
export function enqueue(prompt: Prompt, deps: QueueDeps): MessageRecord {
  const { store } = deps;
  const message = prepare(prompt, deps);
  store.transact((tx) => insert(message, tx));
  return requireMessage(message.id, store);
}

/** What will stand in the queue for a prompt. Throws `body_too_large`. */
export function prepare(prompt: Prompt, deps: QueueDeps): NewMessage {
  const { target, body, raw, route } = prompt;
  const id = deps.uuid();
  const sender = toCorrespondent(prompt.sender);
  const reason = enqueueGate(gateFacts(prompt, deps));
  return {
    id,
    state: reason === undefined ? 'queued' : 'blocked',
    ...(reason !== undefined && { blockReason: reason }),
    sender,
    target,
    body,
    raw,
    sizeBytes: measure({ id, sender, target: toCorrespondent(target), body, raw }),
    excerpt: toExcerpt(body),
    ...(route !== undefined && { route }),
  };
}

/** Writes a prepared message with its audit, as part of a larger transaction. */
export function insert(message: NewMessage, tx: AgentTransaction): void {
  const { id, sender, target, excerpt, state, blockReason } = message;
  tx.insertMessage(message);
  tx.emit(
    auditMessage('queue_message_enqueued', {
      message: { id, sender, target: toCorrespondent(target), excerpt },
      to: state,
      ...(blockReason !== undefined && { reason: blockReason }),
    }),
  );
}

/** Throws `message_id_not_found`. */
export function requireMessage(
  id: string,
  { messages }: Pick<AgentStore, 'messages'>,
): MessageRecord {
  const message = messages.message(id);
  if (message !== undefined) return message;
  throw refuse('message_id_not_found', `there is no message ${id}; see: agenttower queue list`, {
    message_id: id,
  });
}

/** Why a message cannot be delivered right now; `undefined` when it can. */
export function holdsBack(message: MessageRecord, deps: Omit<QueueDeps, 'clock' | 'uuid'>) {
  const target = deps.store.registry.agent(message.target.id);
  // An agent is never deleted: one that is not there is no more active than one that is gone.
  if (target === undefined) return 'target_not_active';
  return deliveryGate(gateFacts({ sender: HOST_OPERATOR, target }, deps));
}

function gateFacts(
  { sender, target }: Pick<Prompt, 'sender' | 'target'>,
  { store, isContainerActive }: Omit<QueueDeps, 'clock' | 'uuid'>,
): GateFacts {
  return {
    routingEnabled: store.messages.routing().value === 'enabled',
    senderRole: sender === HOST_OPERATOR ? 'master' : sender.role,
    senderActive: sender === HOST_OPERATOR || sender.active,
    targetRole: target.role,
    targetActive: target.active,
    containerActive: isContainerActive(target.container),
    paneKnown: target.tmuxPaneId !== undefined && target.epoch !== undefined,
  };
}

function toCorrespondent(end: Sender): Correspondent {
  if (end === HOST_OPERATOR) return { id: HOST_OPERATOR, label: HOST_OPERATOR, role: 'master' };
  const { agentId, label, role, capability } = end;
  return { id: agentId, label, role, capability };
}
