import type { ManifestProblem } from '../domain/errors.ts';
import { isSecretKey } from '../domain/events.ts';
import type { ManifestFile } from './manifest-file.ts';

const LONGEST_LINE_SHOWN = 400;

/** A file's text with what is needed to turn offsets into lines. Same length as the text that was parsed. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
  /** Offset of the first character of each line. */
  readonly lineStarts: readonly number[];
}

/** Drops a byte order mark and reads lone carriage returns as line breaks, so that lines count as editors count. */
export function toSourceText(file: ManifestFile): SourceText {
  const text = file.text.replace(/^\uFEFF/, '').replaceAll(/\r(?!\n)/g, '\n');
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    lineStarts.push(at + 1);
  }
  return { path: file.path, text, lineStarts };
}

export interface ProblemText {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** A problem at `offset` of the text, with line, column and the line itself. */
export function problemAt(
  source: SourceText,
  offset: number,
  { message, hint }: ProblemText,
): ManifestProblem {
  const line = lineOf(source, offset);
  const start = source.lineStarts[line - 1] ?? 0;
  return {
    file: source.path,
    line,
    column: offset - start + 1,
    text: concealSecrets(lineText(source, line)),
    message,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** Number of the line `offset` is on, from 1. */
export function lineOf({ lineStarts }: SourceText, offset: number): number {
  let low = 0;
  let high = lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** Text of a line without its line break, cut when it is very long. */
export function lineText({ text, lineStarts }: SourceText, line: number): string {
  const start = lineStarts[line - 1] ?? text.length;
  const next = lineStarts[line] ?? text.length + 1;
  const end = Math.min(next - 1, start + LONGEST_LINE_SHOWN);
  return text.slice(start, end).replace(/\r$/, '');
}

/** Fields of ours whose names only look like those of secrets. */
const PLAIN_FIELDS = new Set(['key', 'session', 'apiVersion']);

const ASSIGNMENT = /(?<key>[A-Za-z_][\w-]*)["']?\s*[:=]\s*/g;

/** Problems are logged and stored; a line that sets a secret is shown with its value blotted out. */
function concealSecrets(line: string): string {
  let shown = line;
  for (const match of line.matchAll(ASSIGNMENT)) {
    const key = match.groups?.['key'] ?? '';
    if (PLAIN_FIELDS.has(key) || !isSecretKey(key)) continue;
    const start = match.index + match[0].length;
    // Between brackets the value ends with its entry, elsewhere with the line.
    const isInBrackets = /[{[]/.test(line.slice(0, match.index));
    const value = (isInBrackets ? IN_BRACKETS : TO_THE_END).exec(line.slice(start))?.[0] ?? '';
    shown = shown.slice(0, start) + '*'.repeat(value.length) + shown.slice(start + value.length);
  }
  return shown;
}

const IN_BRACKETS = /^(?:"(?:[^"\\]|\\.)*"?|'[^']*'?|[^{},[\]]*)/;
const TO_THE_END = /^.*/;
