import { auditMessage } from '../domain/message-events.ts';
import type { FailureReason, MessageRecord } from '../domain/messages.ts';
import type { Clock } from '../lib/clock.ts';
import { textOf } from './envelope.ts';
import type { QueueFailpoint } from './failpoints.ts';
import { toTarget } from './pane-target.ts';
import type { AgentStore, InputOutcome, InputTarget, MessagePatch, PaneInput } from './ports.ts';
import { holdsBack, type QueueDeps } from './queue.ts';
import { waitForReaction, wasTaken } from './watch-screen.ts';

export interface DeliveryDeps extends Omit<QueueDeps, 'uuid'> {
  readonly input: PaneInput;
  /** Whether the target's own program has said by now that it took the prompt. */
  readonly isReceived?: (message: MessageRecord, since: number) => boolean;
  /** For tests: stops or ends the program at a place. */
  readonly pass: (name: QueueFailpoint) => Promise<void>;
}

/**
 * Delivers one queued message: at most one paste and one Enter, whatever happens. The attempt is on record before the
 * paste; an attempt that was cut off is never made again.
 */
export async function deliver(message: MessageRecord, deps: DeliveryDeps): Promise<void> {
  await deps.pass('queue.stamp.before');
  const target = begin(message, deps);
  if (target === undefined) return;
  await deps.pass('queue.stamp.after');
  const { input } = deps;
  const begunAt = deps.clock.now();
  const before = await input.screen(target);

  await deps.pass('queue.paste.before');
  const name = `agenttower-${message.id}`;
  const pasted = await input.paste(target, { name, text: textOf(message) });
  await deps.pass('queue.paste.after');
  if (pasted.kind !== 'done') {
    fail(message, toFailure(pasted, 'tmux_paste_failed'), deps);
    return;
  }
  deps.store.transact((tx) => tx.updateMessage(message.id, { submission: 'pasted' }));
  // A program that is still taking the paste in may swallow the key as part of it.
  const shown = await waitForReaction(target, before, deps);

  await deps.pass('queue.enter.before');
  const entered = await input.enter(target);
  await deps.pass('queue.enter.after');
  if (entered.kind !== 'done') {
    fail(message, toFailure(entered, 'tmux_send_keys_failed'), deps);
    return;
  }
  complete(message, deps);
  const taken = await wasTaken(target, shown, deps);
  const isKnown = taken || deps.isReceived?.(message, begunAt) === true;
  const submission = isKnown ? 'submitted' : 'uncertain';
  deps.store.transact((tx) => tx.updateMessage(message.id, { submission }));
}

/** Settles what a daemon that ended left half done. Pasted or not, nothing of it is ever sent again. */
export function settleInterrupted(deps: Pick<DeliveryDeps, 'store' | 'clock'>): void {
  for (const message of deps.store.messages.underWay()) settle(message, deps);
}

function settle(message: MessageRecord, deps: Pick<DeliveryDeps, 'store' | 'clock'>): void {
  if (message.state === 'queued') {
    // Whether the paste had happened when it ended, nobody knows any more.
    fail(message, { reason: 'attempt_interrupted', submission: 'uncertain' }, deps);
  } else {
    deps.store.transact((tx) => tx.updateMessage(message.id, { submission: 'uncertain' }));
  }
}

/** After a delivery that broke off: settles it, if the records can be written at all. Never throws. */
export function giveUp(id: string, deps: Pick<DeliveryDeps, 'store' | 'clock'>): void {
  try {
    const left = deps.store.messages.underWay().find((message) => message.id === id);
    if (left !== undefined) settle(left, deps);
  } catch {
    // What is left half done is settled at the next start.
  }
}

/** Asks the gate once more, then puts the attempt on record. `undefined` when the message is not to be delivered. */
function begin(message: MessageRecord, deps: DeliveryDeps): InputTarget | undefined {
  const { store, clock } = deps;
  const reason = holdsBack(message, deps);
  // While everything is held back, what is queued stays queued.
  if (reason === 'kill_switch_off') return undefined;
  const agent = store.registry.agent(message.target.id);
  const target = reason === undefined && agent !== undefined ? toTarget(agent) : undefined;
  if (target === undefined) {
    block(message, reason ?? 'target_pane_missing', store);
    return undefined;
  }
  store.transact((tx) => tx.updateMessage(message.id, { attemptStartedAt: clock.now() }));
  return target;
}

function block(
  message: MessageRecord,
  reason: NonNullable<ReturnType<typeof holdsBack>>,
  store: AgentStore,
): void {
  store.transact((tx) => {
    tx.updateMessage(message.id, { state: 'blocked', blockReason: reason });
    tx.emit(auditMessage('queue_message_blocked', { message, to: 'blocked', reason }));
  });
}

interface Failure {
  readonly reason: FailureReason;
  readonly submission?: MessagePatch['submission'];
}

function toFailure(
  outcome: Exclude<InputOutcome, { kind: 'done' }>,
  step: 'tmux_paste_failed' | 'tmux_send_keys_failed',
): Failure {
  switch (outcome.kind) {
    case 'refused':
      return { reason: 'pane_disappeared_mid_attempt' };
    case 'error':
      return { reason: step };
    case 'unknown':
      return { reason: 'attempt_interrupted', submission: 'uncertain' };
  }
}

function fail(
  message: MessageRecord,
  { reason, submission }: Failure,
  { store, clock }: Pick<DeliveryDeps, 'store' | 'clock'>,
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

function complete(
  message: MessageRecord,
  { store, clock }: { readonly store: AgentStore; readonly clock: Clock },
): void {
  store.transact((tx) => {
    tx.updateMessage(message.id, { state: 'delivered', deliveredAt: clock.now() });
    tx.emit(auditMessage('queue_message_delivered', { message, to: 'delivered' }));
  });
}
