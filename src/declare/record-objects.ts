import { canonicalJson } from '../lib/hash.ts';
import type { Ids } from '../reconcile/ports.ts';
import type { AppliedObject } from './applied-objects.ts';
import { isRoute, recordRoute, recordRouteEnd } from './declared-routes.ts';
import type { DeclarationStore, DeclarationTransaction, DeclaredObject } from './ports.ts';
import type { Prepared } from './prepare.ts';

/** What a declaration changes of templates, profiles and routes. */
export interface ObjectChanges {
  readonly written: readonly DeclaredObject[];
  readonly removed: readonly DeclaredObject[];
  /** What was recorded of them, by `kind/name`. */
  readonly before: ReadonlyMap<string, DeclaredObject>;
}

/** Compares the objects of a set with those recorded. Routes that another source owns are left to it. */
export function computeObjectChanges(
  prepared: Prepared,
  { store }: { readonly store: DeclarationStore },
): ObjectChanges {
  const recorded = store.objects();
  const before = new Map(recorded.map((object) => [keyOf(object), object]));
  const { objects, routes } = prepared;
  const written = objects.filter((object) => {
    if (isRoute(object) && routes.conflicts.has(object.name)) return false;
    const known = before.get(keyOf(object));
    return known === undefined || canonicalJson(known) !== canonicalJson(object);
  });
  return { written, removed: [...staleObjects(prepared, recorded), ...routes.pruned], before };
}

/** Writes them. Call within a transaction. */
export function recordObjects(
  tx: DeclarationTransaction,
  { written, removed, before }: ObjectChanges,
  deps: { readonly ids: Pick<Ids, 'uuid'>; readonly store: DeclarationStore },
): void {
  for (const object of written) {
    tx.putObject(object);
    const known = before.get(keyOf(object));
    if (isRoute(object)) recordRoute(tx, { object, ...(known && { before: known }) }, deps);
  }
  for (const object of removed) {
    if (isRoute(object)) recordRouteEnd(tx, object.name);
    else tx.deleteObject(object.kind, object.name);
  }
}

/** What became, or would become, of each object. */
export function describeObjects(
  { objects, routes }: Prepared,
  { written, before }: ObjectChanges,
): readonly AppliedObject[] {
  const declared = objects.map((object): AppliedObject => {
    const { kind, name } = object;
    const note = isRoute(object) ? routes.conflicts.get(name)?.message : undefined;
    if (note !== undefined) return { kind, name, action: 'unchanged', note };
    return { kind, name, action: actionOn(object, { written, known: before.get(keyOf(object)) }) };
  });
  const pruned = routes.pruned.map(
    ({ kind, name }): AppliedObject => ({ kind, name, action: 'pruned' }),
  );
  return [...declared, ...pruned];
}

function actionOn(
  object: DeclaredObject,
  {
    written,
    known,
  }: { readonly written: readonly DeclaredObject[]; readonly known: DeclaredObject | undefined },
): AppliedObject['action'] {
  if (!written.includes(object)) return 'unchanged';
  if (known === undefined) return 'created';
  return isRoute(object) && known.source !== object.source ? 'transferred' : 'configured';
}

/** Templates and profiles a directory or git source no longer holds. Applied ones stay until they are deleted. */
function staleObjects(
  { objects, source }: Prepared,
  recorded: readonly DeclaredObject[],
): readonly DeclaredObject[] {
  if (source.kind === 'apply') return [];
  const held = new Set(objects.map(keyOf));
  return recorded.filter(
    (object) => !isRoute(object) && object.source === source.name && !held.has(keyOf(object)),
  );
}

function keyOf({ kind, name }: Pick<DeclaredObject, 'kind' | 'name'>): string {
  return `${kind}/${name}`;
}
