import type { ContainerListing, ListingProblem } from '../domain/containers.ts';
import type { Clock } from '../lib/clock.ts';
import type { ContainerLister } from './ports.ts';
import { makeBell } from './wake.ts';

/** How an engine answered last. */
export type EngineAnswer =
  | { readonly kind: 'none' }
  | { readonly kind: 'good' }
  | { readonly kind: 'failed'; readonly problem: ListingProblem };

export interface Refresher {
  /** How the newest listing went. */
  answer(): EngineAnswer;
  /** Whether it ever answered since the daemon started. */
  hasAnswered(): boolean;
  /** A listing that begins after the call; side by side calls share one. Never rejects. */
  refresh(): Promise<void>;
  /** Resolves true once a good listing is known that began at `since` (monotonic) or later, false when none comes. */
  confirm(since: number): Promise<boolean>;
  stop(): Promise<void>;
}

export interface RefresherOptions {
  readonly lister: ContainerLister;
  /** Nobody asked for this engine: that it does not answer is not worth much trouble. */
  readonly isImplicit: boolean;
  readonly clock: Clock;
  /** A new listing; throws when it could not be written down. */
  readonly onListing: (listing: ContainerListing) => void;
  /** The engine answers again, or no longer. */
  readonly onTurn: () => void;
}

const LIST_TIMEOUT_MS = 5_000;
/** Longest a look waits to learn which life of its container it saw. */
const CONFIRM_MS = 3_000;
/** The truth besides the events. */
const RESCAN_MS = 20_000;
const RETRY_MS = { first: 500, cap: 20_000, implicit: 60_000 } as const;
/** One thing that happens to a container is several events. */
const SETTLE_MS = 5;

/** Lists one engine's containers: at once, after its events, and every so often. Others are not waited for. */
export function startRefresher(options: RefresherOptions): Refresher {
  const { lister, isImplicit, clock, onListing, onTurn } = options;
  const stopping = new AbortController();
  const bell = makeBell(clock);
  let answer: EngineAnswer = { kind: 'none' };
  let goodSince = Number.NEGATIVE_INFINITY;
  let hasAnswered = false;
  let failures = 0;
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;
  let events: { close(): void } | undefined;

  const settle = (next: EngineAnswer): void => {
    const turned = next.kind !== answer.kind;
    answer = next;
    failures = next.kind === 'failed' ? failures + 1 : 0;
    if (turned) onTurn();
  };

  const list = async (): Promise<void> => {
    const beganAt = clock.monotonic();
    const listed = await lister.list(LIST_TIMEOUT_MS);
    if (stopping.signal.aborted) return;
    if (!listed.ok) return settle({ kind: 'failed', problem: listed.error });
    onListing(listed.value);
    goodSince = beganAt;
    hasAnswered = true;
    settle({ kind: 'good' });
    if (events !== undefined) return;
    events = lister.watch(() => bell.ring());
    // Something may have changed before it listened.
    bell.ring();
  };

  const refresh = (): Promise<void> => {
    if (running !== undefined) {
      queued ??= running.then(() => {
        queued = undefined;
        return refresh();
      });
      return queued;
    }
    running = list()
      .catch((error: unknown) => {
        const message = `its containers could not be recorded: ${String(error)}`;
        settle({ kind: 'failed', problem: { code: 'internal_error', message } });
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  };

  const pauseMs = (): number => {
    if (answer.kind !== 'failed') return RESCAN_MS;
    if (isImplicit && !hasAnswered) return RETRY_MS.implicit;
    return Math.min(RETRY_MS.cap, RETRY_MS.first * 2 ** Math.min(failures - 1, 10));
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await refresh();
      await bell.wait(pauseMs(), stopping.signal);
      await clock.sleep(SETTLE_MS, stopping.signal);
    }
  };
  const done = loop();

  return {
    answer: () => answer,
    hasAnswered: () => hasAnswered,
    refresh,
    confirm: async (since) => {
      if (goodSince >= since) return true;
      // While it does not answer its own pace is kept; everybody is woken when it does.
      if (answer.kind === 'failed') return false;
      const patience = new AbortController();
      await Promise.race([refresh(), clock.sleep(CONFIRM_MS, patience.signal)]);
      patience.abort();
      return goodSince >= since;
    },
    stop: async () => {
      stopping.abort();
      events?.close();
      await done;
    },
  };
}
