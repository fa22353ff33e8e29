import type { ManifestProblem } from '../domain/errors.ts';

const WINDOW = 100;

/** Problems as text for a terminal: place, message, hint, the line itself and a mark below the mistake. */
export function renderProblems(problems: readonly ManifestProblem[]): string {
  return problems.map(renderProblem).join('\n\n');
}

function renderProblem(problem: ManifestProblem): string {
  const { file, line, column, text, message, hint } = problem;
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const headline = visible(`${place}: ${message}${hint === undefined ? '' : `; ${hint}`}`);
  if (line === undefined || text === undefined) return headline;
  return [headline, ...excerpt(line, column, text)].join('\n');
}

function excerpt(line: number, column: number | undefined, text: string): readonly string[] {
  const gutter = String(line).padStart(5);
  if (column === undefined || column > text.length + 1) {
    return [`${gutter} | ${visible(text.slice(0, WINDOW))}`];
  }
  const start = column > WINDOW - 20 ? column - 40 : 0;
  const shown = text.slice(start, start + WINDOW);
  const at = column - 1 - start;
  const indent = width(visible(shown.slice(0, at)));
  const mark = Math.max(1, width(visible(markedWord(shown.slice(at)))));
  return [
    `${gutter} | ${visible(shown)}`,
    `${' '.repeat(gutter.length)} | ${' '.repeat(indent)}${'^'.repeat(mark)}`,
  ];
}

/** The key, value or sign that a mistake at the start of `text` is about. */
function markedWord(text: string): string {
  return /^(?:"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s:,[\]{}#]+|.)?/.exec(text)?.[0] ?? '';
}

/** Control characters could move a terminal's cursor; tabs would push the mark aside. */
function visible(text: string): string {
  return text.replaceAll('\t', ' ').replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, '\uFFFD');
}

const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{1F300}-\u{1FAFF}]|[\u{20000}-\u{3FFFD}]/u;

/** Columns the text takes on a terminal. */
function width(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);
}
