const LONGEST_COMPARED = 64;

/** `did you mean "x"?` for the closest of `known`, or `undefined` when none is close. */
export function didYouMean(written: string, known: Iterable<string>): string | undefined {
  const candidate = nearest(written, known);
  return candidate === undefined ? undefined : `did you mean ${JSON.stringify(candidate)}?`;
}

/**
 * The candidate a typo was probably meant to be: case, `-` and `_` count for nothing, and about a third of the
 * letters may be wrong. The first of equally close candidates wins.
 */
export function nearest(written: string, known: Iterable<string>): string | undefined {
  const folded = fold(written);
  if (folded === '' || folded.length > LONGEST_COMPARED) return undefined;
  let best: string | undefined;
  let bestDistance = Math.min(folded.length, Math.max(2, Math.floor(folded.length / 3) + 1));
  for (const candidate of known) {
    if (candidate.length > LONGEST_COMPARED || candidate === written) continue;
    const distance = editDistance(folded, fold(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function fold(text: string): string {
  return text.toLowerCase().replaceAll(/[-_]/g, '');
}

/** Insertions, deletions, substitutions and swaps of neighbours between `a` and `b`. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
