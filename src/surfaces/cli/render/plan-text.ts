import { differingParts } from '../../../lib/differing-parts.ts';
import type { FieldChange } from '../../../plan/slot-diff.ts';
import type { DiffItem } from '../daemon-calls.ts';
import { objectNamer } from './object-lines.ts';
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
  const nameOf = objectNamer(items);
  return items
    .filter(({ changes }) => changes.length > 0)
    .flatMap(({ changes, ...item }) => [
      paint(nameOf(item), 'strong'),
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

/** Two values as JSON, next to each other; a value that stands alone is shown whole. */
function renderPair(before: unknown, after: unknown): readonly [string, string] {
  const [a, b] = [renderValue(before), renderValue(after)];
  return isAbsent(before) || isAbsent(after) ? [a, b] : differingParts(a, b);
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
