import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ControlEvent,
  createControlStream,
} from '../../../src/drivers/tmux/control-stream.ts';

const SAMPLE = [
  '%begin 1795206099 260 0',
  '%end 1795206099 260 0',
  '%session-changed $0 _agenttower',
  '%begin 1795206099 267 1',
  'A␞%0␞título 👩‍👩‍👧',
  '%end 1795206099 266 1',
  '%begin 1 2 1',
  '',
  '%end 1795206099 267 1',
  '%begin 1795206100 268 1',
  'parse error: unknown command: bogus',
  '%error 1795206100 268 1',
  '%sessions-changed',
  '%exit',
  '',
].join('\n');

const EVENTS: readonly ControlEvent[] = [
  { kind: 'notice', name: '%session-changed', rest: '$0 _agenttower' },
  {
    kind: 'block',
    lines: ['A␞%0␞título 👩‍👩‍👧', '%end 1795206099 266 1', '%begin 1 2 1', ''],
    isError: false,
  },
  { kind: 'block', lines: ['parse error: unknown command: bogus'], isError: true },
  { kind: 'notice', name: '%sessions-changed', rest: '' },
  { kind: 'notice', name: '%exit', rest: '' },
];

test('wherever the chunks end, also inside a character, the events are the same', () => {
  const bytes = Buffer.from(SAMPLE);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const chunks = edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
      expect(parse(chunks)).toEqual(EVENTS);
    }),
  );
});

test('a block of a hook is none of ours', () => {
  expect(parse([Buffer.from('%begin 1 2 0\nhello\n%end 1 2 0\n')])).toEqual([]);
});

test('bytes that are not UTF-8 do not stop it', () => {
  const bytes = Buffer.from('%begin 1 2 1\nXY\n%end 1 2 1\n');
  bytes[13] = 0xff;
  expect(parse([bytes])).toEqual([{ kind: 'block', lines: ['\ufffdY'], isError: false }]);
});

test('what no control-mode client prints is an error', () => {
  expect(() => parse([Buffer.from('Last login: Monday\n')])).toThrow('Last login');
});

test('an endless line is an error before it fills the memory', () => {
  const megabyte = Buffer.alloc(1 << 20, 'x');
  expect(() => parse(Array.from({ length: 80 }, () => megabyte))).toThrow('bytes');
});

function parse(chunks: readonly Buffer[]): readonly ControlEvent[] {
  const events: ControlEvent[] = [];
  const stream = createControlStream((event) => events.push(event));
  for (const chunk of chunks) stream.push(chunk);
  return events;
}
