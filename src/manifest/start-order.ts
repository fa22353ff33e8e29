import { didYouMean } from './did-you-mean.ts';
import type { ManifestDocument } from './document.ts';
import type { SlotDraft } from './draft-slots.ts';

/** Keys each slot waits for, by the slot's own key. Reports unknown names and circles. */
export function startOrder(
  document: ManifestDocument,
  drafts: readonly SlotDraft[],
): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, string>([
    ...drafts.map(({ key, label }) => [label, key] as const),
    ...drafts.map(({ key }) => [key, key] as const),
  ]);
  const order = new Map<string, readonly string[]>();
  for (const { key, pane, path } of drafts) {
    const after = new Set<string>();
    for (const [index, name] of (pane.after ?? []).entries()) {
      const found = keys.get(name);
      if (found !== undefined) after.add(found);
      else {
        const problem = {
          message: `after names ${JSON.stringify(name)}, but the layout has no pane of this key or label`,
          hint: didYouMean(name, keys.keys()),
        };
        document.report([...path, 'after', index], problem, { mayFollow: true });
      }
    }
    order.set(key, [...after]);
  }
  reportCircles(document, drafts, order);
  return order;
}

function reportCircles(
  document: ManifestDocument,
  drafts: readonly SlotDraft[],
  order: ReadonlyMap<string, readonly string[]>,
): void {
  const paths = new Map(drafts.map(({ key, path }) => [key, path]));
  const finished = new Set<string>();
  const visit = (key: string, trail: readonly string[]): void => {
    const start = trail.indexOf(key);
    if (start !== -1) {
      const circle = [...trail.slice(start), key].join(' → ');
      document.report([...(paths.get(key) ?? []), 'after'], {
        message: `these panes wait for each other: ${circle}`,
        hint: 'take one of them out of after',
      });
      return;
    }
    if (finished.has(key)) return;
    for (const next of order.get(key) ?? []) visit(next, [...trail, key]);
    finished.add(key);
  };
  for (const { key } of drafts) visit(key, []);
}
