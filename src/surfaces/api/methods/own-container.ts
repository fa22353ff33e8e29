import { findLayout, type LayoutAddress } from '../../../declare/find-layout.ts';
import { hostOnly, requireScope, type Scope } from '../../../declare/managed/scope.ts';
import { refuse } from '../../../domain/errors.ts';
import type { ContainerId } from '../../../domain/ids.ts';
import type { LayoutRecord } from '../../../domain/records.ts';
import type { Services } from './services.ts';

/** What of the layouts a caller gets to see: all of them on the host, those of its own container in one. */
export function layoutsWithin(
  scope: Scope,
  layouts: readonly LayoutRecord[],
): readonly LayoutRecord[] {
  if (scope.kind === 'host') return layouts;
  return layouts.filter(({ container }) => container === scope.container);
}

/**
 * The layout a caller means, among those it may touch. Who names a container it is not in, or is in one that nobody
 * knows, is refused before anything is looked up; a name that only others have is a name nobody has.
 * @throws {AgentTowerError} `host_only`, `layout_not_found`, `layout_ambiguous`.
 */
export function findWithin(
  scope: Scope,
  { name, container }: LayoutAddress,
  { store, resolveContainer }: Services,
): LayoutRecord {
  const known = container === undefined ? undefined : (resolveContainer(container) ?? container);
  const address = { name, ...(known !== undefined && { container: known }) };
  const layouts = store.layouts();
  if (scope.kind === 'host') return findLayout(layouts, address);
  if (known !== undefined) requireScope(scope, known);
  if (scope.container === undefined) throw hostOnly();
  return findLayout(layoutsWithin(scope, layouts), { name });
}

/**
 * The one container that is meant, by whatever name; `undefined` for all, which only the host may mean.
 * @throws {AgentTowerError} `host_only`, `container_not_found`.
 */
export function onlyContainer(
  scope: Scope,
  name: string | undefined,
  { resolveContainer, knownContainers }: Services,
): ContainerId | undefined {
  if (name === undefined) {
    if (scope.kind === 'host') return undefined;
    if (scope.container === undefined) throw hostOnly();
    return scope.container;
  }
  const container = resolveContainer(name);
  requireScope(scope, container ?? name);
  if (container !== undefined) return container;
  const known = knownContainers().join(', ');
  const message = `no container ${name} is known here; known: ${known}`;
  throw refuse('container_not_found', message, { container_id: name });
}
