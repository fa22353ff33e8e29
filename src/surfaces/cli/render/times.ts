import { formatDuration } from '../../../lib/duration.ts';

/** Time since a timestamp of the wire: `5s`, `3h12m`; a dash when there is none. */
export function renderAge(timestamp: string | null, now: number): string {
  const at = timestamp === null ? Number.NaN : Date.parse(timestamp);
  if (Number.isNaN(at)) return '-';
  return renderSpan(now - at);
}

/** Time until a timestamp of the wire; `now` once it has passed. */
export function renderTimeUntil(timestamp: string, now: number): string {
  const left = Date.parse(timestamp) - now;
  return left <= 0 ? 'now' : `in ${renderSpan(left)}`;
}

/** A span in whole seconds. Clocks of two machines may differ a little: nothing is negative. */
export function renderSpan(ms: number): string {
  return ms < 1_000 ? '0s' : formatDuration(ms);
}
