import { closeSync, fstatSync, renameSync, writeSync } from 'node:fs';
import { type Clock, toTimestamp } from '../../lib/clock.ts';
import type { Log, LogFields, LogLevel } from '../../lib/log.ts';
import { openPrivateFile } from './safe-files.ts';

export interface LifecycleLog {
  /** Appends `timestamp⇥level=…⇥event=…⇥key=value…`. Never throws: a full disk must not stop the daemon. */
  readonly write: Log;
  close(): void;
}

export interface LifecycleLogOptions {
  readonly file: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Size at which `file` becomes `file.1`; default 10 MiB. */
  readonly maxBytes?: number;
  /** How a line reaches the file; returns the bytes written. */
  readonly append?: (descriptor: number, line: string) => number;
}

const MAX_BYTES = 10 * 1024 * 1024;
/** `file.1` is the newest of those kept. */
const KEPT_FILES = 3;
const MAX_VALUE_LENGTH = 8_192;

/** Opens the daemon's own log (0600, append). Throws `path_unsafe`. */
export function openLifecycleLog(options: LifecycleLogOptions): LifecycleLog {
  const { file, clock, maxBytes = MAX_BYTES, append = writeSync } = options;
  let descriptor = openPrivateFile(file);
  let size = fstatSync(descriptor).size;
  let lost = 0;
  let isOpen = true;

  function rotate(): void {
    // Before the attempt: if it fails, lines go on into the old file and the next attempt is one size away.
    size = 0;
    try {
      for (let older = KEPT_FILES; older >= 1; older -= 1) {
        renameIfPresent(older === 1 ? file : `${file}.${older - 1}`, `${file}.${older}`);
      }
      const fresh = openPrivateFile(file);
      closeSync(descriptor);
      descriptor = fresh;
    } catch {
      lost += 1;
    }
  }

  function write(level: LogLevel, event: string, fields: LogFields = {}): void {
    if (!isOpen) return;
    const counted = lost === 0 ? fields : { ...fields, lines_lost_before: lost };
    const line = renderLine(toTimestamp(clock.now()), level, event, counted);
    try {
      if (size >= maxBytes) rotate();
      size += append(descriptor, line);
      lost = 0;
    } catch {
      lost += 1;
    }
  }

  function close(): void {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  }

  return { write, close };
}

function renderLine(at: string, level: LogLevel, event: string, fields: LogFields): string {
  const columns = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${escape(String(value))}`);
  return `${[at, `level=${level}`, `event=${event}`, ...columns].join('\t')}\n`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

/** One line stays one line, and a terminal that shows it stays as it is. */
function escape(value: string): string {
  return value
    .slice(0, MAX_VALUE_LENGTH)
    .replaceAll(
      /[\\\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
      (char) => ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}

function renameIfPresent(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
