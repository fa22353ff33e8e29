import type { Observation } from '../domain/observed.ts';
import type { LayoutRecord } from '../domain/records.ts';
import type { Transaction } from './ports.ts';

/**
 * Tells, after the first look since the daemon started, which recorded panes were found again and which were not.
 * `before` is what was recorded then. Says nothing about a container that could not be seen.
 */
export function recordRecovery(
  tx: Transaction,
  before: readonly LayoutRecord[],
  observation: Observation,
): void {
  if (observation.kind !== 'seen') return;
  const standing = new Set(observation.panes.map(({ paneId }) => paneId));
  for (const layout of before) {
    const settled = layout.slots.flatMap(({ pane }) =>
      pane?.state === 'ready' || pane?.state === 'degraded' ? [pane.id] : [],
    );
    const found = settled.filter((id) => standing.has(id));
    const lost = settled.filter((id) => !standing.has(id));
    const scope = { actor: 'daemon', layoutId: layout.id } as const;
    if (found.length > 0) {
      const payload = { reattached_pane_ids: found };
      tx.emit({ type: 'managed_layout_recovery_reattached', ...scope, payload });
    }
    if (lost.length > 0) {
      const payload = { failed_pane_ids: lost, failed_stage: 'recovery_reattach' } as const;
      tx.emit({ type: 'managed_layout_recovery_failed', ...scope, payload });
    }
  }
}
