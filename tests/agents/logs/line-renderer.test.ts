import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineRenderer } from '../../../src/agents/logs/line-renderer.ts';

interface Rendered {
  readonly lines: readonly string[];
  readonly rawEnds: readonly number[];
  readonly rest: string;
}

function render(pieces: readonly Uint8Array[], maxLineBytes = 1_000): Rendered {
  const renderer = new LineRenderer(maxLineBytes);
  const lines: string[] = [];
  const rawEnds: number[] = [];
  for (const piece of pieces) {
    renderer.write(piece);
    let start = 0;
    for (let line = 0; line < renderer.count; line += 1) {
      const end = renderer.ends[line] ?? 0;
      lines.push(renderer.bytes.toString('latin1', start, end));
      rawEnds.push(renderer.rawEnds[line] ?? 0);
      start = end;
    }
    renderer.clear();
  }
  return { lines, rawEnds, rest: renderer.bytes.toString('latin1', 0, renderer.length) };
}

const shown = (text: string): string =>
  Buffer.from(render([Buffer.from(`${text}\n`)]).lines.join('|'), 'latin1').toString('utf8');

describe('what a terminal shows of', () => {
  test.each([
    ['colours', '\u001b[1;31mred\u001b[0m \u001b[38:2:1:2:3mrgb\u001b[m', 'red rgb'],
    ['a title, ended by a bell', '\u001b]0;title\u0007text', 'text'],
    [
      'a link, ended by a string terminator',
      '\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\',
      'link',
    ],
    ['a passed-through sequence', '\u001bPtmux;\u001b\u001b]52;c;x\u0007\u001b\\text', 'text'],
    ['bracketed paste', '\u001b[200~pasted\u001b[201~', 'pasted'],
    ['private modes and charsets', '\u001b[?25l\u001b[?2004h\u001b(Btext\u001b=\u001b>', 'text'],
    ['controls of eight bits in UTF-8', '\u009b31mred\u009b0m \u009d0;title\u009ctext', 'red text'],
    ['a progress bar', '10%\r20%\r100%', '100%'],
    ['a line ended by two carriage returns', 'text\r\r', 'text'],
    ['what was typed and taken back', 'lx\b \bs ü\b \bu', 'ls u'],
    ['bold by overstriking', 'b\bbo\bo', 'bo'],
    ['words set apart by the cursor', 'one\u001b[3Ctwo\u001b[5;1Hthree', 'one two three'],
    ['bells and other controls', 'a\u0007b\u0000c\u007fd\te', 'abcd\te'],
    ['a sequence that is broken off', 'a\u001b[31\u0018b', 'ab'],
  ])('%s', (_what, raw, text) => expect(shown(raw)).toBe(text));

  test('a sequence that is never ended, no more than its line', () => {
    expect(shown('a\u001b]0;title\nnext\u001bPdevice\nlast')).toBe('a|next|last');
  });

  test('bytes that are no UTF-8, each of them', () => {
    const raw = Buffer.from([0x61, 0xff, 0xc2, 0x0a, 0x80, 0xc2, 0xa9, 0x0a]);
    expect(render([raw]).lines).toEqual(['a\u00ff', '\u0080\u00c2\u00a9']);
  });
});

/** Bytes that often mean something. */
const anyOutput = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\u001b[31m',
        '\u001b]0;t\u0007',
        '\u001b\\',
        '\u001bP',
        '\u001b',
        '\r',
        '\n',
        '\b',
        '\u009b1m',
        '\u00c2',
        'é',
        '😀',
        '\u001b[2',
        'C',
        'text',
        ' ',
        '\u0018',
        '\u001b(B',
      ),
      fc.string(),
    ),
    { maxLength: 40 },
  )
  .chain((parts) =>
    fc
      .tuple(fc.constant(Buffer.from(parts.join(''))), fc.uint8Array({ maxLength: 8 }), fc.nat())
      .map(([bytes, noise, at]) => {
        const place = at % (bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, place), noise, bytes.subarray(place)]);
      }),
  );

test('it is the same in whatever pieces it comes', () => {
  fc.assert(
    fc.property(anyOutput, fc.array(fc.nat(200), { maxLength: 12 }), (output, cuts) => {
      const places = [0, ...cuts.map((cut) => cut % (output.length + 1)), output.length];
      const sorted = places.toSorted((a, b) => a - b);
      const pieces = sorted.slice(1).map((end, index) => output.subarray(sorted[index], end));
      expect(render(pieces)).toEqual(render([output]));
    }),
    { numRuns: 3_000 },
  );
});

test('nothing of it can do anything to a terminal', () => {
  fc.assert(
    fc.property(anyOutput, (output) => {
      const { lines, rest } = render([output]);
      expect([...lines, rest].join('')).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f]/);
      const text = Buffer.from([...lines, rest].join(' '), 'latin1').toString('utf8');
      expect(text).not.toMatch(/[\u0080-\u009f]/);
    }),
    { numRuns: 3_000 },
  );
});

test('every line of the raw text is a line, and its raw end is where it stands', () => {
  fc.assert(
    fc.property(anyOutput, (output) => {
      const ends = [...output.entries()].flatMap(([at, byte]) => (byte === 0x0a ? [at + 1] : []));
      expect(render([output]).rawEnds).toEqual(ends);
    }),
  );
});

test('of a long line the beginning is kept, and no more memory is taken than that', () => {
  const renderer = new LineRenderer(1_000);
  for (let piece = 0; piece < 100; piece += 1) renderer.write(Buffer.alloc(10_000, 'a'));
  expect(renderer.length).toBe(1_000);
  expect(renderer.bytes.length).toBeLessThan(200_000);
  renderer.write(Buffer.from('\nb\n'));
  expect(renderer.count).toBe(2);
});
