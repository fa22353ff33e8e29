import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { SourceRead, SourceReader, SourceSnapshot } from '../../../src/declare/ports.ts';
import type { Clock } from '../../../src/lib/clock.ts';

/** The machine's own time. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { ...(signal && { signal }) }).catch(() => {}),
};

/** A fresh directory that goes away with the test. */
export function makeDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'agenttower-sources-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const neverAborted = (): AbortSignal => new AbortController().signal;

export async function snapshotOf(reader: SourceReader): Promise<SourceSnapshot> {
  const read = await reader.read(neverAborted());
  if (!read.ok) throw new Error(read.problem);
  return read.snapshot;
}

export async function problemOf(reader: SourceReader): Promise<string> {
  const read: SourceRead = await reader.read(neverAborted());
  if (read.ok) throw new Error(`read ${read.snapshot.files.length} files instead of failing`);
  return read.problem;
}

export function pathsOf(snapshot: SourceSnapshot): readonly string[] {
  return snapshot.files.map((file) => file.path);
}
