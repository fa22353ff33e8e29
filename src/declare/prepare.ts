import { type AgentTowerError, refuse } from '../domain/errors.ts';
import type { ContainerId } from '../domain/ids.ts';
import type { LayoutRecord, SourceRef } from '../domain/records.ts';
import type { LaunchProfile, LayoutTemplate } from '../domain/templates.ts';
import { type CompiledSet, compileManifests } from '../manifest/compile.ts';
import type { ManifestFile } from '../manifest/manifest-file.ts';
import { renderProblems } from '../manifest/render-problems.ts';
import { computeChanges, type DeclaredLayout, type LayoutChange } from './changes.ts';
import { decideRoutes, type RouteDecision } from './declared-routes.ts';
import type { DeclarationStore, DeclaredObject } from './ports.ts';
import { decidePrune, type PruneDecision } from './prune.ts';

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
}

export interface Declaration {
  readonly files: readonly ManifestFile[];
  readonly source: Pick<SourceRef, 'kind' | 'name' | 'revision'>;
  readonly takeOwnership: boolean;
  readonly prune: {
    readonly enabled: boolean;
    readonly allowEmpty: boolean;
    readonly allLoaded: boolean;
    readonly confirmed?: number;
    readonly inScope?: (object: { readonly source: { readonly path: string } }) => boolean;
  };
}

/** A set of files, understood and compared with the records; nothing is written yet. */
export interface Prepared {
  readonly source: Declaration['source'];
  readonly changes: readonly LayoutChange[];
  readonly prune: PruneDecision;
  readonly routes: RouteDecision;
  readonly objects: readonly DeclaredObject[];
  readonly existing: readonly LayoutRecord[];
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
  const declared = set.layouts.map(({ spec, path }) => ({
    spec,
    container: resolve(spec.container, deps),
    source: { ...source, path },
  }));
  refuseTwins(declared);
  const { takeOwnership } = declaration;
  const { changes, refusals } = computeChanges({ existing, declared, takeOwnership });
  const [first] = refusals;
  if (first !== undefined) throw first;
  const prune = decidePrune({ source, existing, declared, changes, ...declaration.prune });
  const objects = toObjects(set, source.name);
  const routes = decideRoutes({
    source: source.name,
    declared: objects,
    existing: deps.store.objects(),
    takeOwnership,
    prune: declaration.prune,
    isEmpty: declared.length + objects.length === 0,
  });
  return { source, changes, prune, routes, objects, existing };
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

function resolve(name: string, { resolveContainer, knownContainers }: PrepareDeps): ContainerId {
  const id = resolveContainer(name);
  if (id !== undefined) return id;
  const message = `no container ${name} is known here; known: ${knownContainers().join(', ')}`;
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
