/**
 * What a terminal would show of a program's output, line by line: escape sequences, control characters and what a
 * carriage return or a backspace took back are gone. Works on bytes, which may come in pieces of any size. A sequence
 * never reaches over the end of a line, so that nothing that was said of one line can swallow the next.
 */
export class LineRenderer {
  /** Rendered bytes of the lines since `clear`, one after the other, then those of the line that is not ended yet. */
  bytes: Buffer = Buffer.allocUnsafe(FIRST_CAPACITY);
  /** Where each ended line ends in `bytes`; it begins where the one before it ends. */
  ends: Int32Array = new Int32Array(1_024);
  /** How many raw bytes had been written when each line ended, its newline included. */
  rawEnds: Float64Array = new Float64Array(1_024);
  /** How many lines have ended since `clear`. */
  count = 0;

  #length = 0;
  #lineStart = 0;
  #rawSeen = 0;
  #state: number = GROUND;
  #isReturned = false;
  readonly #maxLineBytes: number;

  /** Of a longer line only the beginning is kept. */
  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** End of the rendered bytes of the line that is not ended yet. */
  get length(): number {
    return this.#length;
  }

  /** Forgets everything: what comes next begins a line. */
  reset(): void {
    this.count = 0;
    this.#length = 0;
    this.#lineStart = 0;
    this.#rawSeen = 0;
    this.#state = GROUND;
    this.#isReturned = false;
  }

  /** Forgets the ended lines and keeps the one that is not. */
  clear(): void {
    this.bytes.copyWithin(0, this.#lineStart, this.#length);
    this.#length -= this.#lineStart;
    this.#lineStart = 0;
    this.count = 0;
  }

  /** Renders more of the output. */
  write(raw: Uint8Array): void {
    this.#reserve(raw.length);
    const size = raw.length;
    for (let at = 0; at < size; at += 1) {
      if (this.#state === GROUND && !this.#isReturned) at = this.#copyPlain(raw, at);
      if (at < size) this.#step(raw[at] as number, at);
    }
    this.#cutLongLine();
    this.#rawSeen += size;
  }

  /** Most bytes by far come this way. Answers the place of the first that does not. */
  #copyPlain(raw: Uint8Array, from: number): number {
    const { bytes } = this;
    const size = raw.length;
    let length = this.#length;
    let at = from;
    for (; at < size; at += 1) {
      const byte = raw[at] as number;
      if (IS_PLAIN[byte] !== 1) break;
      bytes[length] = byte;
      length += 1;
    }
    this.#length = length;
    return at;
  }

  /** One byte that needs a decision. `at` is its place in the piece being written. */
  #step(byte: number, at: number): void {
    if (byte === NEWLINE) this.#endLine(at);
    else if (this.#state === GROUND) this.#ground(byte);
    else if (this.#state === AFTER_ESCAPE) this.#state = afterEscape(byte);
    else if (this.#state === AFTER_LEAD) this.#afterLead(byte);
    else if (this.#state <= IN_PRIVATE_CONTROL) this.#control(byte);
    else this.#state = insideString(this.#state, byte);
  }

  #ground(byte: number): void {
    if (byte === ESCAPE) this.#state = AFTER_ESCAPE;
    else if (byte === LEAD_C2) this.#state = AFTER_LEAD;
    else if (byte === CARRIAGE_RETURN) this.#isReturned = true;
    else if (byte === BACKSPACE) this.#takeBack();
    else if (IS_PLAIN[byte] === 1) this.#put(byte);
  }

  /** U+0080 to U+009F are controls too, some of them openings of sequences. */
  #afterLead(byte: number): void {
    this.#state = GROUND;
    if (byte === 0x9b) this.#state = IN_CONTROL;
    else if (STRING_OPENERS.has(byte - 0x40)) this.#state = IN_STRING;
    else if (byte >= 0xa0 && byte <= 0xbf) {
      this.#put(LEAD_C2);
      this.#put(byte);
    } else if (byte < 0x80 || byte > 0x9f) {
      // Alone it means nothing, and must not meet what comes later and mean something then.
      this.#put(NO_CHARACTER);
      this.#ground(byte);
    }
  }

  #control(byte: number): void {
    if (byte >= 0x40 && byte <= 0x7e) {
      if (this.#state === IN_CONTROL && CURSOR_MOVES.has(byte)) this.#putGap();
      this.#state = GROUND;
    } else if (byte === ESCAPE) this.#state = AFTER_ESCAPE;
    else if (byte === CANCEL || byte === SUBSTITUTE) this.#state = GROUND;
    else if (byte >= 0x80) {
      this.#state = GROUND;
      this.#ground(byte);
    } else if (byte >= 0x3c && byte <= 0x3f) this.#state = IN_PRIVATE_CONTROL;
  }

  #put(byte: number): void {
    if (this.#isReturned) {
      this.#length = this.#lineStart;
      this.#isReturned = false;
    }
    this.bytes[this.#length] = byte;
    this.#length += 1;
  }

  /** Words that a moving cursor sets apart stay apart. */
  #putGap(): void {
    if (this.#isReturned || this.#length === this.#lineStart) return;
    if (this.bytes[this.#length - 1] !== SPACE) this.#put(SPACE);
  }

  /** Takes back one character, however many bytes it has. */
  #takeBack(): void {
    if (this.#isReturned) return;
    let byte: number | undefined;
    do {
      if (this.#length === this.#lineStart) return;
      this.#length -= 1;
      byte = this.bytes[this.#length];
    } while (byte !== undefined && byte >= 0x80 && byte < 0xc0);
  }

  #endLine(at: number): void {
    this.#cutLongLine();
    if (this.count === this.ends.length) this.#growTables();
    this.ends[this.count] = this.#length;
    this.rawEnds[this.count] = this.#rawSeen + at + 1;
    this.count += 1;
    this.#lineStart = this.#length;
    this.#state = GROUND;
    this.#isReturned = false;
  }

  #cutLongLine(): void {
    this.#length = Math.min(this.#length, this.#lineStart + this.#maxLineBytes);
  }

  /** Nothing renders to more bytes than it has, save for a lead byte held back from the piece before. */
  #reserve(rawBytes: number): void {
    const needed = this.#length + rawBytes + 8;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.bytes.length));
    this.bytes.copy(grown, 0, 0, this.#length);
    this.bytes = grown;
  }

  #growTables(): void {
    const [ends, rawEnds] = [new Int32Array(2 * this.count), new Float64Array(2 * this.count)];
    ends.set(this.ends);
    rawEnds.set(this.rawEnds);
    this.ends = ends;
    this.rawEnds = rawEnds;
  }
}

const FIRST_CAPACITY = 64 * 1_024;

const GROUND = 0;
const AFTER_ESCAPE = 1;
const IN_CONTROL = 2;
const IN_PRIVATE_CONTROL = 3;
const IN_STRING = 4;
const AFTER_STRING_ESCAPE = 5;
const AFTER_STRING_LEAD = 6;
const AFTER_LEAD = 7;

const BELL = 0x07;
const BACKSPACE = 0x08;
const TAB = 0x09;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CANCEL = 0x18;
const SUBSTITUTE = 0x1a;
const ESCAPE = 0x1b;
const SPACE = 0x20;
const BACKSLASH = 0x5c;
/** First byte of U+0080 to U+00BF. */
const LEAD_C2 = 0xc2;
/** A byte that stands nowhere in UTF-8. */
const NO_CHARACTER = 0xff;

/** After an escape or, 0x40 further up, alone: DCS, SOS, OSC, PM, APC. */
const STRING_OPENERS: ReadonlySet<number> = new Set([0x50, 0x58, 0x5d, 0x5e, 0x5f]);
/** CUU, CUD, CUF, CNL, CPL, CHA, CUP, HPA, VPA, HVP. */
const CURSOR_MOVES: ReadonlySet<number> = new Set(Buffer.from('ABCEFGH`df'));

/** Bytes that render as themselves. */
const IS_PLAIN: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === TAB || (byte >= 0x20 && byte !== 0x7f && byte !== LEAD_C2) ? 1 : 0,
);

/** What follows a byte in a title, a link or a device's data, which end with a bell or a string terminator. */
function insideString(state: number, byte: number): number {
  if (state === AFTER_STRING_LEAD && byte === 0x9c) return GROUND;
  // The backslash of the terminator; anything else is an escape sequence that ends the string too.
  if (state === AFTER_STRING_ESCAPE) return byte === BACKSLASH ? GROUND : afterEscape(byte);
  if (byte === ESCAPE) return AFTER_STRING_ESCAPE;
  if (byte === LEAD_C2) return AFTER_STRING_LEAD;
  const isEnd = state === IN_STRING && (byte === BELL || byte === CANCEL || byte === SUBSTITUTE);
  return isEnd ? GROUND : IN_STRING;
}

function afterEscape(byte: number): number {
  if (byte === 0x5b) return IN_CONTROL;
  if (STRING_OPENERS.has(byte)) return IN_STRING;
  if (byte === ESCAPE) return AFTER_ESCAPE;
  // Intermediates of a sequence like ESC ( B; other controls inside are as if they were not there.
  return byte < 0x30 && byte !== CANCEL && byte !== SUBSTITUTE ? AFTER_ESCAPE : GROUND;
}
