import type { Clock } from '../../lib/clock.ts';
import { openProcess } from '../process/open-process.ts';

export interface WatchOptions {
  /** argv that prints a line for every event. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Something may have changed: an event came, or some may have been missed. */
  readonly onChange: () => void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** A stream that lives this long listens: what happened before it did must be looked up. */
const LISTENING_AFTER_MS = 1_000;

/** Listens until it is closed; a stream that ends is opened again, with growing pauses. */
export function watchEvents(options: WatchOptions): { close(): void } {
  const closing = new AbortController();
  void keepListening(options, closing.signal);
  return { close: () => closing.abort() };
}

async function keepListening(options: WatchOptions, closed: AbortSignal): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  while (!closed.aborted) {
    const hasListened = await listenOnce(options, closed);
    if (closed.aborted) return;
    if (hasListened) pauseMs = FIRST_PAUSE_MS;
    await options.clock.sleep(pauseMs, closed);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

/** One stream, to its end. Whether it told anything, or lived long enough to have listened. */
async function listenOnce(
  { argv, env, clock, onChange }: WatchOptions,
  closed: AbortSignal,
): Promise<boolean> {
  const ended = new AbortController();
  let isListening = false;
  const changed = () => {
    isListening = true;
    if (!closed.aborted) onChange();
  };
  await new Promise<void>((resolve) => {
    const stream = openProcess(argv, { env, onStdout: changed, onExit: () => resolve() });
    closed.addEventListener('abort', () => stream.kill(), { once: true, signal: ended.signal });
    if (closed.aborted) stream.kill();
    void clock.sleep(LISTENING_AFTER_MS, ended.signal).then(() => {
      if (!ended.signal.aborted && !closed.aborted) changed();
    });
  });
  ended.abort();
  if (isListening && !closed.aborted) onChange();
  return isListening;
}
