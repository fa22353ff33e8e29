import type { DeclaredRoute } from '../domain/declared-route.ts';
import { refuse } from '../domain/errors.ts';
import { canonicalJson } from '../lib/hash.ts';
import type { Ids } from '../reconcile/ports.ts';
import type {
  DeclarationStore,
  DeclarationTransaction,
  DeclaredObject,
  NewDeclaredRoute,
} from './ports.ts';

import type { PruneGates } from './prune.ts';

/** What a declaration does to the routes besides writing those it declares. */
export interface RouteDecision {
  /** Declared routes that another source owns and keeps, with the sentence that says so. */
  readonly conflicts: ReadonlyMap<string, RouteConflict>;
  /** Routes the source no longer declares. */
  readonly pruned: readonly DeclaredObject[];
  /** Why such routes stay nevertheless. */
  readonly blocked?: string;
}

export interface RouteConflict {
  readonly message: string;
  readonly owner: string;
  readonly claimant: string;
}

interface RouteInput {
  readonly source: string;
  readonly declared: readonly DeclaredObject[];
  readonly existing: readonly DeclaredObject[];
  readonly takeOwnership: boolean;
  readonly prune: PruneGates;
  /** The set holds nothing at all: more likely broken than meant. */
  readonly isEmpty: boolean;
}

/** Decides over routes as layouts are decided over: owners keep theirs, and a prune needs every gate open. Pure. */
export function decideRoutes(input: RouteInput): RouteDecision {
  const { declared, existing, source, takeOwnership, prune } = input;
  const owners = new Map(existing.filter(isRoute).map((object) => [object.name, object]));
  const conflicts = new Map<string, RouteConflict>();
  for (const { name, path } of declared.filter(isRoute)) {
    const owner = owners.get(name);
    if (owner === undefined || owner.source === source || takeOwnership) continue;
    const claimant = `${source} (${path})`;
    const keeper = `${owner.source} (${owner.path})`;
    const message = `${claimant} declares it too; ${keeper} owns it and keeps it`;
    conflicts.set(name, { message, owner: keeper, claimant });
  }
  const names = new Set(declared.filter(isRoute).map(({ name }) => name));
  const gone = [...owners.values()].filter(
    ({ name, path, source: owner }) =>
      owner === source && !names.has(name) && (prune.inScope?.({ source: { path } }) ?? true),
  );
  if (!prune.enabled || gone.length === 0) return { conflicts, pruned: [] };
  const blocked = pruneProblem(input, gone.length);
  return blocked === undefined ? { conflicts, pruned: gone } : { conflicts, pruned: [], blocked };
}

function pruneProblem({ source, prune, isEmpty }: RouteInput, count: number): string | undefined {
  if (!prune.allLoaded) {
    return 'nothing is removed before every source has loaded once since the daemon started';
  }
  if (!isEmpty || prune.allowEmpty || prune.confirmed !== undefined) return undefined;
  return `source ${source} declares nothing any more and its ${count} routes are kept; set allow_empty, or confirm with --confirm-prune 0`;
}

/** What an object's recording tells of the route behind it. Call within the transaction that puts the object. */
export function recordRoute(
  tx: DeclarationTransaction,
  { object, before }: { readonly object: DeclaredObject; readonly before?: DeclaredObject },
  { ids, store }: { readonly ids: Pick<Ids, 'uuid'>; readonly store: DeclarationStore },
): void {
  const declared = object.content as DeclaredRoute;
  if (before !== undefined && canonicalJson(before.content) === canonicalJson(declared)) return;
  const route: NewDeclaredRoute = { ...declared, id: ids.uuid(), cursor: store.lastSeq() };
  const id = tx.declareRoute(route);
  if (id === route.id) {
    const payload = { route_id: id, event_type: declared.spec.eventType };
    tx.emit({ type: 'route_created', actor: 'operator', payload });
  } else {
    const payload = { route_id: id, enabled: declared.enabled };
    tx.emit({ type: 'route_updated', actor: 'operator', payload });
  }
}

/** Ends a declared route; its object goes with it. Call within a transaction. */
export function recordRouteEnd(tx: DeclarationTransaction, name: string): void {
  const id = tx.withdrawRoute(name);
  tx.deleteObject('Route', name);
  if (id === undefined) return;
  tx.emit({ type: 'route_deleted', actor: 'operator', payload: { route_id: id } });
}

/** Throws `ownership_conflict` for the first route that another source owns. */
export function refuseTakenRoutes({ conflicts }: RouteDecision): void {
  for (const [name, { message, owner, claimant }] of conflicts) {
    throw refuse(
      'ownership_conflict',
      `route ${name}: ${message}; nothing was applied. Remove one of the two, or move it with --take-ownership`,
      { layout: name, owner, claimant },
    );
  }
}

/** Throws `owned_by_source` for a route that a source declares that is still followed: it would come back. */
export function refuseOwnedRoute(name: string, store: DeclarationStore): void {
  const owner = store.objects().find((object) => isRoute(object) && object.name === name);
  const isRead = store.sources().some(({ config }) => config.name === owner?.source);
  if (owner === undefined || !isRead) return;
  const { source, path } = owner;
  const alternatives = [`remove it from ${path}`, `agenttower route disable ${name}`];
  throw refuse(
    'owned_by_source',
    `route ${name} is declared by source ${source} and would come back; instead: ${alternatives.join('; or ')}`,
    { layout: name, source, path, alternatives },
  );
}

export function isRoute({ kind }: { readonly kind: string }): boolean {
  return kind === 'Route';
}
