import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/lib/duration.ts';

test.each([
  ['90s', 90_000],
  ['2m', 120_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['1d', 86_400_000],
  ['0s', 0],
  ['1m1ms', 60_001],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '5', 's', '1.5h', '-1s', ' 1s', '1s ', '1w', '1h30', `${'9'.repeat(20)}d`])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each([
  [0, '0ms'],
  [-5, '0ms'],
  [250.4, '250ms'],
  [999.7, '1s'],
  [1_000, '1s'],
  [59_600, '1m'],
  [5_400_000, '1h30m'],
  [3_605_000, '1h5s'],
  [90_061_000, '1d1h'],
])('%d ms are shown as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('what is shown can be read back, within the smaller of two units', () => {
  fc.assert(
    fc.property(fc.nat({ max: 86_400_000 * 400 }), (ms) => {
      const shown = parseDuration(formatDuration(ms)) ?? Number.NaN;
      expect(Math.abs(shown - ms)).toBeLessThanOrEqual(Math.max(500, ms / 24));
    }),
  );
});
