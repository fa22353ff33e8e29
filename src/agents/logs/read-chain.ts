import type { FileInHand, LogFiles, RotatedFile, SeenFile } from './ports.ts';

/** What was read of a log: bytes that follow each other, though they may stand in several files. */
export interface Chunk {
  readonly bytes: number;
  /** The files they came from, oldest first, each with the offset it starts at. */
  readonly files: readonly FileInHand[];
  /** There is more than there was room for. */
  readonly more: boolean;
}

export type ChainRead =
  | ({ readonly kind: 'read' } & Chunk)
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'missing' }
  /** The file was cut short, or is another one: reading begins anew, at the first of `files`. */
  | {
      readonly kind: 'replaced';
      readonly file: FileInHand;
      readonly was: 'truncated' | 'recreated';
      readonly lost: Loss;
    };

/** Bytes that were written and that nobody can read any more. */
export interface Loss {
  /** As many as were seen and not read; there may be more that nobody ever saw. */
  readonly atLeast: number;
  /** Nothing else may be gone, as far as can be told. */
  readonly isAll: boolean;
}

export interface Place {
  readonly path: string;
  readonly file: FileInHand;
  readonly offset: number;
  /** A file never seen before is read after those rotated away from it since this time. */
  readonly attachedAt: number;
}

/**
 * Reads on from a place. A file that was rotated away is read to its end first: its writer had left it before it made
 * the next one, and the next one has been seen by then.
 */
export function readChain(files: LogFiles, place: Place, buffer: Buffer): ChainRead {
  const { path, file, attachedAt } = place;
  const newest = files.look(path);
  if (newest === undefined) return { kind: 'missing' };
  if (file.identity === undefined) {
    const before = files
      .rotated(path)
      .filter(
        ({ identity, modifiedAt }) => identity !== newest.identity && modifiedAt >= attachedAt,
      );
    return fill(files, place, [...before.reverse(), { ...newest, path }], buffer);
  }
  if (file.identity === newest.identity) {
    if (newest.size < (file.size ?? 0)) {
      return { ...replaced(newest, 'truncated'), lost: { atLeast: unread(place), isAll: true } };
    }
    if (newest.size === file.size) return { kind: 'unchanged' };
    return fill(files, place, [{ ...newest, path }], buffer);
  }
  const rotated = files.rotated(path).filter(({ identity }) => identity !== newest.identity);
  const at = rotated.findIndex(({ identity }) => identity === file.identity);
  if (at === -1) {
    // Behind files that were rotated away it was one of them, and went on after it was seen last.
    const lost = { atLeast: unread(place), isAll: rotated.length === 0 };
    return { ...replaced(oldestUnread(file, rotated) ?? newest, 'recreated'), lost };
  }
  const chain = [...rotated.slice(0, at + 1).reverse(), { ...newest, path }];
  return fill(files, place, chain, buffer);
}

/** The file that holds `offset`, or that begins there if a later one does. */
export function fileAt(files: readonly FileInHand[], offset: number): FileInHand | undefined {
  return files.findLast(({ start }) => start <= offset);
}

function fill(
  files: LogFiles,
  { file, offset }: Place,
  chain: readonly RotatedFile[],
  buffer: Buffer,
): ChainRead {
  const read: FileInHand[] = [];
  let { start } = file;
  let bytes = 0;
  for (const { path, ...seen } of chain) {
    const position = Math.max(0, offset + bytes - start);
    const got = files.read(path, { identity: seen.identity, position }, buffer.subarray(bytes));
    // Rotated away this very moment: the next look finds it under its new name.
    if (got === undefined) break;
    bytes += got;
    read.push({ ...seen, start, size: position + got });
    if (bytes === buffer.length) break;
    start = offset + bytes;
  }
  return { kind: 'read', bytes, files: read, more: bytes === buffer.length };
}

function replaced(seen: SeenFile, was: 'truncated' | 'recreated') {
  return { kind: 'replaced', was, file: { ...seen, start: 0, size: 0 } } as const;
}

/** What was seen of the file in hand and not read. */
function unread({ file, offset }: Place): number {
  return Math.max(0, file.start + (file.size ?? 0) - offset);
}

/** When even the file in hand is gone, whatever was written to after it was last looked at is still new. */
function oldestUnread(file: FileInHand, rotated: readonly RotatedFile[]): RotatedFile | undefined {
  const seenAt = file.modifiedAt;
  return seenAt === undefined
    ? undefined
    : rotated.findLast(({ modifiedAt }) => modifiedAt > seenAt);
}
