import { expect, test } from 'vitest';
import { arrangementProblem, layoutChecksum } from '../../src/domain/arrangement.ts';

const withChecksum = (tree: string) => `${layoutChecksum(tree)},${tree}`;

test('names and layout strings as tmux prints them are arrangements', () => {
  const good = [
    'tiled',
    'main-vertical',
    'b25d,80x24,0,0,0',
    'a32e,200x50,0,0[200x24,0,0,1,200x25,0,25{100x25,0,25,2,99x25,101,25,3}]',
  ];
  expect(good.map(arrangementProblem)).toEqual(good.map(() => undefined));
});

test('anything else is refused with what to write instead', () => {
  const bad = ['', 'tile', 'nosuch', '-E', 'main-vertical-mirrored', 'B25D,80x24,0,0,0', 'b25d,'];
  expect(bad.filter((text) => arrangementProblem(text) === undefined)).toEqual([]);
  expect(arrangementProblem('nosuch')).toContain('even-horizontal');
  expect(arrangementProblem('b25e,80x24,0,0,0')).toContain('checksum');
});

test.each([
  ['no size', '0x24,0,0,0'],
  ['a size too big', '80x99999,0,0,0'],
  ['a lone child', '80x24,0,0{80x24,0,0,1}'],
  ['children that overlap', '80x24,0,0{40x24,0,0,1,40x24,40,0,2}'],
  ['children that leave a gap', '80x24,0,0{39x24,0,0,1,39x24,40,0,2}'],
  ['a child of another height', '80x24,0,0{39x24,0,0,1,40x23,40,0,2}'],
  ['a column that is a row', '80x24,0,0[39x24,0,0,1,40x24,40,0,2]'],
  ['brackets that do not match', '80x24,0,0{39x24,0,0,1,40x24,40,0,2]'],
  ['something behind it', '80x24,0,0,1,2'],
])('a layout string with %s is refused, though its checksum is right', (_what, tree) => {
  expect(arrangementProblem(withChecksum(tree))).toContain('do not fit together');
});
