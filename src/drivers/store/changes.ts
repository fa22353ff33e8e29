import type { ContainerId, LayoutId } from '../../domain/ids.ts';

/** What the transaction under way has touched so far, for the cache to forget once it commits. */
export interface Changes {
  readonly layouts: Set<LayoutId>;
  /** Containers that gained a layout. */
  readonly containers: Set<ContainerId>;
  /** Whether anything was written at all. */
  any: boolean;
}

/** Nothing written yet. */
export function emptyChanges(): Changes {
  return { layouts: new Set(), containers: new Set(), any: false };
}

/** Makes ready for the next transaction. */
export function clearChanges(changes: Changes): void {
  changes.layouts.clear();
  changes.containers.clear();
  changes.any = false;
}
