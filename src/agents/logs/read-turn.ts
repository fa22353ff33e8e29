import {
  type ClassifyOptions,
  classifyPiece,
  classifyTail,
  LINE_BYTES,
} from '../events/classify.ts';
import type { Finding, Progress } from '../events/ports.ts';
import { UNREAD } from '../events/progress.ts';
import { nextDue, type Told, tellExit, tellSilence } from '../events/silence.ts';
import { LineRenderer } from './line-renderer.ts';
import type { FileInHand, LogFiles, ReadableLog } from './ports.ts';
import { type Chunk, fileAt, type Loss, readChain } from './read-chain.ts';

/** One log in the reader's hands. How far it is may be further than what is recorded. */
export interface LogInHand {
  log: ReadableLog;
  progress: Progress;
  file: FileInHand;
  /** When something comes due although nothing is printed. */
  dueAt: number | undefined;
  /** Offset up to which an unended line was looked at for a prompt. */
  tailSeen: number;
  /** Since when there has been no file. */
  missingSince: number | undefined;
  isExitTold: boolean;
  /** What was found to be gone, and is not recorded yet. */
  losses: readonly LostBytes[];
}

/** Part of a log that was never read. */
export interface LostBytes extends Loss {
  readonly was: 'truncated' | 'recreated';
  /** Up to where it had been read. */
  readonly offset: number;
}

export type Notice = 'log_rotation_detected' | 'log_file_missing' | 'log_file_returned';

/** What a turn at one log brought. */
export interface Turn {
  readonly findings: readonly Finding[];
  /** Something was read. */
  readonly moved: boolean;
  /** There is more to read at once. */
  readonly more: boolean;
  readonly notice?: Notice;
}

export interface TurnDeps extends ClassifyOptions {
  readonly files: LogFiles;
}

/** A line this long unended and quiet may be a prompt. */
const QUIET_MS = 1_000;
/** A file is away for a moment while it is rotated. */
const MISSING_MS = 3_000;
const TURN_BYTES = 256 * 1_024;
const AT_REST: Turn = { findings: [], moved: false, more: false };

/** A log as it is recorded, taken in hand. */
export function takeInHand(log: ReadableLog, deps: Pick<TurnDeps, 'patience'>): LogInHand {
  const { progress, file } = log;
  return {
    log,
    progress,
    file,
    dueAt: nextDue(progress, deps.patience),
    tailSeen: -1,
    missingSince: undefined,
    isExitTold: false,
    losses: [],
  };
}

/** Gives turns at logs, one after the other: one buffer and one renderer serve them all. */
export function openTurns(deps: TurnDeps): (hand: LogInHand, now: number) => Turn {
  const turns = new Turns(deps);
  return (hand, now) => turns.next(hand, now);
}

class Turns {
  readonly #deps: TurnDeps;
  readonly #buffer = Buffer.allocUnsafe(TURN_BYTES);
  readonly #rendered = new LineRenderer(LINE_BYTES);

  constructor(deps: TurnDeps) {
    this.#deps = deps;
  }

  next(hand: LogInHand, now: number): Turn {
    const { attachment, isOver } = hand.log;
    // Its file went away: whoever attaches it again says that it is to be read again.
    if (attachment.state === 'stale' && !isOver) return this.#awaitReturn(hand);
    const { file, progress } = hand;
    const { path, attachedAt } = attachment;
    const place = { path, file, offset: progress.offset, attachedAt };
    const read = readChain(this.#deps.files, place, this.#buffer);
    if (read.kind === 'missing') return this.#missing(hand, now);
    hand.missingSince = undefined;
    switch (read.kind) {
      case 'unchanged':
        return this.#rest(hand, now);
      case 'read':
        return this.#advance(hand, read, now);
      case 'replaced':
        if (read.lost.atLeast > 0 || !read.lost.isAll) {
          const loss = { ...read.lost, was: read.was, offset: progress.offset };
          hand.losses = [...hand.losses, loss];
        }
        hand.progress = { ...UNREAD, isSilenceNews: progress.isSilenceNews, lastOutputAt: now };
        hand.file = read.file;
        return { ...AT_REST, moved: true, more: true, notice: 'log_rotation_detected' };
    }
  }

  #advance(hand: LogInHand, { bytes, files, more }: Chunk, now: number): Turn {
    const before = hand.progress;
    const told = classifyPiece(before, this.#render(bytes, now), this.#deps);
    this.#take(hand, { ...told, progress: { ...told.progress, lastOutputAt: now } });
    const { offset } = hand.progress;
    const file = fileAt(files, offset) ?? hand.file;
    const isStopped = told.findings.length >= this.#deps.maxFindings;
    // What was left for the next turn counts as unread.
    hand.file = isStopped ? { ...file, size: offset - file.start } : file;
    const isOn = offset > before.offset || files.length > 1;
    return { findings: told.findings, moved: true, more: isOn && (more || isStopped) };
  }

  /** Nothing new was printed. */
  #rest(hand: LogInHand, now: number): Turn {
    const { log, dueAt } = hand;
    const quietMs = now - (hand.progress.lastOutputAt ?? log.attachment.statusAt);
    const isEnding = log.isOver && !hand.isExitTold && quietMs >= this.#deps.patience.paneExitedMs;
    const isDue = dueAt !== undefined && now >= dueAt && !log.isOver;
    const findings: Finding[] = [];
    if (quietMs >= QUIET_MS || isEnding) findings.push(...this.#tellTail(hand, now, isEnding));
    if (isEnding) {
      hand.isExitTold = true;
      findings.push(...this.#take(hand, tellExit(hand.progress, now)));
    } else if (isDue) {
      findings.push(...this.#take(hand, tellSilence(hand.progress, now, this.#deps.patience)));
    }
    return findings.length === 0 ? AT_REST : { findings, moved: true, more: false };
  }

  #tellTail(hand: LogInHand, now: number, isLast: boolean): readonly Finding[] {
    const { file, progress, log } = hand;
    const end = file.start + (file.size ?? 0);
    if (file.identity === undefined || end <= progress.offset) return [];
    if (hand.tailSeen === end && !isLast) return [];
    hand.tailSeen = end;
    const position = progress.offset - file.start;
    const room = this.#buffer.subarray(0, Math.min(end - progress.offset, LINE_BYTES));
    const bytes = this.#deps.files.read(
      log.attachment.path,
      { identity: file.identity, position },
      room,
    );
    if (bytes === undefined || bytes === 0) return [];
    return this.#take(hand, classifyTail(progress, this.#render(bytes, now), { isLast }));
  }

  #missing(hand: LogInHand, now: number): Turn {
    const { findings, moved } = this.#rest(hand, now);
    hand.missingSince ??= now;
    const isGone = !hand.log.isOver && now - hand.missingSince >= MISSING_MS;
    return { findings, moved, more: false, ...(isGone && { notice: 'log_file_missing' }) };
  }

  #awaitReturn(hand: LogInHand): Turn {
    if (hand.missingSince === Number.POSITIVE_INFINITY) return AT_REST;
    if (this.#deps.files.look(hand.log.attachment.path) === undefined) return AT_REST;
    hand.missingSince = Number.POSITIVE_INFINITY;
    return { ...AT_REST, notice: 'log_file_returned' };
  }

  #render(bytes: number, now: number) {
    this.#rendered.reset();
    this.#rendered.write(this.#buffer.subarray(0, bytes));
    return { rendered: this.#rendered, rawBytes: bytes, now };
  }

  #take(hand: LogInHand, { progress, findings }: Told): readonly Finding[] {
    hand.progress = progress;
    hand.dueAt = nextDue(progress, this.#deps.patience);
    return findings;
  }
}
