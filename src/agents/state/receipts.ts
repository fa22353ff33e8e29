import type { PromptReceipt } from '../../domain/agent-states.ts';
import type { AgentId } from '../../domain/ids.ts';
import type { StateStore } from './ports.ts';

/** So long after a receipt a delivery may still find that it cannot tell. */
const WAIT_MS = 60_000;

/** Prompts of ours that agents said they took, until the queue knows it too. */
export interface Receipts {
  expect(agent: AgentId, receipt: PromptReceipt): void;
  /** Makes certain what the queue left uncertain. */
  settle(now: number): void;
}

/** Nothing is kept of prompts that carry none of our ids. */
export function openReceipts(store: Pick<StateStore, 'messages' | 'transact'>): Receipts {
  const expected = new Map<string, { readonly agent: AgentId; readonly at: number }>();
  return {
    expect: (agent, { messageId, at }) => {
      if (messageId !== undefined) expected.set(messageId, { agent, at });
    },
    settle: (now) => {
      for (const [id, { agent, at }] of expected) {
        const message = store.messages.message(id);
        const isOurs = message?.target.id === agent;
        const isUncertain = message?.state === 'delivered' && message.submission === 'uncertain';
        if (isOurs && isUncertain) {
          store.transact((tx) => tx.updateMessage(id, { submission: 'submitted' }));
        }
        if (!isOurs || isUncertain || now - at > WAIT_MS) expected.delete(id);
      }
    },
  };
}
