import { describe, expect, test } from 'vitest';
import {
  padText,
  textWidth,
  toPlainText,
  truncateText,
} from '../../../src/surfaces/cli/render/plain-text.ts';

describe('text from outside', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007after', 'after'],
    ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['one\r\ntwo\tthree', 'one two three'],
    ['a\u0000b\u009bc', 'abc'],
    ['safe\u202egnp.exe', 'safegnp.exe'],
    ['unended \u001b[', 'unended '],
  ])('%j is shown as %j', (text, shown) => {
    expect(toPlainText(text)).toBe(shown);
  });
});

describe('widths on a terminal', () => {
  test.each([
    ['plain', 5],
    ['日本語', 6],
    ['e\u0301', 1],
    ['👩‍💻', 2],
    ['✔️', 2],
    ['한', 2],
    ['Ａ', 2],
    ['…', 1],
  ])('%j takes %i columns', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  test('a cut never splits a wide character and fits', () => {
    expect(truncateText('日本語', 4)).toBe('日…');
    expect(truncateText('日本語', 6)).toBe('日本語');
    expect(truncateText('abc', 0)).toBe('');
  });

  test('padding counts columns, not characters', () => {
    expect(padText('日', 4)).toBe('日  ');
  });
});
