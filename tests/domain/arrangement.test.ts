import { expect, test } from 'vitest';
import { arrangementProblem } from '../../src/domain/arrangement.ts';

test('names and layout strings as tmux prints them are arrangements', () => {
  const good = [
    'tiled',
    'main-vertical',
    'b25d,80x24,0,0,0',
    '5f2b,200x50,0,0[200x24,0,0,1,200x25,0,25{100x25,0,25,2,99x25,101,25,3}]',
  ];
  expect(good.filter((text) => arrangementProblem(text) !== undefined)).toEqual([]);
});

test('anything else is refused with what to write instead', () => {
  const bad = [
    '',
    'tile',
    'nosuch',
    '-E',
    'main-vertical-mirrored',
    'B25D,80x24,0,0,0',
    'b25d,',
    'b25d,80x24',
  ];
  expect(bad.filter((text) => arrangementProblem(text) === undefined)).toEqual([]);
  expect(arrangementProblem('nosuch')).toContain('even-horizontal');
});
