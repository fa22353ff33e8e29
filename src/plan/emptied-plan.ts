import type { LayoutRecord, SlotRecord } from '../domain/records.ts';
import { isLive } from '../domain/states.ts';
import type { Action, Cause, SlotRef } from './action.ts';

/**
 * In a container without any process nothing can be started, and nothing is left to be removed: what is not wanted any
 * more is over. What is wanted waits, as it is, for the container to run again.
 */
export function planEmptied(layouts: readonly LayoutRecord[]): readonly Action[] {
  return layouts.flatMap((layout) => {
    const unwanted = layout.slots.flatMap((slot) => {
      const cause = reasonUnwanted(layout, slot);
      return cause === undefined ? [] : [{ at: refer(layout, slot), cause }];
    });
    return [...unwanted.flatMap(endPane), ...closeEmpty(layout, unwanted)];
  });
}

interface Unwanted {
  readonly at: SlotRef;
  readonly cause: Cause;
}

function reasonUnwanted(layout: LayoutRecord, slot: SlotRecord): Cause | undefined {
  if (layout.deleting !== undefined) return { reason: layout.deleting.reason };
  return slot.declared ? undefined : { reason: 'NoLongerDeclared' };
}

function refer(layout: LayoutRecord, slot: SlotRecord): SlotRef {
  return { layout: layout.id, layoutName: layout.spec.name, slot };
}

function endPane({ at, cause }: Unwanted): readonly Action[] {
  const { pane } = at.slot;
  return isOver(at) || pane === undefined ? [] : [{ kind: 'end-pane', at, pane, cause }];
}

function isOver({ slot: { pane } }: SlotRef): boolean {
  return pane === undefined || !isLive(pane.state);
}

function closeEmpty(layout: LayoutRecord, unwanted: readonly Unwanted[]): readonly Action[] {
  const over = unwanted.filter(({ at }) => isOver(at));
  if (layout.deleting === undefined) return over.map(({ at }) => ({ kind: 'close-slot', at }));
  if (over.length < layout.slots.length) return [];
  const { reason } = layout.deleting;
  return [{ kind: 'close-layout', layout: layout.id, layoutName: layout.spec.name, reason }];
}
