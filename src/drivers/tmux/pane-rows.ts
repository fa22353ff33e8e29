import { err, ok, type Result } from '../../lib/result.ts';
import type { Dialect } from './dialect.ts';
import type { Reply } from './reply.ts';

/** Joins the fields of a row. Texts that may hold it themselves come last, behind their lengths. */
export const SEPARATOR = '\u241e';

/** What is asked of every pane, with the form its answer must have. */
export type RowFields = readonly (readonly [format: string, pattern: string])[];

/** Lines that ask for every pane of the server. The last one's answer is the rows, the others' is about tags. */
export function listPanesLines(fields: RowFields, { write, marks }: Dialect): readonly string[] {
  const format = fields.map(([field]) => field).join(SEPARATOR);
  return [...marks.before, ['list-panes', '-a', '-F', format]].map(write);
}

export interface PaneList {
  readonly rows: readonly string[];
  /** Every line of the answers: with the same ones, the list is the same. */
  readonly said: readonly string[];
  /** The tag of a pane (`formatTag`), from what its row has for `marks.format`. */
  readonly tagOf: (pane: string, field: string) => string;
  readonly titleOf: Dialect['readTitle'];
}

/** Why there is no list. */
export type NoList =
  | Extract<Reply, { kind: 'unknown' }>
  | { readonly kind: 'error'; readonly message: string };

/** What tmux answered to `listPanesLines`. */
export function readPaneList(
  replies: readonly Reply[],
  { marks, readTitle }: Dialect,
): Result<PaneList, NoList> {
  const answers: (readonly string[])[] = [];
  for (const reply of replies) {
    if (reply.kind === 'unknown') return err(reply);
    if (reply.errors.length > 0) return err({ kind: 'error', message: reply.errors.join('; ') });
    answers.push(reply.lines);
  }
  const rows = answers.at(-1);
  if (rows === undefined) {
    return err({ kind: 'unknown', cause: 'lost', message: 'tmux gave no reply' });
  }
  const said = answers.flat();
  return ok({ rows, said, tagOf: marks.reader(answers.slice(0, -1).flat()), titleOf: readTitle });
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
