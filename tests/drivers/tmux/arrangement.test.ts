import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrangementProblem, layoutChecksum } from '../../../src/domain/arrangement.ts';
import { startRealTmux } from '../../support/real-tmux.ts';
import { tmuxSince } from '../../support/this-tmux.ts';

/** Trees of cells, most of them sound: a size, split into two here and there, with a slip now and then. */
const tree = fc
  .record({ splits: fc.array(fc.boolean(), { maxLength: 5 }), slip: fc.option(fc.nat(60)) })
  .map(({ splits, slip }) => {
    const text = renderTree({ width: 120, height: 60, x: 0, y: 0 }, splits);
    return slip === null ? text : `${text.slice(0, slip)}9${text.slice(slip + 1)}`;
  });

test('tmux prints what we take for an arrangement, and survives every one we let through', async () => {
  const real = startRealTmux();
  try {
    await real.server.look();
    await real.tmux('new-session', '-d', '-s', 'w', '-x', '120', '-y', '60', 'sleep', '1000');
    let taken = 0;
    for (let panes = 2; panes <= 6; panes += 1) {
      await real.tmux('split-window', '-t', '=w:', 'sleep', '1000');
      await real.tmux('select-layout', '-t', '=w:', 'tiled');
      const printed = await real.tmux('display-message', '-p', '-t', '=w:', '#{window_layout}');
      // Older ones print cells that do not fit together, and may die of such; we take none of those.
      const isSound = arrangementProblem(printed) === undefined;
      expect(isSound || !tmuxSince('3.0')).toBe(true);
    }
    const pid = await real.serverPid();
    await fc.assert(
      fc.asyncProperty(tree, async (cells) => {
        const text = `${layoutChecksum(cells)},${cells}`;
        fc.pre(arrangementProblem(text) === undefined);
        await real.tmux('select-layout', '-t', '=w:', text).then(
          () => {
            taken += 1;
          },
          () => undefined,
        );
        expect(await real.serverPid()).toBe(pid);
      }),
      { numRuns: 50 },
    );
    expect(taken).toBeGreaterThan(0);
  } finally {
    await real.stop();
  }
}, 60_000);

interface Cell {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
}

/** Splits the last cell again and again, side by side or one above the other. */
function renderTree(cell: Cell, splits: readonly boolean[]): string {
  const { width, height, x, y } = cell;
  const place = `${width}x${height},${x},${y}`;
  const [isRow, ...rest] = splits;
  if (isRow === undefined) return `${place},1`;
  const first = isRow
    ? { ...cell, width: Math.floor((width - 1) / 2) }
    : { ...cell, height: Math.floor((height - 1) / 2) };
  const second = isRow
    ? { ...cell, x: x + first.width + 1, width: width - first.width - 1 }
    : { ...cell, y: y + first.height + 1, height: height - first.height - 1 };
  const children = `${renderTree(first, [])},${renderTree(second, rest)}`;
  return isRow ? `${place}{${children}}` : `${place}[${children}]`;
}
