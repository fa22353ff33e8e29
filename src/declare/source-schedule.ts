import { sha256 } from '../lib/hash.ts';
import type { SourceConfig } from './ports.ts';

const MAX_BACKOFF_MS = 300_000;

/**
 * Milliseconds until a source is read again by itself: its interval, for Git doubled per read that failed in a row, to
 * five minutes. A directory is here: looking costs nobody anything, and who makes it again need not wait. A tenth at most is taken off by its name, so that sources do not all wake together.
 */
export function computeDelay(config: SourceConfig, readFailures: number): number {
  const { intervalMs, kind } = config;
  const doublings = kind === 'git' ? Math.min(Math.max(0, readFailures - 1), 30) : 0;
  const delayMs = Math.min(intervalMs * 2 ** doublings, Math.max(intervalMs, MAX_BACKOFF_MS));
  return Math.round(delayMs * (1 - fractionOf(config.name) / 10));
}

/** Between 0 and 1, always the same for the same name. */
function fractionOf(name: string): number {
  return Number.parseInt(sha256(name).slice(0, 8), 16) / 0x1_0000_0000;
}
