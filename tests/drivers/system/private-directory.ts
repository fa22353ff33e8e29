import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A fresh 0700 directory, gone after the test. */
export function privateDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'agt-'));
  chmodSync(directory, 0o700);
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const modeOf = (mode: number): string => (mode & 0o777).toString(8);
