import { expect, test } from 'vitest';
import { armFailpoints, parseFailpoints } from '../../src/lib/failpoint.ts';

const NAMES = ['a.before', 'a.after'] as const;

test('several failpoints are read from one text', () => {
  expect(parseFailpoints('a.before=throw, a.after=kill:3', NAMES)).toEqual([
    { name: 'a.before', action: 'throw', nth: 1 },
    { name: 'a.after', action: 'kill', nth: 3 },
  ]);
  expect(parseFailpoints('', NAMES)).toEqual([]);
});

test.each(['b=throw', 'a.before', 'a.before=explode', 'a.before=kill:0', 'a.before=kill:x'])(
  '%s is refused with what there is',
  (text) => {
    expect(() => parseFailpoints(text, NAMES)).toThrow(
      `failpoint "${text}" makes no sense: write NAME=ACTION or NAME=ACTION:NTH with ACTION one of kill, throw, hang and NAME one of a.before, a.after`,
    );
  },
);

test('a failpoint fails the nth time it is reached, and only then', async () => {
  const points = armFailpoints(parseFailpoints('a.before=throw:2', NAMES), () => {});
  points.reach('a.before');
  points.reach('a.after');
  expect(() => points.reach('a.before')).toThrow('failpoint a.before');
  await points.pass('a.before');
});

test('a kill is carried out where it is reached', () => {
  const points = armFailpoints(parseFailpoints('a.before=kill', NAMES), () => {
    throw new Error('killed');
  });
  expect(() => points.reach('a.before')).toThrow('killed');
});

test('a hang holds up only the one who waits', async () => {
  const points = armFailpoints(parseFailpoints('a.before=hang', NAMES), () => {});
  const hanging = points.pass('a.before').then(() => 'went on');
  expect(await Promise.race([hanging, points.pass('a.before').then(() => 'another')])).toBe(
    'another',
  );
});
