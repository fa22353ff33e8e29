import type { Clock } from '../lib/clock.ts';
import type {
  DeclarationStore,
  OpenSource,
  SourceConfig,
  SourceRead,
  SourceReader,
  SourceRecord,
  SourceStatus,
} from './ports.ts';
import { type ApplyOptions, type ApplySnapshot, applyRead, messageOf } from './source-pass.ts';
import { computeDelay } from './source-schedule.ts';
import { computeTransition, isSameStatus, type PassOutcome } from './source-status.ts';

export interface SourceLoopDeps {
  readonly store: Pick<DeclarationStore, 'transact'>;
  readonly openSource: OpenSource;
  readonly apply: ApplySnapshot;
  readonly clock: Clock;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  /** Called when the source has been read and applied for the first time since start. */
  readonly onLoaded: () => void;
}

export interface SourceState extends SourceRecord {
  /** When it is read again by itself; wall clock. */
  readonly nextCheckAt?: number;
}

export interface SourceLoop {
  state(): SourceState;
  /** Read and applied once since start. Also true within its own `apply`: it has been read by then. */
  isLoaded(): boolean;
  /** Looks again soon. */
  wake(): void;
  /** Resolves after a pass that began after the call; rejects when that pass could not be recorded. */
  sync(options: ApplyOptions): Promise<SourceState>;
  /** Resolves once nothing of it runs any more. Whoever waits in `sync` is rejected with `reason`. */
  stop(reason: Error): Promise<void>;
}

/** Keeps one source applied: at start, on hints, by interval and on request. */
export function startSourceLoop(record: SourceRecord, deps: SourceLoopDeps): SourceLoop {
  const reader = deps.openSource(record.config);
  const loop: Loop = {
    deps,
    reader,
    config: record.config,
    status: record.status,
    told: new Set(record.status.lastError === undefined ? [] : [record.status.lastError]),
    stopping: new AbortController(),
    nap: new AbortController(),
    isWanted: false,
    isLoaded: false,
    isApplying: false,
    readFailures: 0,
    waiting: [],
  };
  const stopWatching = reader.watch(() => wake(loop));
  const running = run(loop);
  return {
    state: () => stateOf(loop),
    isLoaded: () => loop.isLoaded || loop.isApplying,
    wake: () => wake(loop),
    sync: (options) =>
      new Promise((resolve, reject) => {
        loop.waiting.push({ options, resolve, reject });
        wake(loop);
      }),
    stop: async (reason) => {
      loop.stopping.abort(reason);
      wake(loop);
      await Promise.all([running, stopWatching()]);
      for (const { reject } of loop.waiting.splice(0)) reject(reason);
    },
  };
}

interface Loop {
  readonly deps: SourceLoopDeps;
  readonly reader: SourceReader;
  readonly config: SourceConfig;
  status: SourceStatus;
  /** Problems told by an event since the source was last well. */
  readonly told: Set<string>;
  readonly stopping: AbortController;
  nap: AbortController;
  isWanted: boolean;
  isLoaded: boolean;
  isApplying: boolean;
  readFailures: number;
  nextCheckAt?: number;
  waiting: Waiter[];
}

interface Waiter {
  readonly options: ApplyOptions;
  readonly resolve: (state: SourceState) => void;
  readonly reject: (error: unknown) => void;
}

function stateOf({ config, status, nextCheckAt }: Loop): SourceState {
  return { config, status, ...(nextCheckAt !== undefined && { nextCheckAt }) };
}

function wake(loop: Loop): void {
  loop.isWanted = true;
  loop.nap.abort();
}

async function run(loop: Loop): Promise<void> {
  const { signal } = loop.stopping;
  while (!signal.aborted) {
    loop.isWanted = false;
    const [options, waiters] = takeWaiters(loop);
    try {
      await pass(loop, options);
      signal.throwIfAborted();
      for (const { resolve } of waiters) resolve(stateOf(loop));
    } catch (error) {
      const { log } = loop.deps;
      if (!signal.aborted) {
        log('source pass failed', { source: loop.config.name, problem: messageOf(error) });
      }
      for (const { reject } of waiters) reject(error);
    }
    await rest(loop);
  }
}

/** Those who wait for a pass with the same confirmation; the others wait for the next. */
function takeWaiters(loop: Loop): readonly [ApplyOptions, readonly Waiter[]] {
  const confirmPrune = loop.waiting.find(({ options }) => options.confirmPrune !== undefined)
    ?.options.confirmPrune;
  const isServed = ({ options }: Waiter): boolean =>
    options.confirmPrune === undefined || options.confirmPrune === confirmPrune;
  const served = loop.waiting.filter(isServed);
  loop.waiting = loop.waiting.filter((waiter) => !isServed(waiter));
  return [confirmPrune === undefined ? {} : { confirmPrune }, served];
}

async function rest(loop: Loop): Promise<void> {
  const { clock } = loop.deps;
  if (loop.isWanted || loop.waiting.length > 0) return;
  const delayMs = computeDelay(loop.config, loop.readFailures);
  loop.nextCheckAt = clock.now() + delayMs;
  loop.nap = new AbortController();
  await clock.sleep(delayMs, loop.nap.signal);
}

async function pass(loop: Loop, options: ApplyOptions): Promise<void> {
  const { signal } = loop.stopping;
  const read = await untilAborted(readSource(loop), signal);
  if (read === undefined || signal.aborted) return;
  loop.readFailures = read.ok ? 0 : loop.readFailures + 1;
  record(loop, outcomeOf(loop, read, options));
  if (loop.isLoaded || loop.status.lastError !== undefined) return;
  loop.isLoaded = true;
  loop.deps.onLoaded();
}

async function readSource({ reader, stopping }: Loop): Promise<SourceRead> {
  try {
    return await reader.read(stopping.signal);
  } catch (error) {
    return { ok: false, problem: messageOf(error) };
  }
}

/** `undefined` as soon as the signal aborts, so that a read that hangs holds nobody up. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Within `apply` the source counts as loaded: its own read is the one that is being applied. */
function outcomeOf(loop: Loop, read: SourceRead, options: ApplyOptions): PassOutcome {
  loop.isApplying = true;
  try {
    return applyRead(read, { ...loop, options, apply: loop.deps.apply });
  } finally {
    loop.isApplying = false;
  }
}

/** Writes the status with its events, if it says anything new. Throws when the store cannot; then nothing changed. */
function record(loop: Loop, outcome: PassOutcome): void {
  const { config, deps, told } = loop;
  const context = { source: config.name, now: deps.clock.now(), told };
  const { status, events } = computeTransition(loop.status, outcome, context);
  if (events.length > 0 || !isSameStatus(loop.status, status)) {
    deps.store.transact((tx) => {
      tx.putSource({ config, status });
      for (const event of events) tx.emit(event);
    });
  }
  loop.status = status;
  if (status.lastError === undefined) told.clear();
  else told.add(status.lastError);
}
