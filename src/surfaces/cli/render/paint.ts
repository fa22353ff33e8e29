import type { CliWorld } from '../world.ts';

export type Tone = 'good' | 'busy' | 'bad' | 'faint' | 'strong';
/** Colours a text, or leaves it alone where colours are not wanted. */
export type Paint = (text: string, tone: Tone | undefined) => string;

const CODES: Readonly<Record<Tone, number>> = { good: 32, busy: 33, bad: 31, faint: 2, strong: 1 };

export const paintNothing: Paint = (text) => text;

export const paintColours: Paint = (text, tone) =>
  tone === undefined || text === '' ? text : `\u001b[${CODES[tone]}m${text}\u001b[0m`;

/** Colours only on a terminal, and never when NO_COLOR is set (https://no-color.org). */
export function choosePaint(world: Pick<CliWorld, 'stdout' | 'env'>): Paint {
  const noColour = (world.env['NO_COLOR'] ?? '') !== '' || world.env['TERM'] === 'dumb';
  return world.stdout.isTTY === true && !noColour ? paintColours : paintNothing;
}

const GOOD = new Set([
  'Active',
  'Ready',
  'Healthy',
  'Synced',
  'Completed',
  'True',
  'ok',
  'created',
  'running',
  'working',
]);
const BUSY = new Set([
  'Starting',
  'Progressing',
  'OutOfDate',
  'OutOfSync',
  'Held',
  'Suspended',
  'Backoff',
  'Missing',
  'Unknown',
  'Deleting',
  'PruneBlocked',
  'configured',
  'waiting_for_input',
  'warn',
]);
const BAD = new Set([
  'CrashLoop',
  'Failed',
  'Degraded',
  'Stalled',
  'Contested',
  'OwnershipConflict',
  'Error',
  'rate_limited',
  'exited',
  'fail',
]);

/** Tone of a status word; of several joined by commas, the gravest. */
export function toneOf(status: string): Tone | undefined {
  const words = status.split(',');
  if (words.some((word) => BAD.has(word))) return 'bad';
  if (words.some((word) => BUSY.has(word))) return 'busy';
  return words.some((word) => GOOD.has(word)) ? 'good' : undefined;
}
