import type { Policy } from '../domain/policy.ts';
import type { LayoutRecord, PaneRecord } from '../domain/records.ts';
import type { Clock } from '../lib/clock.ts';
import { isSuspended } from '../plan/compute.ts';
import type { Store } from './ports.ts';
import { changePaneState, recordRemoval } from './record.ts';

/**
 * Gives up what tmux has not confirmed in all its time, in a container that cannot be seen. Only the records change:
 * a pane that turns up after all is found by its tag, as one whose row has ended, and is removed then. For that reason
 * a pane that was confirmed is never given up here: its agent is at work, and the next look decides.
 */
export function recordUnconfirmed(
  layouts: readonly LayoutRecord[],
  {
    store,
    clock,
    policy,
  }: { readonly store: Store; readonly clock: Clock; readonly policy: Policy },
): void {
  const now = clock.now();
  const overdue = layouts.flatMap((layout) =>
    layout.slots.flatMap(({ pane }) =>
      pane !== undefined && isOverdue(pane, now, policy) ? [{ layout: layout.id, pane }] : [],
    ),
  );
  if (overdue.length === 0) return;
  store.transact((tx) => {
    for (const { layout, pane } of overdue) {
      changePaneState(tx, {
        layout,
        pane,
        to: 'failed',
        stage: 'pane_create',
        patch: { endedAt: now, problem: 'its container could not be seen until its time was up' },
      });
    }
  });
}

function isOverdue({ state, epoch, createdAt }: PaneRecord, now: number, policy: Policy): boolean {
  return state === 'creating' && epoch === undefined && now - createdAt > policy.creatingTtlMs;
}

/** Closes what is being deleted and was never begun, in a container that cannot be seen: no look could find any of it. */
export function closeUnbegun(
  layouts: readonly LayoutRecord[],
  store: Pick<Store, 'transact'>,
): void {
  const unbegun = layouts.flatMap((layout) => {
    const { id, spec, deleting, slots } = layout;
    const isBegun = slots.some(({ pane }) => pane !== undefined);
    if (deleting === undefined || isBegun || isSuspended(layout)) return [];
    return { id, name: spec.name, reason: deleting.reason };
  });
  if (unbegun.length === 0) return;
  store.transact((tx) => {
    for (const layout of unbegun) recordRemoval(tx, layout);
  });
}
