import type { LayoutId, SlotId } from '../domain/ids.ts';
import type { LayoutRecord, SlotRecord } from '../domain/records.ts';
import type { SlotSpec } from '../domain/spec.ts';
import type { DeclaredLayout, LayoutChange } from './changes.ts';
import { diffSlots } from './slots.ts';

export interface Projection {
  readonly existing: readonly LayoutRecord[];
  readonly changes: readonly LayoutChange[];
  readonly pruned: readonly LayoutRecord[];
  readonly now: number;
}

/** The records as they would be once the changes were written: what `plan` plans for. Writes nothing. */
export function projectLayouts({
  existing,
  changes,
  pruned,
  now,
}: Projection): readonly LayoutRecord[] {
  const byId = new Map(existing.map((layout) => [layout.id, layout]));
  for (const change of changes) {
    if (change.kind === 'create') {
      const layout = projectNew(change.declared, now);
      byId.set(layout.id, layout);
    } else if (change.kind === 'configure') {
      byId.set(change.before.id, projectConfigured(change.before, change.declared));
    }
  }
  for (const layout of pruned) {
    byId.set(layout.id, { ...layout, deleting: { reason: 'NoLongerDeclared', at: now } });
  }
  return [...byId.values()];
}

function projectNew({ spec, container, source }: DeclaredLayout, now: number): LayoutRecord {
  // Ids of things that do not exist yet: readable, and never written anywhere.
  const id = `new:${container}/${spec.name}` as LayoutId;
  return {
    id,
    container,
    spec,
    source,
    generation: 1,
    observedGeneration: 0,
    state: 'creating',
    sync: 'OutOfSync',
    health: 'Progressing',
    conditions: [],
    createdAt: now,
    updatedAt: now,
    slots: spec.slots.map((slot) => projectSlot(id, slot)),
  };
}

function projectConfigured(before: LayoutRecord, { spec, source }: DeclaredLayout): LayoutRecord {
  const { added, kept, dropped } = diffSlots(before, spec);
  const placed = [
    ...added.map((slot) => ({ position: slot.position, slot: projectSlot(before.id, slot.spec) })),
    ...kept.map((slot) => ({
      position: slot.position,
      slot: {
        ...(before.deleting === undefined ? slot.before : withoutHold(slot.before)),
        spec: slot.spec,
        declared: true,
      },
    })),
    ...dropped.map((slot) => ({
      position: slot.position,
      slot: { ...slot.before, declared: false },
    })),
  ];
  const { deleting: _returns, pruneBlocked: _allowed, ...rest } = before;
  return {
    ...rest,
    spec,
    source,
    slots: placed.toSorted((a, b) => a.position - b.position).map(({ slot }) => slot),
  };
}

function withoutHold({ hold: _ended, ...slot }: SlotRecord): SlotRecord {
  return slot;
}

function projectSlot(layout: LayoutId, spec: SlotSpec): SlotRecord {
  return {
    id: `${layout}/${spec.key}` as SlotId,
    key: spec.key,
    spec,
    declared: true,
    restartRequested: false,
    failures: 0,
    exits: [],
    vanishings: [],
    restarts: 0,
  };
}
