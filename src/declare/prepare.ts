import { type AgentTowerError, refuse } from '../domain/errors.ts';
import type { ContainerId } from '../domain/ids.ts';
import type { LayoutRecord, SourceRef } from '../domain/records.ts';
import type { LaunchProfile, LayoutTemplate } from '../domain/templates.ts';
import { type CompiledSet, compileManifests } from '../manifest/compile.ts';
import type { ManifestFile } from '../manifest/manifest-file.ts';
import { renderProblems } from '../manifest/render-problems.ts';
import { computeChanges, type DeclaredLayout, type LayoutChange } from './changes.ts';
import { decideRoutes, type RouteDecision } from './declared-routes.ts';
import type {
  DeclarationStore,
  DeclaredObject,
  DeclaredSelector,
  KnownContainer,
} from './ports.ts';
import { decidePrune, type PruneDecision, type PruneGates } from './prune.ts';
import { expandSelector, isSelecting, isStampOf } from './selectors.ts';
import { abandonedBy } from './source-end.ts';
import { withdrawnSelectors } from './withdrawn.ts';

export interface Catalog {
  readonly templates: readonly LayoutTemplate[];
  readonly profiles: readonly LaunchProfile[];
}

export interface PrepareDeps {
  readonly store: DeclarationStore;
  /** Built-in, applied and operator's own templates and profiles; the later wins. Read anew each time. */
  readonly catalog: () => Catalog;
  /** Canonical id of a container by name, id or short id; `undefined` when none is known by it. */
  readonly resolveContainer: (name: string) => ContainerId | undefined;
  readonly knownContainers: () => readonly string[];
  /** What clients of the socket know a container by. */
  readonly wireContainerId: (container: ContainerId) => string;
  /** Containers that selectors choose from, also those that do not run or are gone. */
  readonly containerRecords: () => readonly KnownContainer[];
  /** Why a container of this name is not one of those, though it is there. */
  readonly whyLeftOut?: (name: string) => string | undefined;
}

export interface Declaration {
  readonly files: readonly ManifestFile[];
  readonly source: Pick<SourceRef, 'kind' | 'name' | 'revision'>;
  readonly takeOwnership: boolean;
  readonly prune: PruneGates;
}

/** A set of files, understood and compared with the records; nothing is written yet. */
export interface Prepared {
  readonly source: Declaration['source'];
  readonly changes: readonly LayoutChange[];
  readonly prune: PruneDecision;
  readonly routes: RouteDecision;
  readonly objects: readonly DeclaredObject[];
  /** Declared for every container that matches, with how many do now. */
  readonly selectors: readonly Matched[];
  /** Declared before with a selector, and not any more. */
  readonly withdrawn: readonly DeclaredSelector[];
  readonly existing: readonly LayoutRecord[];
}

export interface Matched extends DeclaredSelector {
  readonly containers: readonly ContainerId[];
}

/**
 * Reads a whole set. All or nothing: one wrong document refuses the set.
 * @throws {AgentTowerError} `manifest_invalid` with every problem of every file, `container_not_found`,
 * `session_name_taken`, `label_taken`.
 */
export function prepareDeclaration(declaration: Declaration, deps: PrepareDeps): Prepared {
  const { source, files } = declaration;
  const set = compile(files, deps);
  const existing = deps.store.layouts();
  const explicit = set.layouts
    .filter(({ spec }) => !isSelecting(spec))
    .map(({ spec, path }) => ({
      spec,
      container: resolve(spec.container, deps),
      source: { ...source, path },
    }));
  refuseTwins(explicit);
  const { selectors, stamps } = expandAll({ set, source, explicit, existing }, deps);
  const declared = [...explicit, ...stamps];
  const { takeOwnership } = declaration;
  const skipsClashes = source.kind !== 'apply';
  const isAbandoned = abandonedBy(deps.store.sources());
  const { changes, refusals } = computeChanges({
    existing,
    declared,
    takeOwnership,
    isAbandoned,
    skipsClashes,
  });
  const [first] = refusals;
  if (first !== undefined) throw first;
  const withdrawn = withdrawnSelectors(declaration, { selectors, explicit, store: deps.store });
  const isUnmatched = (layout: LayoutRecord): boolean =>
    [...selectors, ...withdrawn].some((selector) => isStampOf(layout, selector));
  const prune = decidePrune({
    source,
    existing,
    declared,
    changes,
    isUnmatched,
    isEmpty: set.layouts.length === 0,
    ...declaration.prune,
  });
  const objects = toObjects(set, source.name);
  const routes = decideRoutes({
    source: source.name,
    declared: objects,
    existing: deps.store.objects(),
    takeOwnership,
    prune: declaration.prune,
    isEmpty: set.layouts.length + objects.length === 0,
  });
  return { source, changes, prune, routes, objects, selectors, withdrawn, existing };
}

function expandAll(
  {
    set,
    source,
    explicit,
    existing,
  }: {
    readonly set: CompiledSet;
    readonly source: Declaration['source'];
    readonly explicit: readonly DeclaredLayout[];
    readonly existing: readonly LayoutRecord[];
  },
  { containerRecords }: PrepareDeps,
): { readonly selectors: readonly Matched[]; readonly stamps: readonly DeclaredLayout[] } {
  const names = new Set(explicit.map(({ container, spec }) => `${container}/${spec.name}`));
  const containers = containerRecords();
  const expanded = set.layouts.flatMap(({ spec, path }) => {
    if (!isSelecting(spec)) return [];
    const selector = { spec, source: { ...source, path } };
    const stamps = expandSelector(selector, {
      containers,
      existing,
      explicit: (container, name) => names.has(`${container}/${name}`),
    });
    return [{ selector: { ...selector, containers: stamps.map((one) => one.container) }, stamps }];
  });
  return {
    selectors: expanded.map(({ selector }) => selector),
    stamps: expanded.flatMap(({ stamps }) => stamps),
  };
}

function compile(files: readonly ManifestFile[], { catalog }: PrepareDeps): CompiledSet {
  const compiled = compileManifests(files, catalog());
  if (compiled.ok) return compiled.value;
  const problems = compiled.error;
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  throw refuse(
    'manifest_invalid',
    `the manifests have ${count}; nothing was applied\n${renderProblems(problems)}`,
    { problems },
  );
}

function resolve(
  name: string,
  { resolveContainer, knownContainers, whyLeftOut }: PrepareDeps,
): ContainerId {
  const id = resolveContainer(name);
  if (id !== undefined) return id;
  const leftOut = whyLeftOut?.(name);
  const message =
    leftOut === undefined
      ? `no container ${name} is known here; known: ${knownContainers().join(', ')}`
      : `container ${name} is there, but not looked at: ${leftOut}`;
  throw refuse('container_not_found', message, { container_id: name });
}

/** Two names for one container can declare one layout twice; the manifests alone do not show it. */
function refuseTwins(declared: readonly DeclaredLayout[]): void {
  const seen = new Map<string, DeclaredLayout>();
  for (const layout of declared) {
    const key = `${layout.container}/${layout.spec.name}`;
    const twin = seen.get(key);
    if (twin !== undefined) throw twinError(layout, twin);
    seen.set(key, layout);
  }
}

function twinError(layout: DeclaredLayout, twin: DeclaredLayout): AgentTowerError {
  const message = `layout ${layout.spec.name} is declared twice for one container: ${twin.source.path} and ${layout.source.path}`;
  return refuse('manifest_invalid', message, {
    problems: [{ file: layout.source.path, message }],
  });
}

function toObjects(set: CompiledSet, source: string): readonly DeclaredObject[] {
  return [
    ...set.templates.map(({ template, path }) => ({
      kind: 'LayoutTemplate' as const,
      name: template.name,
      source,
      path,
      content: template,
    })),
    ...set.profiles.map(({ profile, path }) => ({
      kind: 'LaunchProfile' as const,
      name: profile.name,
      source,
      path,
      content: profile,
    })),
    ...set.routes.map(({ route, path }) => ({
      kind: 'Route' as const,
      name: route.name,
      source,
      path,
      content: route,
    })),
  ];
}
