import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeSelector, selects } from '../../src/domain/container-selector.ts';

const bench = { name: 'bench-api', labels: { team: 'api', tier: 'dev' } };

test.each([
  ['bench-*', true],
  ['*', true],
  ['bench-ap?', true],
  ['bench-api', true],
  ['*api*', true],
  ['bench', false],
  ['bench-api?', false],
  ['api', false],
  ['bench.api', false],
])('the glob %s', (nameGlob, expected) => {
  expect(selects({ nameGlob }, bench)).toBe(expected);
});

test('all labels must be there, with the same values', () => {
  expect(selects({ matchLabels: { team: 'api' } }, bench)).toBe(true);
  expect(selects({ matchLabels: { team: 'api', tier: 'dev' } }, bench)).toBe(true);
  expect(selects({ matchLabels: { team: 'api', tier: 'live' } }, bench)).toBe(false);
  expect(selects({ matchLabels: { constructor: '' } }, bench)).toBe(false);
});

test('it is described the same however its labels are ordered', () => {
  expect(describeSelector({ matchLabels: { b: '2', a: '1' } })).toBe('matchLabels a=1,b=2');
  expect(describeSelector({ nameGlob: 'bench-*' })).toBe('nameGlob bench-*');
});

test('a name selects itself, and a star in place of any part of it still does', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,30}$/);
  fc.assert(
    fc.property(name, fc.nat(), fc.nat(), (text, a, b) => {
      const [from, to] = [a % (text.length + 1), b % (text.length + 1)].toSorted((x, y) => x - y);
      const glob = `${text.slice(0, from)}*${text.slice(to)}`;
      expect(selects({ nameGlob: text }, { name: text, labels: {} })).toBe(true);
      expect(selects({ nameGlob: glob }, { name: text, labels: {} })).toBe(true);
      expect(selects({ nameGlob: text }, { name: `${text}x`, labels: {} })).toBe(false);
    }),
  );
});

test('a glob full of stars is decided at once', () => {
  const name = 'a'.repeat(255);
  expect(selects({ nameGlob: `${'*a'.repeat(6)}*b` }, { name, labels: {} })).toBe(false);
});
