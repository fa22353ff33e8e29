import { ARRANGEMENT_NAMES } from '../domain/arrangement.ts';
import type { ProblemText } from './source-text.ts';

/** Why tmux would refuse a layout string for this many panes, or `undefined` when it would not. Names are fine. */
export function arrangementMistake(
  arrangement: string,
  paneCount: number,
): ProblemText | undefined {
  if (ARRANGEMENT_NAMES.some((name) => name === arrangement)) return undefined;
  const checksum = arrangement.slice(0, 4);
  const cells = arrangement.slice(5);
  if (checksum !== checksumOf(cells)) {
    return {
      message: 'the checksum of the layout string does not fit the rest of it',
      hint: 'copy it whole, as "tmux display-message -p \'#{window_layout}\'" prints it',
    };
  }
  // A cell that holds others is followed by a bracket, one that holds a pane by the number of the pane.
  const room = cells.match(/\d+x\d+,\d+,\d+(?![\d[{])/g)?.length ?? 0;
  if (room >= paneCount) return undefined;
  return { message: `the layout string has room for ${room} of ${paneCount} panes` };
}

/** tmux's own: a 16-bit sum that is rotated before each character is added. */
function checksumOf(cells: string): string {
  let sum = 0;
  for (let index = 0; index < cells.length; index++) {
    sum = (sum >> 1) + ((sum & 1) << 15);
    sum = (sum + cells.charCodeAt(index)) & 0xffff;
  }
  return sum.toString(16).padStart(4, '0');
}
