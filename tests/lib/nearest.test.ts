import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest } from '../../src/lib/nearest.ts';

const known = ['layout.get', 'layout.list', 'layout.stop', 'ping', 'source.list', 'status'];

test.each([
  ['layout.lst', ['layout.list', 'layout.get', 'layout.stop']],
  ['pnig', ['ping']],
  ['PING', ['ping']],
  ['stop', ['layout.stop']],
  ['sta', ['status']],
  ['frobnicate', []],
  ['', []],
])('%s is near to %j', (word, expected) => {
  expect(nearest(word, known, 3)).toEqual(expected);
});

test('a known word is nearest to itself', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1 }), (words) => {
      const [word = ''] = words;
      expect(nearest(word, words)[0]?.toLowerCase()).toBe(word.toLowerCase());
    }),
  );
});
