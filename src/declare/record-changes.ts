import type { ContainerId, LayoutId, SlotId } from '../domain/ids.ts';
import type { LayoutRecord } from '../domain/records.ts';
import { replaceHash } from '../domain/spec.ts';
import type { Ids, Transaction } from '../reconcile/ports.ts';
import { type DeclaredLayout, describeSource, type LayoutChange } from './changes.ts';
import { diffSlots } from './slots.ts';

export interface RecordDeps {
  readonly ids: Pick<Ids, 'uuid'>;
  /** What clients of the socket know a container by. */
  readonly wireContainerId: (container: ContainerId) => string;
}

/** Writes declarations into the desired state. The loop does the rest. */
export function recordChange(tx: Transaction, change: LayoutChange, deps: RecordDeps): void {
  const { ids } = deps;
  switch (change.kind) {
    case 'create':
      recordNew(tx, change.declared, deps);
      return;
    case 'configure':
      recordConfigured(tx, change, ids);
      return;
    case 'conflict':
      if (change.before.ownershipConflict !== change.message) {
        tx.updateLayout(change.before.id, { ownershipConflict: change.message });
      }
      return;
    case 'unchanged':
    case 'skipped':
  }
}

/** Marks a layout as gone from its source, or as deleted by an operator: its panes are then removed by the loop. */
export function recordDeletion(
  tx: Transaction,
  layout: LayoutRecord,
  deleting: NonNullable<LayoutRecord['deleting']>,
): void {
  tx.updateLayout(layout.id, { deleting, pruneBlocked: undefined });
}

function recordNew(
  tx: Transaction,
  declared: DeclaredLayout,
  { ids, wireContainerId }: RecordDeps,
): void {
  const { spec, container, source } = declared;
  const layout = ids.uuid() as LayoutId;
  tx.insertLayout({ id: layout, container, spec, source });
  spec.slots.forEach((slot, position) => {
    tx.insertSlot({ id: ids.uuid() as SlotId, layout, spec: slot, position });
  });
  tx.emit({
    type: 'managed_layout_created',
    actor: 'operator',
    layoutId: layout,
    payload: {
      template_name: spec.template ?? '',
      container_id: wireContainerId(container),
      intended_pane_count: spec.slots.length,
    },
  });
}

function recordConfigured(
  tx: Transaction,
  change: Extract<LayoutChange, { kind: 'configure' }>,
  ids: Pick<Ids, 'uuid'>,
): void {
  const { before, declared, respecified } = change;
  const { spec, source } = declared;
  const generation = respecified ? before.generation + 1 : before.generation;
  tx.updateLayout(before.id, {
    spec,
    source,
    generation,
    deleting: undefined,
    pruneBlocked: undefined,
    ownershipConflict: undefined,
  });
  recordSlots(tx, before, { declared, ids });
  if (!respecified) return;
  tx.emit({
    type: 'layout_configured',
    actor: 'operator',
    layoutId: before.id,
    payload: { name: spec.name, generation, source: describeSource(source) },
  });
}

function recordSlots(
  tx: Transaction,
  before: LayoutRecord,
  { declared, ids }: { readonly declared: DeclaredLayout; readonly ids: Pick<Ids, 'uuid'> },
): void {
  const { added, kept, dropped } = diffSlots(before, declared.spec);
  for (const slot of kept) {
    // A new process to run is a new start: old failures say nothing about it.
    const fresh = replaceHash(slot.before.spec) !== replaceHash(slot.spec);
    tx.updateSlot(slot.before.id, {
      spec: slot.spec,
      declared: true,
      position: slot.position,
      // Declared again before it was gone: the hold belonged to the declaration that went.
      ...(before.deleting !== undefined && { hold: undefined }),
      ...(fresh && { failures: 0, nextAttemptAt: undefined, exits: [], vanishings: [] }),
    });
  }
  for (const slot of dropped) {
    // A hold belongs to the declaration: declared again, the slot is a free one.
    tx.updateSlot(slot.before.id, { declared: false, position: slot.position, hold: undefined });
  }
  for (const slot of added) {
    tx.insertSlot({ id: ids.uuid() as SlotId, layout: before.id, ...slot });
  }
}
