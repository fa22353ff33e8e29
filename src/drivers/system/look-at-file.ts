import { lstat, open, readFile } from 'node:fs/promises';

/** Permission bits and whether the file is ours; `undefined` when it is not there or hidden from us. */
export async function modeOf(
  path: string,
): Promise<{ readonly mode: number; readonly isOurs: boolean } | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return { mode: found.mode & 0o777, isOurs: found.uid === process.geteuid?.() };
}

/** Text of a small file; `undefined` when it cannot be read. */
export function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

/** Size in bytes; 0 when it is not there. */
export async function sizeOf(path: string): Promise<number> {
  return (await lstat(path).catch(() => undefined))?.size ?? 0;
}

/** What stands in a file from `offset` on, at most the last `maxBytes` of it; '' when it cannot be read. */
export async function readEnd(
  path: string,
  { offset, maxBytes }: { readonly offset: number; readonly maxBytes: number },
): Promise<string> {
  const size = await sizeOf(path);
  // A file shorter than before was begun anew.
  const from = Math.max(size < offset ? 0 : offset, size - maxBytes);
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
