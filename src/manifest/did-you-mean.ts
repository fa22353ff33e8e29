import { nearest } from '../lib/nearest.ts';

/** `did you mean "x"?` for the closest of `known`, or `undefined` when none is close. */
export function didYouMean(written: string, known: Iterable<string>): string | undefined {
  // Every single letter is one typo away from every other.
  const [candidate] = written.length > 1 ? nearest(written, known) : [];
  return candidate === undefined ? undefined : `did you mean ${JSON.stringify(candidate)}?`;
}
