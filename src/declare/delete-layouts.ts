import { describeSelector } from '../domain/container-selector.ts';
import { refuse } from '../domain/errors.ts';
import type { LayoutRecord } from '../domain/records.ts';
import type { AppliedObject } from './applied-objects.ts';
import { describeSource } from './changes.ts';
import { findLayout, type LayoutAddress } from './find-layout.ts';
import type { OperateDeps } from './operate.ts';
import type { DeclaredSelector, SourceRecord } from './ports.ts';
import { recordDeletion } from './record-changes.ts';
import { isStampOf } from './selectors.ts';
import { isFollowed } from './source-end.ts';

export interface DeleteAddress extends LayoutAddress {
  /** It is declared for every container a selector chooses. */
  readonly isSelecting?: boolean;
}

/**
 * Deletes layouts that no source declares that is still followed; one that was applied with a selector goes with its declaration,
 * from every container.
 * @throws {AgentTowerError} `owned_by_source` with the ways out, before anything is deleted.
 */
export function deleteLayouts(
  addresses: readonly DeleteAddress[],
  { store, clock, wake }: OperateDeps,
): readonly AppliedObject[] {
  const sources = store.sources();
  const known = { layouts: store.layouts(), selectors: store.selectors(), sources };
  const orders = addresses.map((address) => ({ address, ...findDoomed(address, known) }));
  const layouts = orders.flatMap((order) => order.layouts);
  for (const layout of layouts) refuseOwned(layout, sources);
  const selectors = orders.flatMap(({ selector }) => selector ?? []);
  if (layouts.length + selectors.length > 0) {
    store.transact((tx) => {
      const at = clock.now();
      for (const selector of selectors) tx.deleteSelector(selector);
      for (const layout of layouts) recordDeletion(tx, layout, { reason: 'DeleteRequested', at });
    });
  }
  for (const container of new Set(layouts.map((layout) => layout.container))) wake(container);
  return orders.flatMap(describeOrder);
}

interface Known {
  readonly layouts: readonly LayoutRecord[];
  readonly selectors: readonly DeclaredSelector[];
  readonly sources: readonly SourceRecord[];
}

interface Doomed {
  readonly layouts: readonly LayoutRecord[];
  readonly selector?: DeclaredSelector;
}

function findDoomed(address: DeleteAddress, { layouts, selectors, sources }: Known): Doomed {
  const { name, container, isSelecting = false } = address;
  const named = layouts.filter(({ spec }) => spec.name === name);
  const selector = selectors.find(
    ({ source, spec }) => spec.name === name && !isFollowed(source, sources),
  );
  if (selector !== undefined && container === undefined) {
    const stamps = named.filter((layout) => isStampOf(layout, selector));
    if (isSelecting || stamps.length === named.length) return { selector, layouts: stamps };
  }
  if (isSelecting || named.length === 0) return { layouts: [] };
  const layout = findLayout(layouts, address);
  if (selector !== undefined && isStampOf(layout, selector)) throw comesBack(layout, selector);
  return { layouts: [layout] };
}

function describeOrder({
  address: { name },
  layouts,
  selector,
}: Doomed & { readonly address: DeleteAddress }): readonly AppliedObject[] {
  if (layouts.length > 0) {
    return layouts.map(({ container }) => ({ kind: 'Layout', name, container, action: 'deleted' }));
  }
  return [{ kind: 'Layout', name, action: selector === undefined ? 'not found' : 'deleted' }];
}

function comesBack(
  { spec, source, container }: LayoutRecord,
  { spec: declared }: DeclaredSelector,
) {
  const { name } = spec;
  const alternatives = [
    `agenttower delete layout/${name} (from every container)`,
    `change spec.containerSelector in ${describeSource(source)}`,
    `agenttower stop layout/${name} --container ${container}`,
  ];
  return refuse(
    'owned_by_source',
    `layout ${name} of container ${container} is declared for ${describeSelector(declared.selector)} and would come back; instead: ${alternatives.join('; or ')}`,
    { layout: name, source: source.name, path: source.path, alternatives },
  );
}

function refuseOwned({ source, spec }: LayoutRecord, sources: readonly SourceRecord[]): void {
  if (!isFollowed(source, sources)) return;
  const where = describeSource(source);
  const alternatives = [
    `remove it from ${where}`,
    `agenttower stop layout/${spec.name}`,
    `agenttower suspend layout/${spec.name}`,
  ];
  throw refuse(
    'owned_by_source',
    `layout ${spec.name} is declared by ${where} and would come back; instead: ${alternatives.join('; or ')}`,
    { layout: spec.name, source: source.name, path: source.path, alternatives },
  );
}
