import { formatDuration, parseDuration } from '../../lib/duration.ts';
import { nearest } from '../../lib/nearest.ts';
import { err, ok, type Result } from '../../lib/result.ts';

/** What is wrong with a value, to be read after the name of its key; and what was probably meant. */
export interface Complaint {
  readonly message: string;
  readonly hint?: string;
}

export type Check<T> = (value: unknown) => Result<T, Complaint>;

export const flag: Check<boolean> = (value) =>
  typeof value === 'boolean' ? ok(value) : complain('must be true or false', value);

/** Text with something visible in it, trimmed of nothing. */
export function text(maxLength: number): Check<string> {
  return (value) => {
    if (typeof value !== 'string') return complain('must be text in quotes', value);
    if (value.trim() === '') return err({ message: 'must not be empty' });
    if (/[\u0000-\u001f\u007f]/.test(value)) {
      return err({ message: 'must not contain control characters' });
    }
    return value.length <= maxLength
      ? ok(value)
      : err({ message: `must have at most ${maxLength} characters` });
  };
}

/** A check on top of another: `problemOf` says what is wrong with a value that passed, if anything. */
export function also<T>(check: Check<T>, problemOf: (value: T) => string | undefined): Check<T> {
  return (value) => {
    const result = check(value);
    if (!result.ok) return result;
    const message = problemOf(result.value);
    return message === undefined ? result : err({ message });
  };
}

export function wholeNumber(min: number, max: number): Check<number> {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? ok(value)
      : complain(`must be a whole number from ${min} to ${max}`, value);
}

/** A duration such as "1m30s", in milliseconds. */
export function duration(minMs: number, maxMs: number): Check<number> {
  const range = `from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
  return (value) => {
    const ms = typeof value === 'string' ? parseDuration(value) : undefined;
    return ms !== undefined && ms >= minMs && ms <= maxMs
      ? ok(ms)
      : complain(`must be a duration like "30s" or "2m", ${range}`, value);
  };
}

export function oneOf<T extends string>(values: readonly T[]): Check<T> {
  return (value) => {
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return ok(found);
    const [hint] = typeof value === 'string' ? nearest(value, values) : [];
    const message = `must be ${values.map((each) => `"${each}"`).join(' or ')}, not ${shown(value)}`;
    return err(hint === undefined ? { message } : { message, hint });
  };
}

function complain(message: string, value: unknown): Result<never, Complaint> {
  return err({ message: `${message}, not ${shown(value)}` });
}

const MAX_SHOWN = 60;

function toText(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' ? 'a table' : `${value as number}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a date';
  const written = toText(value);
  return written.length > MAX_SHOWN ? `${written.slice(0, MAX_SHOWN)}…` : written;
}
