import type { StoredEvent } from '../../domain/events.ts';
import { type Clock, toTimestamp } from '../../lib/clock.ts';
import type { OpenStore } from './open-store.ts';

/** The file that is told every event once, or more often when we die at the wrong moment. */
export interface EventFile {
  /** Adds whole lines at the end; they are on disk when it resolves. */
  append(lines: string): Promise<void>;
}

export interface ExporterOptions {
  readonly store: Pick<
    OpenStore,
    'eventsAfter' | 'exportedSeq' | 'recordExported' | 'watchCommits'
  >;
  readonly file: EventFile;
  readonly clock: Clock;
  /** Told when the file begins to fail, and when it works again. */
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

const BATCH = 500;
const RETRY_BASE_MS = 1_000;
const RETRY_CAP_MS = 60_000;

/**
 * Copies events from the store to the file, in order, at least once each, after every commit. A file that cannot be
 * written delays the copies and nothing else. Returns its stop, which resolves after a last try.
 */
export function startEventExporter(options: ExporterOptions): () => Promise<void> {
  const { store, clock, log } = options;
  const stopping = new AbortController();
  const exportBatch = openBatchExport(options);
  let wake: (() => void) | undefined;
  const unwatch = store.watchCommits(() => wake?.());

  const running = run();
  return async () => {
    stopping.abort();
    wake?.();
    await running;
    unwatch();
  };

  async function run(): Promise<void> {
    for (let failures = 0; ; ) {
      const isLastTry = stopping.signal.aborted;
      // Armed before we look, so that a commit in the meantime is not missed.
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const problem = await exportAll();
      if (problem !== undefined && failures === 0) {
        log('events cannot be exported for now', {
          problem: String(problem),
          kind: kindOf(problem),
        });
      }
      if (problem === undefined && failures > 0) log('events are exported again', {});
      if (isLastTry) return;
      failures = problem === undefined ? 0 : failures + 1;
      await (failures === 0 ? woken : clock.sleep(retryDelayMs(failures), stopping.signal));
    }
  }

  /** Why not everything could be exported; `undefined` when it was. */
  async function exportAll(): Promise<Error | undefined> {
    try {
      while (await exportBatch());
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** A function that exports the next events; false when there were none. */
function openBatchExport({ store, file, clock }: ExporterOptions): () => Promise<boolean> {
  // Ahead of the store's own mark while the file took the lines but the store could not note it.
  let written = 0;
  return async () => {
    const recorded = store.exportedSeq();
    const events = store.eventsAfter(Math.max(recorded, written), BATCH);
    const last = events.at(-1);
    if (last !== undefined) {
      await file.append(events.map((event) => renderLine(event, clock.now())).join(''));
      written = last.seq;
    }
    if (written > recorded) store.recordExported(written);
    return last !== undefined;
  };
}

function renderLine(event: StoredEvent, now: number): string {
  const line = {
    ts: toTimestamp(now),
    event_id: event.eventId,
    seq: event.seq,
    origin: event.agentId === undefined ? 'managed' : 'agent',
    event_type: event.type,
    actor: event.actor,
    ...(event.agentId !== undefined && { agent_id: event.agentId }),
    layout_id: event.layoutId ?? null,
    pane_id: event.paneId ?? null,
    sequence: event.sequence,
    payload: event.payload,
    timestamp: toTimestamp(event.at),
  };
  return `${JSON.stringify(line)}\n`;
}

function retryDelayMs(failures: number): number {
  return Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** Math.min(failures - 1, 10));
}

/** The code of the system's own word for it, else the class of the error. */
function kindOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code ?? error.name;
}
