import { expect, test } from 'vitest';
import { toTimestamp } from '../../src/lib/clock.ts';

test('a timestamp is UTC with six fractional digits', () => {
  expect(toTimestamp(0)).toBe('1970-01-01T00:00:00.000000Z');
  expect(toTimestamp(1_700_000_000_123)).toBe('2023-11-14T22:13:20.123000Z');
});
