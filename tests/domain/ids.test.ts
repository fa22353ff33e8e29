import { expect, test } from 'vitest';
import {
  epochServer,
  identifierProblem,
  makeEpoch,
  tmuxSessionName,
} from '../../src/domain/ids.ts';

test.each([['payments'], ['a'], ['A-z_0.9'], ['x'.repeat(64)]])('%s is an identifier', (text) => {
  expect(identifierProblem(text)).toBeUndefined();
});

test.each<[unknown, string]>([
  [undefined, 'missing or empty'],
  [7, 'missing or empty'],
  ['', 'missing or empty'],
  ['x'.repeat(65), 'length 65 > 64'],
  ['ü'.repeat(65), 'length 65 > 64'],
  ['🚀'.repeat(64), 'must match [A-Za-z0-9_.-]'],
  ['a\nb', 'contains control characters'],
  ['a\u007fb', 'contains control characters'],
  ['a b', 'must match [A-Za-z0-9_.-]'],
  ['a/b', 'must match [A-Za-z0-9_.-]'],
  ['a:b', 'must match [A-Za-z0-9_.-]'],
])('%j is none: %s', (text, problem) => {
  expect(identifierProblem(text)).toBe(problem);
});

test('length is found fault with before control characters, and those before the rest', () => {
  expect(identifierProblem(`\n ${'x'.repeat(64)}`)).toBe('length 66 > 64');
  expect(identifierProblem('\n /')).toBe('contains control characters');
});

test('session names meet where tmux makes them one', () => {
  expect(tmuxSessionName('team.a:b-c_d')).toBe('team_a_b-c_d');
});

test('an epoch carries the container incarnation and the server apart', () => {
  const epoch = makeEpoch('local#boot', '100:1');
  expect(epoch).toBe('local#boot#100:1');
  expect(epochServer(epoch)).toBe('100:1');
});
