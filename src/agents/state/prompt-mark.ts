import type { PromptMark, PromptReceipt } from '../../domain/agent-states.ts';
import { sha256 } from '../../lib/hash.ts';

/** Our own header, on the first line of a prompt that has one. */
const MESSAGE_ID = /^Message-Id: ([0-9a-f-]{36})$/;

/** The mark of a prompt, whatever way its lines end and whatever blanks its ends lost on the way. */
export function markPrompt(text: string): PromptMark {
  const trimmed = text.replaceAll(/\r\n?/g, '\n').trim();
  const [first = ''] = trimmed.split('\n', 1);
  const messageId = MESSAGE_ID.exec(first)?.[1];
  return { sha256: sha256(trimmed), ...(messageId !== undefined && { messageId }) };
}

/**
 * Whether the receipt is the one of a prompt whose delivery began at `startedAt`. Two prompts of the same text are
 * told apart by their time alone.
 */
export function isReceiptOf(
  receipt: PromptReceipt,
  prompt: { readonly id: string; readonly text: string; readonly startedAt: number },
): boolean {
  if (receipt.messageId !== undefined) return receipt.messageId === prompt.id;
  return receipt.at >= prompt.startedAt && receipt.sha256 === markPrompt(prompt.text).sha256;
}
