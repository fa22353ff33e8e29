import { parseDuration } from '../lib/duration.ts';
import type { ManifestDocument, Path } from './document.ts';
import { MAX_SETTLE_MS, MAX_WORD_BYTES } from './limits.ts';
import { DURATION_PATTERN } from './schemas/fields.ts';

export interface ProcessFields {
  readonly command?: readonly string[] | null | undefined;
  readonly env?: Readonly<Record<string, string>> | null | undefined;
  readonly settle?: string | null | undefined;
}

/**
 * Checks what a schema cannot about the fields that start a process, which stand at `path`.
 * Answers the settle time in milliseconds, when one is given.
 */
export function checkProcessFields(
  document: ManifestDocument,
  path: Path,
  { command, env, settle }: ProcessFields,
): number | undefined {
  checkWords(document, path, command ?? []);
  for (const [name, value] of Object.entries(env ?? {})) {
    if (isTooLong(`${name}=${value}`)) document.report([...path, 'env', name], TOO_LONG);
  }
  const isDuration = typeof settle === 'string' && new RegExp(DURATION_PATTERN).test(settle);
  if (!isDuration) return undefined;
  const settleMs = parseDuration(settle);
  if (settleMs !== undefined && settleMs <= MAX_SETTLE_MS) return settleMs;
  document.report([...path, 'settle'], { message: 'a settle time can be 24h at most' });
  return undefined;
}

function checkWords({ report }: ManifestDocument, path: Path, command: readonly string[]): void {
  if (command[0] === '') {
    report([...path, 'command', 0], { message: 'the command has an empty program name' });
  }
  for (const [index, word] of command.entries()) {
    if (isTooLong(word)) report([...path, 'command', index], TOO_LONG);
  }
}

const TOO_LONG = {
  message: 'longer than the 128 KiB that one argument or variable can have',
  hint: 'put it in a file and pass the path',
};

function isTooLong(word: string): boolean {
  // No UTF-16 unit takes more than three bytes, so most words need not be encoded to know.
  if (word.length * 3 <= MAX_WORD_BYTES) return false;
  return new TextEncoder().encode(word).length > MAX_WORD_BYTES;
}
