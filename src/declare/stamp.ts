import type { LayoutRecord, SourceRef } from '../domain/records.ts';
import { computeChanges, describeSource, isSameSource, type LayoutChange } from './changes.ts';
import type { DeclarationsDeps } from './declarations.ts';
import type { DeclaredSelector } from './ports.ts';
import { decidePrune, type PruneDecision } from './prune.ts';
import { recordChange, recordDeletion } from './record-changes.ts';
import { expandSelector, isStampOf } from './selectors.ts';

/** A container that was chosen and could not get its layout. */
export interface Unstamped {
  readonly source: Pick<SourceRef, 'kind' | 'name'>;
  readonly layout: string;
  readonly container: string;
  readonly message: string;
}

/**
 * Gives every container the layouts that selectors choose it for, also those declared before it came, and takes them
 * from containers that are not chosen any more, as far as the source may prune. Writes nothing when all is as it
 * should be. Answers what stands in the way of the others.
 */
export function stampContainers(deps: DeclarationsDeps): readonly Unstamped[] {
  const bySource = new Map<string, DeclaredSelector[]>();
  for (const selector of standing(deps)) {
    const name = describeSource({ ...selector.source, path: '' });
    bySource.set(name, [...(bySource.get(name) ?? []), selector]);
  }
  return [...bySource.values()].flatMap((selectors) => stampOfSource(selectors, deps));
}

/** Those whose source is there: what a removed source gave keeps running, and nothing is added to it. */
function standing({ store }: DeclarationsDeps): readonly DeclaredSelector[] {
  const sources = new Set(store.sources().map(({ config }) => config.name));
  return store
    .selectors()
    .filter(({ source }) => source.kind === 'apply' || sources.has(source.name));
}

function stampOfSource(
  selectors: readonly DeclaredSelector[],
  deps: DeclarationsDeps,
): readonly Unstamped[] {
  const { store, clock } = deps;
  const existing = store.layouts();
  const changes = computeStamps(selectors, existing, deps);
  const effective = changes.filter(isEffective);
  const prune = decideUnmatched({ selectors, existing, changes }, deps);
  const blocked = prune.kind === 'blocked' ? prune.message : undefined;
  const pruned = prune.layouts.filter(({ pruneBlocked }) => pruneBlocked !== blocked || !blocked);
  if (effective.length + pruned.length > 0) {
    store.transact((tx) => {
      for (const change of effective) recordChange(tx, change, deps);
      for (const layout of pruned) {
        if (blocked !== undefined) tx.updateLayout(layout.id, { pruneBlocked: blocked });
        else recordDeletion(tx, layout, { reason: 'NoLongerDeclared', at: clock.now() });
      }
    });
  }
  const woken = [...effective.map(({ declared }) => declared), ...pruned];
  for (const container of new Set(woken.map((one) => one.container))) deps.wake(container);
  return changes.flatMap((change): readonly Unstamped[] => {
    if (change.kind !== 'skipped' && change.kind !== 'conflict') return [];
    const { declared, message } = change;
    const { kind, name } = declared.source;
    return [
      {
        source: { kind, name },
        layout: declared.spec.name,
        container: declared.container,
        message,
      },
    ];
  });
}

function computeStamps(
  selectors: readonly DeclaredSelector[],
  existing: readonly LayoutRecord[],
  { containerRecords }: DeclarationsDeps,
): readonly LayoutChange[] {
  const containers = containerRecords();
  const declared = selectors.flatMap((selector) =>
    expandSelector(selector, {
      containers,
      existing,
      explicit: (container, name) =>
        existing.some(
          (layout) =>
            layout.container === container &&
            layout.spec.name === name &&
            layout.spec.selector === undefined &&
            layout.deleting === undefined &&
            isSameSource(layout.source, selector.source),
        ),
    }),
  );
  return computeChanges({
    existing,
    declared,
    takeOwnership: false,
    isAbandoned: () => false,
    skipsClashes: true,
  }).changes;
}

/** New, or wanted again. What another source owns is that source's to give up. */
function isEffective(
  change: LayoutChange,
): change is Extract<LayoutChange, { kind: 'create' | 'configure' }> {
  return change.kind === 'create' || change.kind === 'configure';
}

function decideUnmatched(
  {
    selectors,
    existing,
    changes,
  }: {
    readonly selectors: readonly DeclaredSelector[];
    readonly existing: readonly LayoutRecord[];
    readonly changes: readonly LayoutChange[];
  },
  { store, allSourcesLoaded }: DeclarationsDeps,
): PruneDecision {
  const [first] = selectors;
  if (first === undefined) return { kind: 'allowed', layouts: [] };
  const { source } = first;
  const isUnmatched = (layout: LayoutRecord): boolean =>
    selectors.some((selector) => isStampOf(layout, selector));
  const config = store.sources().find(({ config }) => config.name === source.name)?.config;
  const declared = changes.flatMap((change) =>
    change.kind === 'unchanged'
      ? [{ spec: change.before.spec, container: change.before.container, source }]
      : [change.declared],
  );
  return decidePrune({
    source,
    existing,
    declared,
    changes,
    enabled: source.kind !== 'apply' && config?.prune === true,
    allowEmpty: false,
    allLoaded: source.kind === 'apply' || allSourcesLoaded(),
    isEmpty: false,
    isUnmatched,
    onlyUnmatched: true,
  });
}
