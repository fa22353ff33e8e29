import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, sha256 } from '../../src/lib/hash.ts';

test('keys are sorted at every depth, and lists keep their order', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }, 3], a: null })).toBe(
    '{"a":null,"b":[{"c":2,"d":1},3]}',
  );
});

test('what is undefined is left out', () => {
  expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
});

test('equal values give equal text, and the text can be read back', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('a key named __proto__ is a key like any other', () => {
  const value: unknown = JSON.parse('{"__proto__":1,"a":2}');
  expect(canonicalJson(value)).toBe('{"__proto__":1,"a":2}');
});

test('sha256 is the one everybody has', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
