import type { FieldChange } from '../../api/protocol.ts';
import type { DiffItem } from '../daemon-calls.ts';
import type { Paint, Tone } from './paint.ts';
import { toPlainText } from './plain-text.ts';

/** The plan's own text, coloured by the sign each line begins with. */
export function paintPlan(text: string, paint: Paint): string {
  return text
    .split('\n')
    .map((line) => {
      const tone = toneOfLine(line);
      return tone === undefined ? line : paint(line, tone);
    })
    .join('\n');
}

/** Field-level differences between what is declared and what is recorded. */
export function renderDiff(items: readonly DiffItem[], paint: Paint): readonly string[] {
  return items
    .filter(({ changes }) => changes.length > 0)
    .flatMap(({ kind, name, changes }) => [
      paint(`${kind.toLowerCase()}/${name}`, 'strong'),
      ...changes.flatMap((change) => renderChange(change, paint)),
    ]);
}

function renderChange(change: FieldChange, paint: Paint): readonly string[] {
  const field = toPlainText(change.field);
  const [before, after] = renderPair(change.old, change.new);
  return [
    ...(isAbsent(change.old) ? [] : [paint(`  - ${field}: ${before}`, 'bad')]),
    ...(isAbsent(change.new) ? [] : [paint(`  + ${field}: ${after}`, 'good')]),
  ];
}

const WINDOW = 100;
const SURROUNDINGS = 30;

/** Two values as JSON; of long ones only the part that differs, with a little of what stands around it. */
function renderPair(before: unknown, after: unknown): readonly [string, string] {
  const [a, b] = [renderValue(before), renderValue(after)];
  if (Math.max(a.length, b.length) <= WINDOW || isAbsent(before) || isAbsent(after)) return [a, b];
  const start = sharedLength(a, b);
  const end = sharedLength(reversed(a.slice(start)), reversed(b.slice(start)));
  return [excerpt(a, start, a.length - end), excerpt(b, start, b.length - end)];
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

function reversed(text: string): string {
  return text.split('').reverse().join('');
}

function excerpt(text: string, start: number, end: number): string {
  const from = start > SURROUNDINGS ? start - SURROUNDINGS : 0;
  const to = text.length - end > SURROUNDINGS ? end + SURROUNDINGS : text.length;
  return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function renderValue(value: unknown): string {
  return toPlainText(JSON.stringify(value ?? null));
}

function toneOfLine(line: string): Tone | undefined {
  const sign = /^\s*(-\/\+|[-+~!?])\s/.exec(line)?.[1];
  if (sign === '+') return 'good';
  if (sign === '-') return 'bad';
  if (sign !== undefined) return 'busy';
  return line.startsWith('Plan:') ? 'strong' : undefined;
}
