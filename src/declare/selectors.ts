import { describeSelector, selects } from '../domain/container-selector.ts';
import type { LayoutRecord } from '../domain/records.ts';
import type { LayoutSpec } from '../domain/spec.ts';
import { type DeclaredLayout, isSameSource } from './changes.ts';
import type { DeclaredSelector, KnownContainer, SelectingSpec } from './ports.ts';

export function isSelecting(spec: LayoutSpec): spec is SelectingSpec {
  return spec.selector !== undefined;
}

/** The declaration that gave a container this layout. */
export function isStampOf(layout: LayoutRecord, { source, spec }: DeclaredSelector): boolean {
  return (
    layout.spec.selector !== undefined &&
    layout.spec.name === spec.name &&
    isSameSource(layout.source, source)
  );
}

/**
 * One layout for each container a selector chooses. A container that is gone keeps the one it has and gets none; one
 * for which the same source declares a layout of that name by itself is left to it.
 */
export function expandSelector(
  declared: DeclaredSelector,
  {
    containers,
    existing,
    explicit,
  }: {
    readonly containers: readonly KnownContainer[];
    readonly existing: readonly LayoutRecord[];
    readonly explicit: (container: string, name: string) => boolean;
  },
): readonly DeclaredLayout[] {
  const { spec, source } = declared;
  const own = existing.filter((layout) => isStampOf(layout, declared) && !layout.deleting);
  const holds = new Set(own.map(({ container }) => container));
  const chosen = containers.filter(
    (one) =>
      selects(spec.selector, one) &&
      (one.state !== 'missing' || holds.has(one.key)) &&
      !explicit(one.key, spec.name),
  );
  const known = new Set(containers.map(({ key }) => key));
  // Nothing is known of these any more, so nothing is concluded.
  const forgotten = [...holds].filter((key) => !known.has(key));
  return [...chosen.map(({ key }) => key), ...forgotten].toSorted().map((container) => ({
    spec: { ...spec, container },
    container,
    source,
  }));
}

/** `0 containers match nameGlob bench-*`. */
export function describeMatches(spec: SelectingSpec, count: number): string {
  const what = count === 1 ? '1 container matches' : `${count} containers match`;
  return `${what} ${describeSelector(spec.selector)}`;
}
