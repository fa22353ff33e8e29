import pLimit from 'p-limit';
import type { ContainerId } from '../domain/ids.ts';
import type { Observation } from '../domain/observed.ts';
import type { Log } from '../lib/log.ts';
import type { PassDeps, PassResult } from './pass.ts';
import { reconcile } from './pass.ts';
import { recordRecovery } from './recover.ts';
import { openTurns, type Turns } from './turns.ts';
import { type Bell, makeBell } from './wake.ts';

export interface ControllerDeps extends PassDeps {
  readonly log: Log;
  /** Told of each pass once it is over. */
  readonly onPass?: (pass: PassTime) => void;
}

export interface PassTime {
  readonly container: ContainerId;
  /** From when the pass was due to its end, the wait for its turn included. */
  readonly tookMs: number;
  /** The container could be seen. */
  readonly isSeen: boolean;
}

export interface Controller {
  /** Look at this container soon. Carries no data: the pass reads the world itself. */
  wake(container: ContainerId): void;
  /** Look at every container that has something declared or recorded. */
  wakeAll(): void;
  /** The newest look at a container, if there was one. */
  readonly lastObservation: (container: ContainerId) => Observation | undefined;
  /** Why the newest pass over a container came to nothing; its records stand still until one does not. */
  readonly lastFailure: (container: ContainerId) => string | undefined;
  /** For what must happen between two passes over a container. */
  readonly turns: Pick<Turns, 'takeWithin'>;
  /** One pass over every container, none waited for longer than `deadlineMs`. Used before the socket answers. */
  recover(deadlineMs: number): Promise<void>;
  /** Ends after the passes under way. */
  stop(): Promise<void>;
}

/** Containers looked at side by side. Those that could not be seen last time have places of their own. */
const PARALLEL_CONTAINERS = { seen: 16, unseen: 16 } as const;
/** Immediate repetitions in a row before the tick sets the pace again: a loop against the world must stay slow. */
const MAX_REPEATS = 8;
/** A deadline that has passed already must not turn into a spin. */
const MIN_PAUSE_MS = 5;
const UNKNOWN_BACKOFF_MS = { first: 250, cap: 5_000 };
/** One that does not answer at all takes its time to be asked, and the machine's too. */
const HANGING_BACKOFF_MS = { ...UNKNOWN_BACKOFF_MS, cap: 15_000 };

interface Worker {
  readonly bell: Bell;
  readonly done: Promise<void>;
}

/** Level-triggered: one worker per container, one pass at a time in each, woken by bells, deadlines and a tick. */
export function startController(deps: ControllerDeps): Controller {
  const stopping = new AbortController();
  const workers = new Map<ContainerId, Worker>();
  const passes = new Map<ContainerId, PassResult>();
  const failures = new Map<ContainerId, string>();
  const turns = openTurns(deps.clock);
  const pass = openPass(deps, { passes, failures, turns });

  const start = (container: ContainerId): void => {
    const bell = makeBell(deps.clock);
    const done = work(container, { bell, pass, deps, signal: stopping.signal }).finally(() => {
      workers.delete(container);
      passes.delete(container);
      failures.delete(container);
      // Declared anew while the last pass was ending.
      if (isDeclared(container, deps)) wake(container);
    });
    workers.set(container, { bell, done });
  };

  const wake = (container: ContainerId): void => {
    if (stopping.signal.aborted) return;
    const worker = workers.get(container);
    // A new worker begins with a pass: ringing for it too would be one pass for nothing.
    if (worker === undefined) start(container);
    else worker.bell.ring();
  };

  return {
    wake,
    wakeAll: () => {
      for (const container of new Set([...workers.keys(), ...deps.store.containers()]))
        wake(container);
    },
    lastObservation: (container) => passes.get(container)?.observation,
    lastFailure: (container) => failures.get(container),
    turns,
    recover: async (deadlineMs) => {
      const first = deps.store.containers().map(async (container) => {
        const before = deps.store.layoutsOf(container);
        const result = await pass(container);
        if (result === undefined) return;
        deps.store.transact((tx) => recordRecovery(tx, before, result.observation));
      });
      const deadline = new AbortController();
      await Promise.race([Promise.all(first), deps.clock.sleep(deadlineMs, deadline.signal)]);
      deadline.abort();
    },
    stop: async () => {
      stopping.abort();
      for (const { bell } of workers.values()) bell.ring();
      await Promise.all([...workers.values()].map(({ done }) => done));
      await turns.idle();
    },
  };
}

type Pass = (container: ContainerId) => Promise<PassResult | undefined>;

/**
 * A pass that never rejects; nothing comes of one that failed. One at a time over each container: one that recovery
 * stopped waiting for is not joined by a second.
 */
function openPass(
  deps: ControllerDeps,
  {
    passes,
    failures,
    turns,
  }: {
    readonly passes: Map<ContainerId, PassResult>;
    readonly failures: Map<ContainerId, string>;
    readonly turns: Turns;
  },
): Pass {
  const seen = pLimit(PARALLEL_CONTAINERS.seen);
  const unseen = pLimit(PARALLEL_CONTAINERS.unseen);
  return async (container) => {
    const dueAt = deps.clock.monotonic();
    const result = await turns.take(container, async () => {
      try {
        const last = passes.get(container);
        const limit = last?.observation.kind === 'unknown' ? unseen : seen;
        const result = await limit(() => reconcile(container, deps, last));
        passes.set(container, result);
        failures.delete(container);
        return result;
      } catch (error) {
        // The store could not commit, or a bug: nothing was concluded, the next pass starts from the records.
        failures.set(container, error instanceof Error ? error.message : String(error));
        deps.log('error', 'pass_failed', { container, error: String(error) });
        return undefined;
      }
    });
    const tookMs = deps.clock.monotonic() - dueAt;
    deps.onPass?.({ container, tookMs, isSeen: result?.observation.kind === 'seen' });
    return result;
  };
}

/** Records that cannot be read are not empty: the pass will say what is wrong with them. */
function isDeclared(container: ContainerId, { store }: ControllerDeps): boolean {
  try {
    return store.layoutsOf(container).length > 0;
  } catch {
    return true;
  }
}

interface WorkDeps {
  readonly bell: Bell;
  readonly pass: Pass;
  readonly deps: ControllerDeps;
  readonly signal: AbortSignal;
}

/** Passes over one container until nothing of it is recorded any more. */
async function work(container: ContainerId, { bell, pass, deps, signal }: WorkDeps): Promise<void> {
  let failures = 0;
  let repeats = 0;
  while (!signal.aborted && isDeclared(container, deps)) {
    const result = await pass(container);
    const blind = result === undefined || result.observation.kind === 'unknown';
    failures = blind ? failures + 1 : 0;
    repeats = result?.again === true ? repeats + 1 : 0;
    await bell.wait(pauseMs(result, { failures, repeats }, deps));
  }
}

function pauseMs(
  result: PassResult | undefined,
  { failures, repeats }: { readonly failures: number; readonly repeats: number },
  { policy, clock }: ControllerDeps,
): number {
  if (failures > 0) {
    const { first, cap } = hangs(result?.observation) ? HANGING_BACKOFF_MS : UNKNOWN_BACKOFF_MS;
    return Math.min(cap, first * 2 ** Math.min(failures - 1, 10));
  }
  if (repeats > 0) return repeats <= MAX_REPEATS ? 0 : policy.resyncMs;
  const wakeAt = result?.plan.wakeAt;
  if (wakeAt === undefined) return policy.resyncMs;
  return Math.max(MIN_PAUSE_MS, Math.min(policy.resyncMs, wakeAt - clock.now()));
}

function hangs(observation: Observation | undefined): boolean {
  return observation?.kind === 'unknown' && observation.reason === 'TmuxTimeout';
}
