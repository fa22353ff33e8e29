import type { MessageRecord } from '../domain/messages.ts';
import { textOf } from './envelope.ts';
import type { QueueFailpoint } from './failpoints.ts';
import { block, complete, type Failure, fail } from './message-outcomes.ts';
import { toTarget } from './pane-target.ts';
import type { InputOutcome, InputTarget, PaneInput, Screen } from './ports.ts';
import { holdsBack, type QueueDeps } from './queue.ts';
import { waitForPrompt, waitForReaction, wasTaken } from './watch-screen.ts';

export interface DeliveryDeps extends Omit<QueueDeps, 'uuid'> {
  readonly input: PaneInput;
  /** Whether the target's own program has said by now that it took the prompt. */
  readonly isReceived?: (message: MessageRecord, since: number) => boolean;
  /** Aborts when the daemon stops. */
  readonly signal?: AbortSignal;
  /** For tests: stops or ends the program at a place. */
  readonly pass: (name: QueueFailpoint) => Promise<void>;
}

/** What a delivery came to; after `unclear`, somebody has to ask tmux how far it got. */
export type Delivered = 'settled' | 'unclear';

/**
 * Delivers one queued message: at most one paste and one Enter, whatever happens. The attempt is on record before the
 * paste, and tmux remembers it from the paste to the Enter.
 */
export async function deliver(message: MessageRecord, deps: DeliveryDeps): Promise<Delivered> {
  await deps.pass('queue.stamp.before');
  const attempt = begin(message, deps);
  if (attempt === undefined) return 'settled';
  await deps.pass('queue.stamp.after');
  const { input } = deps;
  const { target, name } = attempt;
  const before = await input.screen(target);

  await deps.pass('queue.paste.before');
  const pasted = await input.paste(target, { name, text: textOf(message) });
  await deps.pass('queue.paste.after');
  switch (pasted.kind) {
    case 'done':
      break;
    case 'occupied':
      block(message, 'target_line_occupied', deps);
      return 'settled';
    case 'unknown':
      return 'unclear';
    default:
      fail(message, toFailure(pasted, 'tmux_paste_failed'), deps);
      return 'settled';
  }
  deps.store.transact((tx) => tx.updateMessage(message.id, { submission: 'pasted' }));
  // A program that is still taking the paste in may swallow the key as part of it.
  const shown = await waitForReaction(target, before, deps);
  return await submit(message, { ...attempt, before, shown }, deps);
}

/** An attempt that is on record. */
export interface Attempt {
  readonly target: InputTarget;
  /** What it is called in tmux; that of another attempt at the same message is another one. */
  readonly name: string;
  readonly begunAt: number;
}

/** The attempt that a message says was begun; `undefined` without one, or without a pane. */
export function attemptOf(
  message: MessageRecord,
  { store }: Pick<DeliveryDeps, 'store'>,
): Attempt | undefined {
  const { id, attemptStartedAt: begunAt } = message;
  const agent = store.registry.agent(message.target.id);
  const target = agent === undefined ? undefined : toTarget(agent);
  if (target === undefined || begunAt === undefined) return undefined;
  return { target, begunAt, name: `agenttower-${id.replaceAll('-', '')}-${begunAt.toString(36)}` };
}

interface Screens {
  /** What the pane showed before the paste, where that is known. */
  readonly before: Screen | undefined;
  /** … and before the Enter. */
  readonly shown: Screen | undefined;
}

/** Presses Enter after a prompt that stands in the line, and looks whether the program took it. */
export async function submit(
  message: MessageRecord,
  { target, name, begunAt, before, shown }: Attempt & Screens,
  deps: DeliveryDeps,
): Promise<Delivered> {
  await deps.pass('queue.enter.before');
  const entered = await deps.input.enter(target, name);
  await deps.pass('queue.enter.after');
  if (entered.kind === 'unknown') return 'unclear';
  if (entered.kind !== 'done') {
    fail(message, toFailure(entered, 'tmux_send_keys_failed'), deps);
    return 'settled';
  }
  complete(message, 'pasted', deps);
  const taken = await wasTaken(target, shown, deps);
  const isKnown = taken || deps.isReceived?.(message, begunAt) === true;
  const submission = isKnown ? 'submitted' : 'uncertain';
  deps.store.transact((tx) => tx.updateMessage(message.id, { submission }));
  // For the next one.
  await waitForPrompt(target, before, deps);
  return 'settled';
}

/** Asks the gate once more, then puts the attempt on record. `undefined` when the message is not to be delivered. */
function begin(message: MessageRecord, deps: DeliveryDeps): Attempt | undefined {
  const { store, clock } = deps;
  const reason = holdsBack(message, deps);
  // While everything is held back, what is queued stays queued.
  if (reason === 'kill_switch_off') return undefined;
  const attemptStartedAt = clock.now();
  const attempt =
    reason === undefined ? attemptOf({ ...message, attemptStartedAt }, deps) : undefined;
  if (attempt === undefined) {
    block(message, reason ?? 'target_pane_missing', deps);
    return undefined;
  }
  store.transact((tx) => tx.updateMessage(message.id, { attemptStartedAt }));
  return attempt;
}

function toFailure(
  outcome: Exclude<InputOutcome, { kind: 'done' | 'unknown' }>,
  step: 'tmux_paste_failed' | 'tmux_send_keys_failed',
): Failure {
  return { reason: outcome.kind === 'refused' ? 'pane_disappeared_mid_attempt' : step };
}
