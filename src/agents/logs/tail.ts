import { LineRenderer } from './line-renderer.ts';
import type { LogFiles, SeenFile } from './ports.ts';
import type { Place } from './read-chain.ts';
import { redactLine } from './redact.ts';

/** How far back the end of a log is looked for; longer ends are shown in part. */
const TAIL_BYTES = 8 * 1_024 * 1_024;
const BLOCK_BYTES = 64 * 1_024;
const SHOWN_LINE_BYTES = 64 * 1_024;

/** The place where the last `lines` lines of a log begin; `undefined` when there is no file. */
export function tailPlace(files: LogFiles, path: string, lines: number): Place | undefined {
  const newest = files.look(path);
  if (newest === undefined) return undefined;
  const candidates = [{ ...newest, path }, ...files.rotated(path)];
  let wanted = lines;
  let place = placeIn(path, newest, newest.size);
  for (const file of candidates) {
    // A line that goes on in the next file was counted there.
    if (file.path !== path && !endsLine(files, file)) wanted += 1;
    const { position, found } = lastLines(files, file, wanted);
    place = placeIn(path, file, position);
    wanted -= found;
    if (wanted <= 0) break;
  }
  return place;
}

/** A line of a log as people see it. */
function showLine(line: string): string {
  const shown = redactLine(line);
  return Buffer.byteLength(line) >= SHOWN_LINE_BYTES ? `${shown}…` : shown;
}

/** Renders what is written to it, and gives each whole line to `onLine`, without its secrets. */
export function openLineView(onLine: (line: string) => void) {
  const rendered = new LineRenderer(SHOWN_LINE_BYTES);
  const line = (from: number, to: number): string =>
    showLine(rendered.bytes.toString('utf8', from, to));
  return {
    write: (raw: Uint8Array): void => {
      rendered.write(raw);
      let start = 0;
      for (let index = 0; index < rendered.count; index += 1) {
        const end = rendered.ends[index] as number;
        onLine(line(start, end));
        start = end;
      }
      rendered.clear();
    },
    /** The line that is not ended yet, as far as it goes. */
    rest: (): string => line(0, rendered.length),
  };
}

function placeIn(path: string, file: SeenFile, position: number): Place {
  const { identity, modifiedAt } = file;
  return {
    path,
    file: { identity, modifiedAt, size: position, start: 0 },
    offset: position,
    attachedAt: 0,
  };
}

function endsLine(files: LogFiles, file: SeenFile & { readonly path: string }): boolean {
  const last = Buffer.alloc(1);
  const { identity, size } = file;
  const got = size > 0 ? files.read(file.path, { identity, position: size - 1 }, last) : 0;
  return got !== 1 || last[0] === 0x0a;
}

/** Where the last lines of one file begin, and how many of those wanted there were. */
function lastLines(
  files: LogFiles,
  file: SeenFile & { readonly path: string },
  wanted: number,
): { readonly position: number; readonly found: number } {
  const floor = Math.max(0, file.size - TAIL_BYTES);
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let found = 0;
  for (let end = file.size; end > floor; ) {
    const position = Math.max(floor, end - BLOCK_BYTES);
    const room = block.subarray(0, end - position);
    const got = files.read(file.path, { identity: file.identity, position }, room) ?? 0;
    for (let at = got - 1; at >= 0; at -= 1) {
      if (room[at] !== 0x0a || position + at === file.size - 1) continue;
      found += 1;
      if (found >= wanted) return { position: position + at + 1, found };
    }
    end = position;
  }
  return { position: floor, found: file.size === 0 ? 0 : found + 1 };
}
