import { redactLine } from '../logs/redact.ts';

const EXCERPT_BYTES = 1_024;
export const TRUNCATION_MARKER = '…[truncated]';

/** What an event shows of its line: without secrets, and at most `EXCERPT_BYTES` of UTF-8, the marker included. */
export function toExcerpt(line: string): string {
  const shown = redactLine(line);
  if (shown.length * 3 <= EXCERPT_BYTES) return shown;
  const bytes = Buffer.from(shown);
  if (bytes.length <= EXCERPT_BYTES) return shown;
  let end = EXCERPT_BYTES - Buffer.byteLength(TRUNCATION_MARKER);
  // Not in the middle of a character.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end) + TRUNCATION_MARKER;
}
