import type { NewEvent } from '../../domain/events.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Finding } from '../events/ports.ts';
import { DEFAULT_PATIENCE, type Patience } from '../events/silence.ts';
import type { Attachment, LogFiles, LogStore } from './ports.ts';
import { type LogInHand, type LostBytes, type Notice, openTurns, takeInHand } from './read-turn.ts';
import { setLogStale } from './stale.ts';

export interface ReaderDeps {
  readonly store: LogStore;
  readonly files: LogFiles;
  readonly clock: Clock;
  readonly log: Log;
  /** Lets whatever else is waiting run first. */
  readonly giveWay: () => Promise<void>;
  /** 12 hexadecimal digits. */
  readonly newWindowId: () => string;
  readonly patience?: Patience;
}

export interface ReaderStatus {
  readonly running: boolean;
  readonly lastCycleStartedAt: number | undefined;
  readonly lastCycleMs: number | undefined;
  readonly activeAttachments: number;
  /** Attachments whose log could not be read in the last cycle, and why. */
  readonly failing: ReadonlyMap<string, string>;
  /** The database did not take what was found; it will be found again. */
  readonly isStoreFailing: boolean;
}

export interface Reader {
  readonly status: () => ReaderStatus;
  /** Ends after the turn under way; what is known by then is recorded. */
  stop(): Promise<void>;
}

/** So many events are written in one go: more would keep others waiting. */
const MAX_FINDINGS = 500;
/** How far logs without news are is recorded this often: after a crash, this much is read again. */
const RECORD_EVERY_MS = 5_000;
const PAUSE_MS = { busy: 200, idle: 1_000 };
const IDLE_AFTER_MS = 10_000;
const RETRY_MS = 1_000;

/**
 * Starts the one reader of all attached logs. It looks at every log in turn, gives each the same share, and records
 * what it found and how far it is in one transaction: what is not recorded is read again, what is never is.
 */
export function startReader(deps: ReaderDeps): Reader {
  const reader = new LogReader(deps);
  const stopping = new AbortController();
  const running = reader.run(stopping.signal);
  return {
    status: () => reader.status(),
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

class LogReader {
  readonly #deps: ReaderDeps;
  readonly #turn: ReturnType<typeof openTurns>;
  readonly #hands = new Map<string, LogInHand>();
  readonly #found = new Map<LogInHand, Finding[]>();
  readonly #moved = new Set<LogInHand>();
  readonly #failing = new Map<string, string>();
  #foundCount = 0;
  #isListStale = true;
  #isStoreFailing = false;
  #isFailureLogged = false;
  #recordedAt: number;
  #movedAt = Number.NEGATIVE_INFINITY;
  #lastCycle: { readonly startedAt: number; readonly ms: number | undefined } | undefined;

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
    this.#recordedAt = deps.clock.monotonic();
    const { files, newWindowId, patience = DEFAULT_PATIENCE } = deps;
    this.#turn = openTurns({ files, newWindowId, patience, maxFindings: MAX_FINDINGS });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, store } = this.#deps;
    const unwatch = store.watchCommits(() => {
      this.#isListStale = true;
    });
    // Who waits for the daemon to start comes first.
    await clock.sleep(PAUSE_MS.busy, signal);
    while (!signal.aborted) {
      const more = await this.#cycle(signal);
      const isIdle = clock.monotonic() - this.#movedAt > IDLE_AFTER_MS;
      const pauseMs = this.#isStoreFailing ? RETRY_MS : isIdle ? PAUSE_MS.idle : PAUSE_MS.busy;
      if (more && !this.#isStoreFailing) await this.#deps.giveWay();
      else await clock.sleep(pauseMs, signal);
    }
    unwatch();
    this.#record(true);
  }

  status(): ReaderStatus {
    const active = [...this.#hands.values()].filter(({ log }) => log.attachment.state === 'active');
    return {
      running: this.#lastCycle !== undefined,
      lastCycleStartedAt: this.#lastCycle?.startedAt,
      lastCycleMs: this.#lastCycle?.ms,
      activeAttachments: active.length,
      failing: this.#failing,
      isStoreFailing: this.#isStoreFailing,
    };
  }

  /** One turn at every log; whether any of them has more to say at once. */
  async #cycle(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#deps;
    const [startedAt, begun] = [clock.now(), clock.monotonic()];
    this.#lastCycle = { startedAt, ms: this.#lastCycle?.ms };
    this.#refresh();
    let more = false;
    for (const hand of this.#hands.values()) {
      if (signal.aborted || this.#isStoreFailing) break;
      const { moved, hasMore } = this.#giveTurn(hand, clock.now());
      more ||= hasMore;
      if (this.#foundCount >= MAX_FINDINGS) this.#record(false);
      if (moved) await this.#deps.giveWay();
    }
    this.#record(clock.monotonic() - this.#recordedAt >= RECORD_EVERY_MS);
    this.#lastCycle = { startedAt, ms: clock.monotonic() - begun };
    return more;
  }

  #giveTurn(hand: LogInHand, now: number): { readonly moved: boolean; readonly hasMore: boolean } {
    const { attachmentId } = hand.log.attachment;
    try {
      const { findings, moved, more, notice } = this.#turn(hand, now);
      this.#failing.delete(attachmentId);
      if (moved) this.#note(hand, findings);
      if (notice !== undefined) this.#notice(hand, notice);
      return { moved, hasMore: more };
    } catch (error) {
      // This log alone: the others have nothing to do with it.
      if (!this.#failing.has(attachmentId)) {
        this.#deps.log('warn', 'log_unreadable', {
          path: hand.log.attachment.path,
          error: String(error),
        });
      }
      this.#failing.set(attachmentId, String(error));
      return { moved: false, hasMore: false };
    }
  }

  #note(hand: LogInHand, findings: readonly Finding[]): void {
    this.#movedAt = this.#deps.clock.monotonic();
    this.#moved.add(hand);
    if (findings.length === 0) return;
    this.#foundCount += findings.length;
    const before = this.#found.get(hand);
    if (before === undefined) this.#found.set(hand, [...findings]);
    else before.push(...findings);
  }

  #notice(hand: LogInHand, notice: Notice): void {
    const { path, agentId } = hand.log.attachment;
    this.#deps.log('warn', notice, { path, agent: agentId });
    if (notice !== 'log_file_missing') return;
    this.#record(true);
    setLogStale(this.#deps.store, hand.log.attachment);
  }

  /** Takes up logs that are new and lays down those that are no longer read. */
  #refresh(): void {
    if (!this.#isListStale && !this.#isStoreFailing) return;
    try {
      const logs = this.#deps.store.logs.readable();
      this.#isListStale = false;
      this.#isStoreFailing = false;
      const patience = this.#deps.patience ?? DEFAULT_PATIENCE;
      const kept = new Set<string>();
      for (const log of logs) {
        const { attachmentId } = log.attachment;
        kept.add(attachmentId);
        const hand = this.#hands.get(attachmentId);
        if (hand === undefined) this.#hands.set(attachmentId, takeInHand(log, { patience }));
        else hand.log = log;
      }
      for (const id of this.#hands.keys()) if (!kept.has(id)) this.#layDown(id);
    } catch (error) {
      this.#failStore(error);
    }
  }

  #layDown(id: string): void {
    const hand = this.#hands.get(id);
    this.#hands.delete(id);
    this.#failing.delete(id);
    if (hand === undefined || this.#found.has(hand) || hand.losses.length > 0) return;
    this.#moved.delete(hand);
  }

  /** Writes down what was found. With `everything`, also how far logs are in which nothing was. */
  #record(everything: boolean): void {
    const hands = everything ? [...this.#moved] : [...this.#found.keys()];
    if (everything) this.#recordedAt = this.#deps.clock.monotonic();
    if (hands.length === 0) return;
    try {
      this.#deps.store.transact((tx) => {
        for (const hand of hands) {
          const { log, progress, file, isExitTold, losses } = hand;
          for (const loss of losses) tx.emit(bytesLost(log.attachment, loss));
          tx.recordReading(log, { progress, file }, this.#found.get(hand) ?? []);
          if (isExitTold) tx.closeReading(log.attachment.attachmentId);
        }
      });
      for (const hand of hands) {
        hand.losses = [];
        this.#moved.delete(hand);
        this.#found.delete(hand);
      }
      this.#foundCount = 0;
      this.#isFailureLogged = false;
    } catch (error) {
      this.#failStore(error);
    }
  }

  /** What is not recorded never was: everything is taken up again as it is recorded. */
  #failStore(error: unknown): void {
    if (!this.#isFailureLogged) {
      this.#deps.log('error', 'log_events_not_recorded', { error: String(error) });
    }
    this.#isFailureLogged = true;
    this.#isStoreFailing = true;
    this.#hands.clear();
    this.#found.clear();
    this.#moved.clear();
    this.#foundCount = 0;
  }
}

function bytesLost({ attachmentId, agentId, path }: Attachment, loss: LostBytes): NewEvent {
  return {
    type: 'log_bytes_lost',
    actor: 'daemon',
    agentId,
    payload: {
      attachment_id: attachmentId,
      log_path: path,
      reason: loss.was,
      read_up_to: loss.offset,
      bytes_lost_at_least: loss.atLeast,
      is_exact: loss.isAll,
    },
  };
}
