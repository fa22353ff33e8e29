import type { ContainerListing, ListingProblem } from '../domain/containers.ts';
import type { Clock } from '../lib/clock.ts';
import type { ContainerLister } from './ports.ts';
import { type Bell, makeBell } from './wake.ts';

/** How an engine answered last. */
export type EngineAnswer =
  | { readonly kind: 'none' }
  | { readonly kind: 'good' }
  | { readonly kind: 'failed'; readonly problem: ListingProblem };

export interface Refresher {
  /** Begins to list without being asked. */
  start(): void;
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
  /** Nobody uses this engine as far as is known: that it does not answer is not worth much trouble. */
  readonly isUnused: () => boolean;
  /** Ids of its containers that were there last time. */
  readonly expected: () => readonly string[];
  readonly clock: Clock;
  /** A new listing; throws when it could not be written down. */
  readonly onListing: (listing: ContainerListing) => void;
  /** The engine answers again, or no longer. */
  readonly onTurn: () => void;
}

const LIST_TIMEOUT_MS = 5_000;
/** Longest a look waits to learn which life of its container it saw. */
const CONFIRM_MS = 3_000;
/** The truth besides the events. One listing costs tens of milliseconds of a core. */
const RESCAN_MS = 60_000;
const RETRY_MS = { first: 500, cap: 20_000, unused: 60_000 } as const;
/** One thing that happens to a container is several events. */
const SETTLE_MS = 5;

/** Lists one engine's containers: when started, after its events, and every so often. Others are not waited for. */
export function openRefresher(options: RefresherOptions): Refresher {
  return new EngineRefresher(options);
}

class EngineRefresher implements Refresher {
  readonly #options: RefresherOptions;
  readonly #stopping = new AbortController();
  readonly #bell: Bell;
  #answer: EngineAnswer = { kind: 'none' };
  #goodSince = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;
  #events: { close(): void } | undefined;
  #done: Promise<void> | undefined;

  constructor(options: RefresherOptions) {
    this.#options = options;
    this.#bell = makeBell(options.clock);
  }

  start(): void {
    this.#done ??= this.#loop();
  }

  answer(): EngineAnswer {
    return this.#answer;
  }

  hasAnswered(): boolean {
    return this.#goodSince !== Number.NEGATIVE_INFINITY;
  }

  refresh(): Promise<void> {
    const running = this.#running;
    if (running === undefined) {
      this.#running = this.#list().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#queued ??= running.then(() => {
      this.#queued = undefined;
      return this.refresh();
    });
    return this.#queued;
  }

  async confirm(since: number): Promise<boolean> {
    if (this.#goodSince >= since) return true;
    // While it does not answer its own pace is kept; everybody is woken when it does.
    if (this.#answer.kind === 'failed') return false;
    const patience = new AbortController();
    const { clock } = this.#options;
    await Promise.race([this.refresh(), clock.sleep(CONFIRM_MS, patience.signal)]);
    patience.abort();
    return this.#goodSince >= since;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#bell.ring();
    this.#events?.close();
    await this.#done;
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stopping;
    // Somebody who could not wait may have asked already.
    if (this.hasAnswered()) await this.#pause();
    while (!signal.aborted) {
      await this.refresh();
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    await this.#bell.wait(this.#pauseMs());
    await this.#options.clock.sleep(SETTLE_MS, this.#stopping.signal);
  }

  #pauseMs(): number {
    if (this.#answer.kind !== 'failed') return RESCAN_MS;
    if (!this.hasAnswered() && this.#options.isUnused()) return RETRY_MS.unused;
    return Math.min(RETRY_MS.cap, RETRY_MS.first * 2 ** Math.min(this.#failures - 1, 10));
  }

  async #list(): Promise<void> {
    const { lister, expected, clock, onListing } = this.#options;
    const beganAt = clock.monotonic();
    const { signal } = this.#stopping;
    const listed = await lister.list(LIST_TIMEOUT_MS, { signal, expected: expected() });
    if (signal.aborted) return;
    if (!listed.ok) {
      this.#settle({ kind: 'failed', problem: listed.error });
      return;
    }
    try {
      onListing(listed.value);
    } catch (error) {
      const message = `its containers could not be recorded: ${String(error)}`;
      this.#settle({ kind: 'failed', problem: { code: 'internal_error', message } });
      return;
    }
    this.#goodSince = beganAt;
    this.#settle({ kind: 'good' });
    this.#listen();
  }

  /** Something may have changed before it listened. */
  #listen(): void {
    if (this.#events !== undefined) return;
    this.#events = this.#options.lister.watch(() => this.#bell.ring());
    this.#bell.ring();
  }

  #settle(next: EngineAnswer): void {
    const hasTurned = next.kind !== this.#answer.kind;
    this.#answer = next;
    this.#failures = next.kind === 'failed' ? this.#failures + 1 : 0;
    if (hasTurned) this.#options.onTurn();
  }
}
