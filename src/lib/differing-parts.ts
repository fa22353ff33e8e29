const WINDOW = 100;
const SURROUNDINGS = 30;

/** Two texts to be shown one beside the other: of long ones only what differs, with a little of what stands around it. */
export function differingParts(before: string, after: string): readonly [string, string] {
  if (Math.max(before.length, after.length) <= WINDOW) return [before, after];
  const start = sharedLength(before, after);
  const end = sharedLength(reversed(before.slice(start)), reversed(after.slice(start)));
  return [excerpt(before, start, before.length - end), excerpt(after, start, after.length - end)];
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
