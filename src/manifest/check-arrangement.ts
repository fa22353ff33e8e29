import { ARRANGEMENT_NAMES, arrangementProblem } from '../domain/arrangement.ts';
import type { ProblemText } from './source-text.ts';

/** Why tmux would refuse a layout string for this many panes, or `undefined` when it would not. Names are fine. */
export function arrangementMistake(
  arrangement: string,
  paneCount: number,
): ProblemText | undefined {
  if (ARRANGEMENT_NAMES.some((name) => name === arrangement)) return undefined;
  if (arrangementProblem(arrangement) !== undefined) {
    return {
      message: 'the layout string is damaged: its checksum or its cells do not fit together',
      hint: 'copy it whole, as "tmux display-message -p \'#{window_layout}\'" prints it',
    };
  }
  // A cell that holds others is followed by a bracket, one that holds a pane by the number of the pane.
  const room = arrangement.match(/\d+x\d+,\d+,\d+(?![\d[{])/g)?.length ?? 0;
  if (room >= paneCount) return undefined;
  return { message: `the layout string has room for ${room} of ${paneCount} panes` };
}
