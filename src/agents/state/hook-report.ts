import type { HookReport } from './hook-rules.ts';
import { markPrompt } from './prompt-mark.ts';

/** Words of a program that are shown, at most so long; anything else is not passed on. */
const WORD = /^[A-Za-z0-9_.:-]{1,64}$/;

/**
 * The report of one hook, from what the program says beside its name. Only words are taken; texts (prompts, answers,
 * what tools read) stay where they are. Text that is no JSON object says nothing.
 */
export function toHookReport(event: string, text: string): HookReport {
  const said = readObject(text);
  const word = (...keys: readonly string[]): string | undefined =>
    keys.map((key) => said[key]).find((value): value is string => isWord(value));
  const prompt = said['prompt'];
  return {
    event,
    notification: word('notification_type', 'type') ?? readMessage(said['message']),
    reason: word('reason', 'source', 'error_type', 'error'),
    tool: word('tool_name'),
    session: word('session_id', 'thread-id'),
    prompt: typeof prompt === 'string' && prompt !== '' ? markPrompt(prompt) : undefined,
  };
}

/** Before notifications had types, their words told what they were about. */
function readMessage(message: unknown): string | undefined {
  if (typeof message !== 'string') return undefined;
  if (/\b(?:permission|approval)\b/i.test(message)) return 'permission_prompt';
  return /waiting for your input/i.test(message) ? 'idle_prompt' : undefined;
}

function isWord(value: unknown): boolean {
  return typeof value === 'string' && WORD.test(value);
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
