import { expect, test } from 'vitest';
import { paintColours, paintNothing } from '../../../src/surfaces/cli/render/paint.ts';
import { type Column, renderTable } from '../../../src/surfaces/cli/render/table.ts';

interface Row {
  readonly name: string;
  readonly title: string;
}
const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'TITLE', cell: ({ title }) => title, tone: () => 'good' },
  { title: 'N', cell: () => '7' },
];
const ROWS: readonly Row[] = [
  { name: 'payments', title: 'ready' },
  { name: '支払い', title: '\u001b[2Jspoofed' },
  { name: 'x', title: '' },
];

test('columns align whatever is in them, and nothing in them reaches the terminal raw', () => {
  expect(renderTable(ROWS, COLUMNS, { paint: paintNothing }).join('\n')).toMatchInlineSnapshot(`
    "NAME       TITLE     N
    payments   ready     7
    支払い     spoofed   7
    x          -         7"
  `);
});

test('lines are cut to the terminal', () => {
  const lines = renderTable(ROWS, COLUMNS, { paint: paintNothing, columns: 15 });
  expect(lines).toEqual(['NAME       TIT…', 'payments   rea…', '支払い     spo…', 'x          -']);
});

test('colours do not shift columns', () => {
  const [, line] = renderTable(ROWS, COLUMNS, { paint: paintColours });
  expect(line).toBe('payments   \u001b[32mready\u001b[0m     7');
});
