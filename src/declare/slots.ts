import type { LayoutRecord, SlotRecord } from '../domain/records.ts';
import type { LayoutSpec, SlotSpec } from '../domain/spec.ts';

/** How the slots of a recorded layout become those of a new spec. Slots are matched by key. */
export interface SlotChanges {
  readonly added: readonly { readonly spec: SlotSpec; readonly position: number }[];
  readonly kept: readonly {
    readonly before: SlotRecord;
    readonly spec: SlotSpec;
    readonly position: number;
  }[];
  /** No longer declared; shown last until they are gone. */
  readonly dropped: readonly { readonly before: SlotRecord; readonly position: number }[];
}

export function diffSlots(before: LayoutRecord, spec: LayoutSpec): SlotChanges {
  const known = new Map(before.slots.map((slot) => [slot.key, slot]));
  const placed = spec.slots.map((slot, position) => ({ spec: slot, position }));
  const kept = placed.flatMap(({ spec: slot, position }) => {
    const record = known.get(slot.key);
    return record === undefined ? [] : [{ before: record, spec: slot, position }];
  });
  const wanted = new Set(spec.slots.map(({ key }) => key));
  return {
    added: placed.filter(({ spec: slot }) => !known.has(slot.key)),
    kept,
    dropped: before.slots
      .filter(({ key }) => !wanted.has(key))
      .map((record, index) => ({ before: record, position: spec.slots.length + index })),
  };
}
