import { type DeclaredLayout, isSameSource } from './changes.ts';
import type { DeclarationStore, DeclaredSelector } from './ports.ts';

/**
 * Declarations with a selector that a source had before and has no longer. A directory or git source holds all it
 * declares; of applied files only those count that a prune covers, or whose layout now names its container.
 */
export function withdrawnSelectors(
  { source, prune }: Declared,
  {
    selectors,
    explicit,
    store,
  }: {
    readonly selectors: readonly DeclaredSelector[];
    readonly explicit: readonly DeclaredLayout[];
    readonly store: Pick<DeclarationStore, 'selectors'>;
  },
): readonly DeclaredSelector[] {
  const kept = new Set(selectors.map(({ spec }) => spec.name));
  const isRewritten = (before: DeclaredSelector): boolean =>
    explicit.some((now) => now.spec.name === before.spec.name && fileOf(now) === fileOf(before));
  return store
    .selectors()
    .filter((before) => isSameSource(before.source, { ...source, path: '' }))
    .filter(({ spec }) => !kept.has(spec.name))
    .filter(
      (before) =>
        source.kind !== 'apply' ||
        isRewritten(before) ||
        (prune.enabled && (prune.inScope?.(before) ?? true)),
    );
}

interface Declared {
  readonly source: Pick<DeclaredSelector['source'], 'kind' | 'name'>;
  readonly prune: {
    readonly enabled: boolean;
    readonly inScope?: (declared: Pick<DeclaredSelector, 'source'>) => boolean;
  };
}

function fileOf({ source }: Pick<DeclaredSelector, 'source'>): string {
  return source.path.replace(/:\d+$/, '');
}
