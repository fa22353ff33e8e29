import type { OutputStream } from './world.ts';

/** Lines at the bottom of a terminal that are drawn again in place. */
export interface LiveRegion {
  /** Replaces what was drawn before. Lines must not be wider than the terminal. */
  draw(lines: readonly string[]): void;
  /** Puts lines above the region, where they stay. */
  printAbove(lines: readonly string[]): void;
  /** Leaves what was drawn last and shows the cursor again. */
  close(): void;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_BELOW = '\u001b[J';

/** Opens a live region on a terminal. One write per drawing, so that it does not flicker. */
export function openLiveRegion(stream: OutputStream): LiveRegion {
  let drawn: readonly string[] = [];
  let isHidden = false;
  const rewind = (): string => (drawn.length > 0 ? `\u001b[${drawn.length}A\r${CLEAR_BELOW}` : '');
  const hide = (): string => (isHidden ? '' : HIDE_CURSOR);
  return {
    draw(lines) {
      if (isHidden && lines.join('\n') === drawn.join('\n')) return;
      stream.write(`${hide()}${rewind()}${toBlock(lines)}`);
      isHidden = true;
      drawn = lines;
    },
    printAbove(lines) {
      if (lines.length > 0) stream.write(`${rewind()}${toBlock(lines)}${toBlock(drawn)}`);
    },
    close() {
      if (isHidden) stream.write(SHOW_CURSOR);
      isHidden = false;
      drawn = [];
    },
  };
}

function toBlock(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
