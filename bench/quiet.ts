import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tower } from './tower.ts';

/** The end of a pane is told of 30 seconds after its last output: idle is what comes after. */
const QUIET_MS = 35_000;

/** Waits until nothing more is written for what happened before. */
export async function untilQuiet(tower: Tower): Promise<void> {
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const before = fingerprint(tower);
    await sleep(QUIET_MS);
    if (fingerprint(tower) === before) return;
  }
  throw new Error('the daemon goes on writing');
}

/** Size and time of every database file: a write of any kind moves one of them. */
export function fingerprint({ home }: Tower): string {
  const state = join(home, '.local/state/opensoft/agenttower');
  return readdirSync(state)
    .filter((name) => name.startsWith('agenttower.sqlite3'))
    .map((name) => {
      const { size, mtimeNs } = statSync(join(state, name), { bigint: true });
      return `${name}:${size}:${mtimeNs}`;
    })
    .join(' ');
}
