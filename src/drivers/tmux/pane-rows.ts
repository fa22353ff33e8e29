import { quote } from './quote.ts';

/** Joins the fields of a row. Texts that may hold it themselves come last, behind their lengths. */
export const SEPARATOR = '\u241e';

/** What is asked of every pane, with the form its answer must have. */
export type RowFields = readonly (readonly [format: string, pattern: string])[];

/** The line that asks for every pane of the server. */
export function listPanesLine(fields: RowFields): string {
  return `list-panes -a -F ${quote(fields.map(([format]) => format).join(SEPARATOR))}`;
}

/** What a whole row of the answer looks like. */
export function rowPattern(fields: RowFields): RegExp {
  return new RegExp(`^${fields.map(([, pattern]) => pattern).join(SEPARATOR)}$`, 's');
}

/**
 * Cuts joined texts by the lengths of all but the last, which tmux gives in bytes, and before 3.2 not at all.
 * `undefined` when they do not fit.
 */
export function splitTexts(
  lengths: readonly string[],
  joined: string,
): readonly string[] | undefined {
  if (lengths.includes('')) return splitBlindly(lengths.length, joined);
  const texts: string[] = [];
  let rest = Buffer.from(joined);
  for (const length of lengths) {
    const end = Number(length);
    const next = end + Buffer.byteLength(SEPARATOR);
    if (rest.subarray(end, next).toString() !== SEPARATOR) return undefined;
    texts.push(rest.subarray(0, end).toString());
    rest = rest.subarray(next);
  }
  return [...texts, rest.toString()];
}

function splitBlindly(separators: number, joined: string): readonly string[] | undefined {
  const parts = joined.split(SEPARATOR);
  if (parts.length <= separators) return undefined;
  return [...parts.slice(0, separators), parts.slice(separators).join(SEPARATOR)];
}
