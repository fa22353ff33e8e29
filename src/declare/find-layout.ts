import { refuse } from '../domain/errors.ts';
import type { LayoutRecord, SlotRecord } from '../domain/records.ts';

export interface LayoutAddress {
  readonly name: string;
  readonly container?: string;
}

/**
 * The one layout an operator means.
 * @throws {AgentTowerError} `layout_not_found` with the names there are, `layout_ambiguous` with the containers.
 */
export function findLayout(layouts: readonly LayoutRecord[], address: LayoutAddress): LayoutRecord {
  const { name, container } = address;
  const found = layouts.filter(
    (layout) =>
      layout.spec.name === name &&
      (container === undefined ||
        layout.container === container ||
        layout.spec.container === container),
  );
  const [first, second] = found;
  if (first === undefined) {
    const known = [...new Set(layouts.map(({ spec }) => spec.name))];
    const list =
      known.length === 0 ? 'there are none' : `there are ${known.slice(0, 10).join(', ')}`;
    const where =
      container !== undefined && known.includes(name) ? ` in container ${container}` : '';
    throw refuse('layout_not_found', `no layout ${name}${where}; ${list}`, {
      name,
      ...(container !== undefined && { container }),
      known,
    });
  }
  if (second === undefined) return first;
  const containers = found.map((layout) => layout.container);
  const places = containers.map((each) => `${each}/${name}`);
  const message = `layout ${name} is in ${containers.join(' and ')}; say which: ${places.join(' or ')}`;
  throw refuse('layout_ambiguous', message, { name, containers });
}

/** The slots an operator means: one by key or label, or all that are declared. Throws `slot_not_found`. */
export function findSlots(layout: LayoutRecord, slot: string | undefined): readonly SlotRecord[] {
  const declared = layout.slots.filter((one) => one.declared);
  if (slot === undefined) return declared;
  const found = declared.find(({ key, spec }) => key === slot || spec.label === slot);
  if (found !== undefined) return [found];
  const known = declared.map(({ key }) => key);
  const message = `layout ${layout.spec.name} has no slot ${slot}; it has ${known.join(', ')}`;
  throw refuse('slot_not_found', message, { layout: layout.spec.name, slot, known });
}
