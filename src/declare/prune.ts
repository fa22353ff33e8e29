import type { LayoutRecord, SourceRef } from '../domain/records.ts';
import { isLive } from '../domain/states.ts';
import { type DeclaredLayout, isSameSource, type LayoutChange } from './changes.ts';
import { diffSlots } from './slots.ts';

/** What has to be so before a source may remove what it no longer declares. */
export interface PruneGates {
  /** The source may remove at all. */
  readonly enabled: boolean;
  readonly allowEmpty: boolean;
  /** Every configured source has been applied once since start. */
  readonly allLoaded: boolean;
  /** Number of panes the operator agreed to lose. */
  readonly confirmed?: number;
  /** Narrows a prune of applied files to those files; absent means the whole source. */
  readonly inScope?: (object: { readonly source: { readonly path: string } }) => boolean;
}

export interface PruneInput extends PruneGates {
  readonly source: Pick<SourceRef, 'kind' | 'name'>;
  readonly existing: readonly LayoutRecord[];
  readonly declared: readonly DeclaredLayout[];
  readonly changes: readonly LayoutChange[];
  /** A selector of the source, edited or withdrawn, gave it to its container and does not choose that any more. */
  readonly isUnmatched: (layout: LayoutRecord) => boolean;
  /** Nothing else of the source is looked at. */
  readonly onlyUnmatched?: boolean;
  /** The source declares nothing at all, not even for containers that are not there. */
  readonly isEmpty: boolean;
}

export type PruneDecision =
  | { readonly kind: 'allowed'; readonly layouts: readonly LayoutRecord[] }
  | {
      readonly kind: 'blocked';
      readonly layouts: readonly LayoutRecord[];
      readonly wouldKill: number;
      readonly allowed: number;
      readonly message: string;
    };

/** Below this many panes a prune is never suspicious. */
const SMALL_PRUNE = 3;

/**
 * What a source's layouts that it no longer declares may suffer. Every gate must be open: a source that turned up
 * empty, or would take more than half of its live panes with it, is more likely broken than meant.
 */
export function decidePrune(input: PruneInput): PruneDecision {
  const { existing, source, declared } = input;
  const owned = existing.filter(
    (layout) =>
      isSameSource(layout.source, { ...source, path: '' }) && layout.deleting === undefined,
  );
  const names = new Set(declared.map(({ container, spec }) => `${container}/${spec.name}`));
  const gone = owned.filter(({ container, spec }) => !names.has(`${container}/${spec.name}`));
  const { enabled, inScope = () => true, isUnmatched, onlyUnmatched = false } = input;
  // Whoever applies one declaration says by its selector where it is to be, and where not.
  const layouts = gone.filter(
    (layout) =>
      (enabled && inScope(layout) && (!onlyUnmatched || isUnmatched(layout))) ||
      (source.kind === 'apply' && isUnmatched(layout)),
  );
  if (layouts.length === 0) return { kind: 'allowed', layouts: [] };

  const wouldKill = sum(layouts.map(countLive)) + sum(input.changes.map(countDropped));
  const allowed = Math.max(SMALL_PRUNE, Math.floor(sum(owned.map(countLive)) / 2));
  const problem = findProblem(input, { wouldKill, allowed });
  if (problem === undefined) return { kind: 'allowed', layouts };
  return { kind: 'blocked', layouts, wouldKill, allowed, message: problem };
}

function findProblem(
  input: PruneInput,
  { wouldKill, allowed }: { readonly wouldKill: number; readonly allowed: number },
): string | undefined {
  const { source, isEmpty, allowEmpty, allLoaded, confirmed } = input;
  // No count can confirm what is not known yet: another source may still declare these layouts.
  if (!allLoaded) {
    return `nothing is removed before every source has loaded once since the daemon started`;
  }
  if (confirmed === wouldKill) return undefined;
  const confirm = `confirm with --confirm-prune ${wouldKill}`;
  if (confirmed !== undefined) {
    return `${confirmed} panes were confirmed, but ${wouldKill} would be removed; ${confirm}`;
  }
  if (isEmpty && !allowEmpty) {
    return `source ${source.name} declares nothing any more and its ${wouldKill} live panes are kept; set allow_empty, or ${confirm}`;
  }
  if (wouldKill > allowed) {
    return `source ${source.name} would remove ${wouldKill} live panes, more than ${allowed} (half of what it has); ${confirm}`;
  }
  return undefined;
}

function countLive(layout: LayoutRecord): number {
  return layout.slots.filter(({ pane }) => pane !== undefined && isLive(pane.state)).length;
}

function countDropped(change: LayoutChange): number {
  if (change.kind !== 'configure') return 0;
  const { dropped } = diffSlots(change.before, change.declared.spec);
  return dropped.filter(({ before: { pane } }) => pane !== undefined && isLive(pane.state)).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
