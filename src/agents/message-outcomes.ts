import { auditMessage } from '../domain/message-events.ts';
import type { BlockReason, FailureReason, MessageRecord, Submission } from '../domain/messages.ts';
import type { Clock } from '../lib/clock.ts';
import type { AgentStore } from './ports.ts';

interface OutcomeDeps {
  readonly store: AgentStore;
  readonly clock: Clock;
}

export interface Failure {
  readonly reason: FailureReason;
  readonly submission?: Submission;
}

/** Every end an attempt can have, each written with its audit. */

export function block(message: MessageRecord, reason: BlockReason, { store }: OutcomeDeps): void {
  store.transact((tx) => {
    const patch = { state: 'blocked', blockReason: reason, attemptStartedAt: undefined } as const;
    tx.updateMessage(message.id, patch);
    tx.emit(auditMessage('queue_message_blocked', { message, to: 'blocked', reason }));
  });
}

export function fail(
  message: MessageRecord,
  { reason, submission }: Failure,
  { store, clock }: OutcomeDeps,
): void {
  store.transact((tx) => {
    tx.updateMessage(message.id, {
      state: 'failed',
      failureReason: reason,
      failedAt: clock.now(),
      ...(submission !== undefined && { submission }),
    });
    tx.emit(auditMessage('queue_message_failed', { message, to: 'failed', reason }));
  });
}

/** Enter was pressed. How sure it is that the program took it, is said when that is known. */
export function complete(
  message: MessageRecord,
  submission: Submission,
  { store, clock }: OutcomeDeps,
): void {
  store.transact((tx) => {
    tx.updateMessage(message.id, { state: 'delivered', deliveredAt: clock.now(), submission });
    tx.emit(auditMessage('queue_message_delivered', { message, to: 'delivered' }));
  });
}

/** Its attempt is certain to have done nothing: it waits for its turn again. */
export function putBack(message: MessageRecord, { store }: Pick<OutcomeDeps, 'store'>): void {
  store.transact((tx) =>
    tx.updateMessage(message.id, { attemptStartedAt: undefined, submission: undefined }),
  );
}
