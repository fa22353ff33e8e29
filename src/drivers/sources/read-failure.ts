import type { SourceRead, SourceSnapshot } from '../../declare/ports.ts';
import { redactUrls } from '../../lib/redact-url.ts';

/** Ends a read with a sentence for the operator. Never leaves this folder: `answerRead` turns it into data. */
export class ReadFailure extends Error {}

/** Limits of one source, so that a wrong path cannot eat the machine. */
const MAX_FILES = 5_000;
export const MAX_BYTES = 64 * 1024 * 1024;

/** Answers what `read` yields, or why it could not. Anything unforeseen is a failure too, never "empty". */
export async function answerRead(read: () => Promise<SourceSnapshot>): Promise<SourceRead> {
  try {
    return { ok: true, snapshot: await read() };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { ok: false, problem: redactUrls(problem) };
  }
}

/** Refuses a source that is too large. `where` names it in the sentence. */
export function checkLimits(where: string, files: readonly { readonly size: number }[]): void {
  if (files.length > MAX_FILES) {
    throw new ReadFailure(
      `${where} holds more than ${MAX_FILES} manifest files; point the source at a smaller directory`,
    );
  }
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  if (bytes > MAX_BYTES) {
    throw new ReadFailure(
      `the manifest files in ${where} exceed ${MAX_BYTES / 1024 / 1024} MiB in all; point the source at a smaller directory`,
    );
  }
}

/** UTF-8 text of a file without its byte order mark; `undefined` when the bytes are something else. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The code of a system error (`ENOENT`, …), '' for anything else. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
