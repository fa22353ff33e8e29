import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineFramer } from '../../../src/surfaces/api/framing.ts';
import {
  MAX_MANIFEST_REQUEST_BYTES,
  MAX_REQUEST_BYTES,
} from '../../../src/surfaces/api/protocol.ts';

function drain(framer: LineFramer): string[] {
  const found: string[] = [];
  for (let framed = framer.next(); framed !== undefined; framed = framer.next()) {
    if (framed.kind === 'too-large') return [...found, `too large: ${framed.limitBytes}`];
    found.push(framed.bytes.toString('latin1'));
  }
  return found;
}

function feed(chunks: Iterable<string | Uint8Array>): { lines: string[]; framer: LineFramer } {
  const framer = new LineFramer();
  const lines: string[] = [];
  for (const chunk of chunks) {
    framer.push(Buffer.from(chunk as string));
    lines.push(...drain(framer));
    if (lines.at(-1)?.startsWith('too large')) break;
  }
  return { lines, framer };
}

const padding = (length: number): string => 'x'.repeat(length);

describe('lines', () => {
  test('come out the same however the bytes were cut into chunks', () => {
    const bytes = fc.uint8Array({ maxLength: 3_000 }).map((array) => {
      // Newlines often enough to matter.
      return Buffer.from(array.map((byte) => (byte % 23 === 0 ? 10 : byte)));
    });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(60), { minLength: 1 }), (stream, sizes) => {
        const expected = stream.toString('latin1').split('\n').slice(0, -1);
        const { lines } = feed(cut(stream, sizes));
        expect(lines).toEqual(expected);
      }),
    );
  });

  test('are handed out one at a time, and the rest waits', () => {
    const framer = new LineFramer();
    framer.push(Buffer.from('a\nb\nc'));
    expect(framer.next()).toMatchObject({ bytes: Buffer.from('a') });
    expect(framer.unreadChunks).toBe(1);
    expect(drain(framer)).toEqual(['b']);
    expect(framer.isInsideLine).toBe(true);
  });
});

describe('the limit', () => {
  test('lets a line of exactly 64 KiB with its newline through, and not a byte more', () => {
    expect(feed([`${padding(MAX_REQUEST_BYTES - 1)}\n`]).lines).toHaveLength(1);
    expect(feed([`${padding(MAX_REQUEST_BYTES)}\n`]).lines).toEqual([
      `too large: ${MAX_REQUEST_BYTES}`,
    ]);
    expect(feed([padding(MAX_REQUEST_BYTES)]).lines).toEqual([`too large: ${MAX_REQUEST_BYTES}`]);
  });

  test('is 8 MiB for a line that says "manifest. within its first 4 KiB', () => {
    const head = '{"method":"manifest.apply"';
    const most = MAX_MANIFEST_REQUEST_BYTES - 1 - head.length;
    expect(feed([head, padding(most), '\n']).lines.map((line) => line.length)).toEqual([
      MAX_MANIFEST_REQUEST_BYTES - 1,
    ]);
    expect(feed([head, padding(most + 1)]).lines).toEqual([
      `too large: ${MAX_MANIFEST_REQUEST_BYTES}`,
    ]);
    expect(feed([padding(4_096), head, padding(MAX_REQUEST_BYTES)]).lines).toEqual([
      `too large: ${MAX_REQUEST_BYTES}`,
    ]);
  });

  test('counts for every line anew', () => {
    const { lines } = feed([
      `{"method":"manifest.apply"${padding(100_000)}\n`,
      `${padding(100_000)}\n`,
    ]);
    expect(lines.map((line) => line.slice(0, 9))).toEqual(['{"method"', 'too large']);
  });

  test('is told at once, before the line has ended, however the bytes arrive', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_000 }), (size) => {
        const framer = new LineFramer();
        let sent = 0;
        let mostHeld = 0;
        while (sent < 2 * MAX_REQUEST_BYTES && framer.next() === undefined) {
          mostHeld = Math.max(mostHeld, framer.heldBytes);
          framer.push(Buffer.alloc(size, 'x'));
          sent += size;
        }
        expect(sent).toBeLessThanOrEqual(MAX_REQUEST_BYTES + size);
        expect(mostHeld).toBeLessThanOrEqual(MAX_REQUEST_BYTES);
      }),
      { numRuns: 30 },
    );
  });

  test('bounds memory for a long line that comes a byte at a time', () => {
    const framer = new LineFramer();
    framer.push(Buffer.from('{"method":"manifest.apply"'));
    const byte = Buffer.from('x');
    for (let sent = 0; sent < 300_000; sent += 1) {
      framer.push(byte);
      framer.next();
    }
    expect(framer.isInsideLine).toBe(true);
    expect(framer.heldBytes).toBeLessThan(1_000_000);
  });
});

function* cut(stream: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let at = 0;
  for (let turn = 0; at < stream.length; turn += 1) {
    const size = (sizes[turn % sizes.length] ?? 0) + 1;
    yield stream.subarray(at, at + size);
    at += size;
  }
}
