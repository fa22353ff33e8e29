import type { Paint, Tone } from './paint.ts';
import { padText, textWidth, toPlainText, truncateText } from './plain-text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly tone?: (row: Row) => Tone | undefined;
  /** Changes with time alone; a watch does not count it as a change. */
  readonly isAge?: boolean;
}

export interface TableLook {
  readonly paint: Paint;
  /** Lines are cut to this many columns; `undefined` cuts nothing. */
  readonly columns?: number | undefined;
}

const GAP = '   ';

/** A table as lines: a title line and one per row, columns aligned by what a terminal shows. */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  look: TableLook,
): readonly string[] {
  const cells = rows.map((row) => renderCells(row, columns));
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...cells.map((line) => textWidth(line[index] ?? ''))),
  );
  const header = layOut(
    columns.map(({ title }) => ({ text: title })),
    widths,
    look,
  );
  const body = rows.map((row, at) =>
    layOut(
      columns.map((column, index) => ({
        text: cells[at]?.[index] ?? '',
        tone: column.tone?.(row),
      })),
      widths,
      look,
    ),
  );
  return [header, ...body];
}

/** The cells of one row as plain text, empty ones as a dash so that columns can be counted. */
export function renderCells<Row>(row: Row, columns: readonly Column<Row>[]): readonly string[] {
  return columns.map(({ cell }) => toPlainText(cell(row)) || '-');
}

interface Cell {
  readonly text: string;
  readonly tone?: Tone | undefined;
}

function layOut(cells: readonly Cell[], widths: readonly number[], look: TableLook): string {
  let room = look.columns ?? Number.POSITIVE_INFINITY;
  const parts: string[] = [];
  for (const [index, { text, tone }] of cells.entries()) {
    if (room <= 0) break;
    const isLast = index === cells.length - 1;
    const shown = truncateText(text, room);
    const padding = isLast ? '' : padText(shown, widths[index] ?? 0).slice(shown.length);
    const fits = textWidth(shown) + padding.length + (isLast ? 0 : GAP.length) < room;
    parts.push(look.paint(shown, tone) + (fits && !isLast ? padding + GAP : ''));
    room -= textWidth(shown) + padding.length + GAP.length;
  }
  return parts.join('').trimEnd();
}
