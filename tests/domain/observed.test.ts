import { expect, test } from 'vitest';
import type { InstallationId, PaneId } from '../../src/domain/ids.ts';
import { formatTag, readTag } from '../../src/domain/observed.ts';

const OURS = '11111111-1111-4111-8111-111111111111' as InstallationId;
const THEIRS = '22222222-2222-4222-8222-222222222222' as InstallationId;
const PANE = '33333333-3333-4333-8333-333333333333' as PaneId;

test('a tag is read from the pane it names', () => {
  const tag = formatTag(OURS, PANE, '%7');
  expect(tag).toBe(`${OURS}/${PANE}@%7`);
  expect(readTag(tag, OURS, '%7')).toBe(PANE);
});

test.each([
  ['one that a pane inherited from its window or session', formatTag(OURS, PANE, '%7'), '%8'],
  ['one that names a longer id', formatTag(OURS, PANE, '%17'), '%7'],
  ["another installation's", formatTag(THEIRS, PANE, '%7'), '%7'],
  ['none', '', '%7'],
  ['one without an owner', `${OURS}/@%7`, '%7'],
  ['one whose owner is no uuid', `${OURS}/../../etc/passwd@%7`, '%7'],
  ['one with two carriers', `${OURS}/${PANE}@%1@%7`, '%7'],
])('%s is ignored', (_what, tag, carrier) => {
  expect(readTag(tag, OURS, carrier)).toBeUndefined();
});
