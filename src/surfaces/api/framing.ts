import {
  MAX_MANIFEST_REQUEST_BYTES,
  MAX_PROMPT_REQUEST_BYTES,
  MAX_REQUEST_BYTES,
} from './protocol.ts';

export type Framed =
  | { readonly kind: 'line'; readonly bytes: Buffer }
  | { readonly kind: 'too-large'; readonly limitBytes: number };

const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);
const FIRST_CAPACITY = 4_096;
/** A long line is let through when it says early that it carries manifests or a prompt. */
const HEAD_BYTES = 4_096;
const LARGE_METHODS: readonly (readonly [name: string, limitBytes: number])[] = [
  ['"manifest.', MAX_MANIFEST_REQUEST_BYTES],
  ['"queue.send_input"', MAX_PROMPT_REQUEST_BYTES],
];

/**
 * Cuts a byte stream into lines, one at a time and only when asked, and holds no more of an unfinished line than
 * its limit. A line too large is never parsed: its first 4 KiB decide which limit it has.
 */
export class LineFramer {
  /** Chunks that may hold further lines. */
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  /** The unfinished line, copied together so that a byte at a time costs a byte. */
  #partial: Buffer = EMPTY;
  #partialBytes = 0;
  #limit: number | undefined;

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#unread.push(chunk);
    this.#unreadBytes += chunk.length;
  }

  /** The next line without its newline, or `undefined` until more bytes come. Ends with the first `too-large`. */
  next(): Framed | undefined {
    for (let chunk = this.#unread[0]; chunk !== undefined; chunk = this.#unread[0]) {
      const newline = chunk.indexOf(NEWLINE);
      const piece = newline < 0 ? chunk : chunk.subarray(0, newline);
      const limitBytes = this.#limitWith(piece);
      if (this.#partialBytes + piece.length + 1 > limitBytes) {
        this.clear();
        return { kind: 'too-large', limitBytes };
      }
      this.#advance(chunk, newline);
      if (newline >= 0) return { kind: 'line', bytes: this.#complete(piece) };
      this.#append(piece, limitBytes);
    }
    return undefined;
  }

  /** Bytes of memory held for this stream. */
  get heldBytes(): number {
    return this.#unreadBytes + this.#partial.length;
  }

  /** Chunks not yet searched for lines; the reader of the socket pauses when they pile up. */
  get unreadChunks(): number {
    return this.#unread.length;
  }

  /** Whether a line has begun and not ended. */
  get isInsideLine(): boolean {
    return this.#partialBytes > 0 || this.#unreadBytes > 0;
  }

  clear(): void {
    this.#unread = [];
    this.#unreadBytes = 0;
    this.#complete(EMPTY);
  }

  #limitWith(piece: Buffer): number {
    if (this.#partialBytes + piece.length < MAX_REQUEST_BYTES) return MAX_REQUEST_BYTES;
    this.#limit ??= limitOf(headOf(this.#partial.subarray(0, this.#partialBytes), piece));
    return this.#limit;
  }

  #advance(chunk: Buffer, newline: number): void {
    const taken = newline < 0 ? chunk.length : newline + 1;
    this.#unreadBytes -= taken;
    if (taken === chunk.length) this.#unread.shift();
    else this.#unread[0] = chunk.subarray(taken);
  }

  #append(piece: Buffer, limitBytes: number): void {
    const needed = this.#partialBytes + piece.length;
    if (needed > this.#partial.length) {
      const doubled = Math.max(needed, this.#partial.length * 2, FIRST_CAPACITY);
      const grown = Buffer.allocUnsafeSlow(Math.min(doubled, limitBytes));
      this.#partial.copy(grown, 0, 0, this.#partialBytes);
      this.#partial = grown;
    }
    piece.copy(this.#partial, this.#partialBytes);
    this.#partialBytes = needed;
  }

  #complete(piece: Buffer): Buffer {
    const begun = this.#partial.subarray(0, this.#partialBytes);
    this.#partial = EMPTY;
    this.#partialBytes = 0;
    this.#limit = undefined;
    return begun.length === 0 ? piece : Buffer.concat([begun, piece]);
  }
}

function limitOf(head: Buffer): number {
  const large = LARGE_METHODS.find(([name]) => head.includes(name));
  return large?.[1] ?? MAX_REQUEST_BYTES;
}

function headOf(begun: Buffer, piece: Buffer): Buffer {
  return Buffer.concat([
    begun.subarray(0, HEAD_BYTES),
    piece.subarray(0, Math.max(0, HEAD_BYTES - begun.length)),
  ]);
}
