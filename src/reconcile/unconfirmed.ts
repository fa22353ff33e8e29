import type { Policy } from '../domain/policy.ts';
import type { LayoutRecord } from '../domain/records.ts';
import type { Clock } from '../lib/clock.ts';
import type { Store } from './ports.ts';
import { changePaneState } from './record.ts';

/**
 * Gives up what is still `creating` after all its time in a container that cannot be seen. Only the records change:
 * a pane that turns up after all is found by its tag, as one whose row has ended, and is removed then.
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
      pane?.state === 'creating' && now - pane.createdAt > policy.creatingTtlMs
        ? [{ layout: layout.id, pane }]
        : [],
    ),
  );
  if (overdue.length === 0) return;
  store.transact((tx) => {
    for (const { layout, pane } of overdue) {
      changePaneState(tx, {
        layout,
        pane,
        to: 'failed',
        stage: pane.epoch === undefined ? 'pane_create' : 'registration',
        patch: { endedAt: now, problem: 'its container could not be seen until its time was up' },
      });
    }
  });
}
