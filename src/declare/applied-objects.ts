import type { LayoutChange } from './changes.ts';
import type { DeclarationStore } from './ports.ts';
import type { Prepared } from './prepare.ts';
import { describeMatches } from './selectors.ts';

/** What became of one declared object. */
export interface AppliedObject {
  readonly kind: 'Layout' | 'LayoutTemplate' | 'LaunchProfile' | 'Route';
  readonly name: string;
  readonly container?: string;
  readonly action:
    | 'created'
    | 'configured'
    | 'unchanged'
    | 'transferred'
    | 'pruned'
    | 'deleted'
    | 'not found';
  readonly generation?: number;
  readonly note?: string;
}

/** No container there is matches: not a mistake, as one may come. */
export function describeUnmatched(
  { selectors }: Prepared,
  written: Prepared['selectors'],
): readonly AppliedObject[] {
  return selectors.flatMap((selector): readonly AppliedObject[] => {
    const { spec, containers } = selector;
    if (containers.length > 0) return [];
    const action = written.includes(selector) ? 'configured' : 'unchanged';
    return [{ kind: 'Layout', name: spec.name, action, note: describeMatches(spec, 0) }];
  });
}

export function describeLayouts(
  { changes, prune }: Prepared,
  { store }: { readonly store: DeclarationStore },
): readonly AppliedObject[] {
  const recorded = store.layouts();
  const generationOf = (container: string, name: string): { generation?: number } => {
    const layout = recorded.find((one) => one.container === container && one.spec.name === name);
    return layout === undefined ? {} : { generation: layout.generation };
  };
  const applied = changes.map((change): AppliedObject => {
    const { spec, container } = change.kind === 'unchanged' ? change.before : change.declared;
    const base = { kind: 'Layout', name: spec.name, container } as const;
    return { ...base, ...describeChange(change), ...generationOf(container, spec.name) };
  });
  const pruned = prune.layouts.map(({ spec, container }): AppliedObject => {
    const base = { kind: 'Layout', name: spec.name, container } as const;
    return prune.kind === 'allowed'
      ? { ...base, action: 'pruned' }
      : { ...base, action: 'unchanged', note: prune.message };
  });
  return [...applied, ...pruned];
}

function describeChange(change: LayoutChange): Pick<AppliedObject, 'action' | 'note'> {
  switch (change.kind) {
    case 'create':
      return { action: 'created' };
    case 'configure':
      if (change.transferred) return { action: 'transferred' };
      // What was being deleted stays: that is a change, though it says the same as before.
      return change.respecified || change.before.deleting !== undefined
        ? { action: 'configured' }
        : { action: 'unchanged' };
    case 'conflict':
      return { action: 'unchanged', note: change.message };
    case 'unchanged':
      return { action: 'unchanged' };
    case 'skipped':
      return { action: 'unchanged', note: `left out: ${change.message}` };
  }
}
