/**
 * Those of `known` that `word` is probably a misspelling of, best first, at most `limit`.
 * Empty when none is close: a wrong suggestion is worse than none.
 */
export function nearest(word: string, known: Iterable<string>, limit = 1): readonly string[] {
  const typed = word.slice(0, MAX_COMPARED).toLowerCase();
  const allowed = Math.max(1, Math.floor(typed.length / 3));
  return Array.from(known, (name) => ({ name, distance: distanceOf(typed, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= allowed)
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, limit)
    .map(({ name }) => name);
}

/** Longer words are cut, so that hostile input stays cheap. */
const MAX_COMPARED = 64;

function distanceOf(typed: string, name: string): number {
  const alike = typed.length >= 3 && (name.startsWith(typed) || name.endsWith(`.${typed}`));
  return alike ? 1 : editDistance(typed, name);
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
        swapped ? at(beforePrevious, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
