import type { LineRenderer } from '../logs/line-renderer.ts';
import { TRUNCATION_MARKER, toExcerpt } from './excerpt.ts';
import type { ActivityWindow, Finding, Progress, Span } from './ports.ts';
import { BEFORE_LONG_RUNNING, classifyLine, RULE_WORDS } from './rules.ts';
import { closeWindow, type Patience, type Told } from './silence.ts';

/** A line is taken as a whole up to here; what a longer one says further on is counted and not looked at. */
export const LINE_BYTES = 64 * 1_024;

/** A piece of a log that begins at `Progress.offset`, rendered. */
export interface Piece {
  readonly rendered: LineRenderer;
  /** Raw bytes it was rendered from. */
  readonly rawBytes: number;
  readonly now: number;
}

export interface ClassifyOptions {
  readonly patience: Patience;
  /** After so many findings the rest of the piece is left for the next time. */
  readonly maxFindings: number;
  readonly newWindowId: () => string;
}

/** What a piece of a log tells, and how far it was told of: to the end of its last whole line, or of a very long one. */
export function classifyPiece(progress: Progress, piece: Piece, options: ClassifyOptions): Told {
  const { findings, progress: before } = closeWindow(progress, piece.now, options.patience);
  return new Reading(before, piece, { ...options, findings: [...findings] }).run();
}

/**
 * A prompt waits at the end of a line that is never ended: told of when such a line has been quiet, and from then on
 * the prompt counts as a line of its own. What a pane printed last before its end is a line whatever it says.
 */
export function classifyTail(
  progress: Progress,
  { rendered, rawBytes }: Piece,
  { isLast }: { readonly isLast: boolean },
): Told {
  const line = rendered.bytes.toString('utf8', 0, rendered.length);
  const rule = classifyLine(line);
  const isTold = isLast || rule?.type === 'waiting_for_input';
  if (rule === undefined || !isTold || rendered.count > 0 || progress.isInsideLine) {
    return { findings: [], progress };
  }
  const { offset, line: number } = progress;
  const end = offset + rawBytes;
  const span = { byteStart: offset, byteEnd: end, lineStart: number, lineEnd: number };
  return {
    findings: [{ type: rule.type, ruleId: rule.id, span, excerpt: toExcerpt(line) }],
    progress: { ...progress, offset: end, isSilenceNews: false },
  };
}

type ReadingOptions = ClassifyOptions & { readonly findings: Finding[] };

/** One walk over the lines of one piece. */
class Reading {
  readonly #from: Progress;
  readonly #piece: Piece;
  readonly #options: ReadingOptions;
  #isInsideLine: boolean;
  #isSilenceNews: boolean;
  #quiet: { first: number; last: number; count: number } | undefined;

  constructor(from: Progress, piece: Piece, options: ReadingOptions) {
    this.#from = from;
    this.#piece = piece;
    this.#options = options;
    this.#isInsideLine = from.isInsideLine;
    this.#isSilenceNews = from.isSilenceNews;
  }

  run(): Told {
    const { count } = this.#piece.rendered;
    const stoppedAt = this.#readLines();
    const isComplete = stoppedAt === count;
    const isCut = isComplete && this.#piece.rawBytes - this.#rawEnd(count - 1) >= LINE_BYTES;
    if (isCut) {
      this.#readLine(count);
      this.#isInsideLine = true;
    }
    const offset = isCut ? this.#piece.rawBytes : this.#rawEnd(stoppedAt - 1);
    const progress: Progress = {
      offset: this.#from.offset + offset,
      line: this.#from.line + stoppedAt,
      isInsideLine: this.#isInsideLine,
      isSilenceNews: this.#isSilenceNews,
      lastOutputAt: this.#piece.now,
      ...this.#windowAfter(),
    };
    return { findings: this.#options.findings, progress };
  }

  /** Answers the first line that was not read. */
  #readLines(): number {
    const { bytes, ends, count } = this.#piece.rendered;
    const marked = this.#markLines();
    let start = 0;
    for (let line = 0; line < count; line += 1) {
      const end = ends[line] as number;
      const isCandidate = marked[line] === 1 || (end > start && looksLikePrompt(bytes, start, end));
      if (this.#isInsideLine) this.#endLongLine(line);
      else if (isCandidate && this.#isFull()) return line;
      else if (isCandidate) this.#readLine(line);
      else if (end > start) this.#countActivity(line);
      start = end;
    }
    return count;
  }

  #isFull(): boolean {
    return this.#options.findings.length >= this.#options.maxFindings;
  }

  /** 1 for each line that holds a word of the rules. */
  #markLines(): Uint8Array {
    const { bytes, ends, count, length } = this.#piece.rendered;
    const marked = new Uint8Array(count + 1);
    const text = bytes.toString('latin1', 0, length);
    let line = 0;
    RULE_WORDS.lastIndex = 0;
    for (let match = RULE_WORDS.exec(text); match !== null; match = RULE_WORDS.exec(text)) {
      while (line < count && (ends[line] as number) <= match.index) line += 1;
      marked[line] = 1;
      // Lines follow each other without a gap: what looks like a word may be the end of one and the start of the next.
      const end = match.index + match[0].length;
      for (let next = line; next < count && (ends[next] as number) < end; next += 1)
        marked[next + 1] = 1;
    }
    return marked;
  }

  #readLine(line: number): void {
    if (this.#isInsideLine) {
      this.#countActivity(line);
      return;
    }
    const text = this.#text(line);
    const rule = classifyLine(text);
    if (rule === undefined) return;
    if (rule.type === 'activity') {
      this.#countActivity(line);
      return;
    }
    const excerpt = toExcerpt(text);
    this.#options.findings.push({
      type: rule.type,
      ruleId: rule.id,
      span: this.#span(line, line),
      excerpt,
    });
    this.#isSilenceNews = BEFORE_LONG_RUNNING.has(rule.type);
  }

  #endLongLine(line: number): void {
    this.#countActivity(line);
    this.#isInsideLine = false;
  }

  #countActivity(line: number): void {
    if (this.#quiet === undefined) this.#quiet = { first: line, last: line, count: 0 };
    this.#quiet.count += 1;
    this.#quiet.last = line;
  }

  #windowAfter(): { readonly window?: ActivityWindow } {
    const { window } = this.#from;
    const quiet = this.#quiet;
    if (quiet === undefined) return window === undefined ? {} : { window };
    const span = this.#span(quiet.first, quiet.last);
    const excerpt = this.#excerptOf(quiet.last) ?? window?.excerpt ?? TRUNCATION_MARKER;
    if (window === undefined) {
      const { now } = this.#piece;
      const id = this.#options.newWindowId();
      return { window: { id, startedAt: now, count: quiet.count, span, excerpt } };
    }
    const { byteStart, lineStart } = window.span;
    return {
      window: {
        ...window,
        count: window.count + quiet.count,
        span: { ...span, byteStart, lineStart },
        excerpt,
      },
    };
  }

  /** The rest of a line whose beginning was shown could show half a secret: none of it is. */
  #excerptOf(line: number): string | undefined {
    const isRest = this.#from.isInsideLine && line === 0;
    return isRest ? undefined : toExcerpt(this.#text(line));
  }

  #span(first: number, last: number): Span {
    const { offset, line } = this.#from;
    const { count } = this.#piece.rendered;
    const end = last === count ? this.#piece.rawBytes : this.#rawEnd(last);
    return {
      byteStart: offset + this.#rawEnd(first - 1),
      byteEnd: offset + end,
      lineStart: line + first,
      lineEnd: line + Math.min(last + 1, count),
    };
  }

  #rawEnd(line: number): number {
    return line < 0 ? 0 : (this.#piece.rendered.rawEnds[line] as number);
  }

  #text(line: number): string {
    const { bytes, ends, count, length } = this.#piece.rendered;
    const start = line === 0 ? 0 : (ends[line - 1] as number);
    return bytes.toString('utf8', start, line === count ? length : ends[line]);
  }
}

/** Whether a line may match the rule for prompts, by its last byte that is no space. */
function looksLikePrompt(bytes: Buffer, start: number, end: number): boolean {
  let at = end - 1;
  while (at > start && isSpace(bytes[at])) at -= 1;
  const last = bytes[at];
  return last === 0x3f || last === 0x3e || last === 0x5d || last === 0x29;
}

/** A blank, a tab, or either byte of a no-break space. */
function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0xa0 || byte === 0xc2;
}
