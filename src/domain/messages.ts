import type { Capability } from './agents.ts';
import type { AgentId, ContainerId } from './ids.ts';
import type { Role } from './spec.ts';

export const MESSAGE_STATES = ['queued', 'blocked', 'delivered', 'canceled', 'failed'] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

export const BLOCK_REASONS = [
  'kill_switch_off',
  'sender_role_not_permitted',
  'target_not_active',
  'target_role_not_permitted',
  'target_container_inactive',
  'target_pane_missing',
  'operator_delayed',
  /** An earlier prompt stands in the line of its program, and nobody pressed Enter. */
  'target_line_occupied',
] as const;
export type BlockReason = (typeof BLOCK_REASONS)[number];

export const FAILURE_REASONS = [
  'attempt_interrupted',
  'tmux_paste_failed',
  'docker_exec_failed',
  'tmux_send_keys_failed',
  'pane_disappeared_mid_attempt',
  'sqlite_lock_conflict',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/**
 * How far the text got: in the pane; taken by the program, as its screen shows; or entered without anyone being able
 * to tell. A prompt that is uncertain is never sent again by itself.
 */
export const SUBMISSIONS = ['pasted', 'submitted', 'uncertain'] as const;
export type Submission = (typeof SUBMISSIONS)[number];

export type OperatorAction = 'approved' | 'delayed' | 'canceled';

/** Who an end of a message was when it was enqueued. */
export interface Correspondent {
  /** An agent's id; of senders also `host-operator`. */
  readonly id: string;
  readonly label: string;
  readonly role: Role;
  readonly capability?: Capability;
}

/** One prompt on its way to one agent. */
export interface MessageRecord {
  readonly id: string;
  /** Order of enqueueing. */
  readonly ordinal: number;
  readonly state: MessageState;
  /** Only while blocked. */
  readonly blockReason?: BlockReason;
  /** Only when failed. */
  readonly failureReason?: FailureReason;
  readonly submission?: Submission;
  readonly sender: Correspondent;
  readonly target: Correspondent & { readonly id: AgentId };
  readonly targetContainer: ContainerId;
  /** `%N` at enqueueing; empty when there was none. */
  readonly targetPane: string;
  /** Forgotten, that is empty, once nothing more can become of the message. */
  readonly body: string;
  readonly bodySha256: string;
  /** The body alone is pasted, without the envelope's headers. */
  readonly raw: boolean;
  /** Bytes of what is pasted. */
  readonly sizeBytes: number;
  /** Redacted; fit to be shown. */
  readonly excerpt: string;
  readonly enqueuedAt: number;
  readonly attemptStartedAt?: number;
  readonly deliveredAt?: number;
  readonly failedAt?: number;
  readonly canceledAt?: number;
  readonly updatedAt: number;
  readonly operator?: {
    readonly action: OperatorAction;
    readonly at: number;
    readonly by: string;
  };
  /** The route and the event that made it; absent for a direct one. */
  readonly route?: { readonly id: string; readonly eventId: number };
}

/** Whether nothing more can become of it. */
export function isTerminal(state: MessageState): boolean {
  return state === 'delivered' || state === 'canceled' || state === 'failed';
}

/** Whether the outcome, and what is known of the submission, will not change any more. */
export function isSettled({ state, submission }: MessageRecord): boolean {
  return isTerminal(state) && !(state === 'delivered' && submission === 'pasted');
}
