import { callDaemon } from './daemon-calls.ts';
import { type LayoutReference, parseLayoutReference } from './references.ts';
import { UsageError } from './usage-error.ts';
import type { CliClient } from './world.ts';

/**
 * What a reference means, of what there is now: `A/B` is slot B of layout A, and layout B in container A only where
 * there is no such slot. `container` is what the command line says beside it.
 */
export async function resolveReference(
  client: CliClient,
  text: string,
  container?: string,
): Promise<LayoutReference> {
  const { name, slot, ...said } = parseLayoutReference(text);
  const where = container === undefined ? said : { container, ...said };
  if (slot === undefined) return { name, ...where };
  const asSlot = { name, slot, ...where };
  if (asSlot.container !== undefined) return asSlot;
  const { items } = await callDaemon(client, 'layout.list', {});
  const isSlot = items.some(
    (layout) =>
      layout.name === name &&
      layout.panes.some((pane) => pane.slot === slot || pane.label === slot),
  );
  const isLayout = items.some((layout) => layout.name === slot && layout.container === name);
  return isLayout && !isSlot ? { name: slot, container: name } : asSlot;
}

/** The same for a reference that must mean a whole layout. */
export async function resolveWholeLayout(
  client: CliClient,
  text: string,
  container?: string,
): Promise<Omit<LayoutReference, 'slot'>> {
  const { slot, ...layout } = await resolveReference(client, text, container);
  if (slot === undefined) return layout;
  throw new UsageError(
    `"${text}" names one slot; this command takes a whole layout: layout/${layout.name}`,
  );
}
