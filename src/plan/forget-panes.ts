import type { ScannedPane } from '../domain/found-pane.ts';
import type { ContainerId } from '../domain/ids.ts';

const DAY_MS = 86_400_000;
/** How long panes that are gone stay listed, and how many of each container at most. */
const KEPT = { ms: 7 * DAY_MS, ofEach: 200 };

/** The panes, of those that are gone, which have been so for longest: nobody asks after them any more. */
export function forgettablePanes(
  panes: readonly ScannedPane[],
  now: number,
): readonly ScannedPane[] {
  const kept = new Map<ContainerId, number>();
  return panes
    .filter(({ active }) => !active)
    .toSorted((a, b) => b.lastScannedAt - a.lastScannedAt)
    .filter(({ container, lastScannedAt }) => {
      const before = kept.get(container) ?? 0;
      kept.set(container, before + 1);
      return before >= KEPT.ofEach || now - lastScannedAt > KEPT.ms;
    });
}
