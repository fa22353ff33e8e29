import { expect, test } from 'vitest';
import { differingParts } from '../../src/lib/differing-parts.ts';

test('short texts are shown whole', () => {
  expect(differingParts('sleep 1', 'sleep 2')).toEqual(['sleep 1', 'sleep 2']);
});

test('of long texts only what differs is shown, with a little around it', () => {
  const [before, after] = differingParts(
    `${'a'.repeat(200)}OLD${'b'.repeat(200)}`,
    `${'a'.repeat(200)}NEWER${'b'.repeat(200)}`,
  );
  expect(before).toBe(`…${'a'.repeat(30)}OLD${'b'.repeat(30)}…`);
  expect(after).toBe(`…${'a'.repeat(30)}NEWER${'b'.repeat(30)}…`);
});

test('a text that only grew is shown from shortly before its new end', () => {
  const [before, after] = differingParts('a'.repeat(200), `${'a'.repeat(200)}!`);
  expect(before).toBe(`…${'a'.repeat(30)}`);
  expect(after).toBe(`…${'a'.repeat(30)}!`);
});
