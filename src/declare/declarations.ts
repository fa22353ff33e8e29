import { refuse } from '../domain/errors.ts';
import type { ContainerId } from '../domain/ids.ts';
import type { LayoutRecord } from '../domain/records.ts';
import type { Clock } from '../lib/clock.ts';
import { canonicalJson } from '../lib/hash.ts';
import type { ManifestFile } from '../manifest/manifest-file.ts';
import type { Ids } from '../reconcile/ports.ts';
import { type AppliedObject, describeLayouts, describeUnmatched } from './applied-objects.ts';
import { describeSource, isSameSource, type LayoutChange } from './changes.ts';
import { refuseTakenRoutes } from './declared-routes.ts';
import type { DeclarationTransaction, SourceConfig, SourceSnapshot } from './ports.ts';
import {
  type Declaration,
  type PrepareDeps,
  type Prepared,
  prepareDeclaration,
} from './prepare.ts';
import { recordChange, recordDeletion } from './record-changes.ts';
import { computeObjectChanges, describeObjects, recordObjects } from './record-objects.ts';

export interface DeclarationsDeps extends PrepareDeps {
  readonly ids: Pick<Ids, 'uuid'>;
  readonly clock: Clock;
  /** Tells the loop that the desired state of a container moved. */
  readonly wake: (container: ContainerId) => void;
  readonly allSourcesLoaded: () => boolean;
}

export interface ApplyOptions {
  readonly files: readonly ManifestFile[];
  readonly prune: boolean;
  readonly takeOwnership: boolean;
  readonly confirmPrune?: number;
  /** Files and directories whose earlier layouts a prune may remove; the files themselves when absent. */
  readonly scope?: readonly string[];
}

export interface SourceApplied {
  readonly ok: true;
  readonly configured: number;
  readonly removed: number;
  readonly pruneBlocked?: string;
}

/** What `apply` means, before anything is written. Shared by `apply`, `plan` and `diff`. */
export function prepareApply(options: ApplyOptions, deps: DeclarationsDeps): Prepared {
  const prepared = prepareDeclaration(toDeclaration(options), deps);
  refuseTakenRoutes(prepared.routes);
  const conflict = prepared.changes.find((change) => change.kind === 'conflict');
  if (conflict === undefined) return prepared;
  const { before, declared, message } = conflict;
  throw refuse(
    'ownership_conflict',
    `layout ${before.spec.name}: ${message}; nothing was applied. Remove one of the two, or move it with --take-ownership`,
    {
      layout: before.spec.name,
      owner: describeSource(before.source),
      claimant: describeSource(declared.source),
    },
  );
}

/**
 * Writes applied files into the desired state, in one transaction, and wakes the loop.
 * @throws {AgentTowerError} as `prepareDeclaration`, and `ownership_conflict`, `prune_blocked`.
 */
export function applyFiles(
  options: ApplyOptions,
  deps: DeclarationsDeps,
): readonly AppliedObject[] {
  const prepared = prepareApply(options, deps);
  const { prune } = prepared;
  if (prune.kind === 'blocked') {
    throw refuse('prune_blocked', `${prune.message}; nothing was applied`, {
      source: 'apply',
      would_kill: prune.wouldKill,
      allowed: prune.allowed,
    });
  }
  const { blocked } = prepared.routes;
  if (blocked !== undefined) {
    const details = { source: 'apply', would_kill: 0, allowed: 0 };
    throw refuse('prune_blocked', `${blocked}; nothing was applied`, details);
  }
  return record(prepared, deps);
}

/** What `applyFiles` would say of each object, with its present generation. Writes nothing; throws as `prepareApply`. */
export function previewFiles(
  options: ApplyOptions,
  deps: DeclarationsDeps,
): readonly AppliedObject[] {
  const prepared = prepareApply(options, deps);
  const objects = computeObjectChanges(prepared, deps);
  return [
    ...describeObjects(prepared, objects),
    ...describeUnmatched(prepared, newSelectors(prepared, deps)),
    ...describeLayouts(prepared, deps),
  ];
}

/**
 * Writes what a directory or git source holds. Layouts that another source owns are left to it and say so; a prune
 * that the gates refuse leaves its layouts running and says so. Throws as `prepareDeclaration`.
 */
export function applySource(
  config: SourceConfig,
  snapshot: SourceSnapshot,
  { confirmPrune }: { readonly confirmPrune?: number },
  deps: DeclarationsDeps,
): SourceApplied {
  const prepared = prepareDeclaration(
    {
      files: snapshot.files,
      source: { kind: config.kind, name: config.name, revision: snapshot.revision },
      takeOwnership: false,
      prune: {
        enabled: config.prune,
        allowEmpty: config.allowEmpty,
        allLoaded: deps.allSourcesLoaded(),
        ...(confirmPrune !== undefined && { confirmed: confirmPrune }),
      },
    },
    deps,
  );
  const objects = record(prepared, deps);
  const changed = objects.filter(({ action }) => action === 'created' || action === 'configured');
  const problem =
    prepared.prune.kind === 'blocked' ? prepared.prune.message : prepared.routes.blocked;
  const blocked = problem === undefined ? {} : { pruneBlocked: problem };
  const removed = objects.filter(({ action }) => action === 'pruned').length;
  return { ok: true, configured: changed.length, removed, ...blocked };
}

function toDeclaration({
  files,
  prune,
  takeOwnership,
  confirmPrune,
  scope,
}: ApplyOptions): Declaration {
  const roots = scope ?? files.map(({ path }) => path);
  return {
    files,
    source: { kind: 'apply', name: 'apply' },
    takeOwnership,
    prune: {
      enabled: prune,
      allowEmpty: false,
      allLoaded: true,
      ...(confirmPrune !== undefined && { confirmed: confirmPrune }),
      inScope: ({ source }) => roots.some((root) => isWithin(source.path, root)),
    },
  };
}

/** `agents/team.yaml:12` lies within `agents/team.yaml`, and within `agents`. */
function isWithin(path: string, root: string): boolean {
  const file = path.replace(/:\d+$/, '');
  const folder = root.endsWith('/') ? root : `${root}/`;
  return file === root || file.startsWith(folder);
}

// --- writing --------------------------------------------------------------------------------------------------------

function record(prepared: Prepared, deps: DeclarationsDeps): readonly AppliedObject[] {
  const { changes, prune } = prepared;
  const now = deps.clock.now();
  const objects = computeObjectChanges(prepared, deps);
  const released = releasedConflicts(prepared);
  const unblocked = unblockedPrunes(prepared);
  const effective = changes.filter(isEffective);
  const selectors = newSelectors(prepared, deps);
  const silent =
    effective.length + objects.written.length + objects.removed.length === 0 &&
    released.length + unblocked.length + prune.layouts.length === 0 &&
    selectors.length + prepared.withdrawn.length === 0;
  if (!silent) {
    deps.store.transact((tx) => {
      recordObjects(tx, objects, deps);
      for (const { spec, source } of selectors) tx.putSelector({ spec, source });
      for (const selector of prepared.withdrawn) tx.deleteSelector(selector);
      for (const change of effective) recordChange(tx, change, deps);
      for (const layout of released) tx.updateLayout(layout.id, { ownershipConflict: undefined });
      for (const layout of unblocked) tx.updateLayout(layout.id, { pruneBlocked: undefined });
      recordPrune(tx, prepared, now);
    });
  }
  const touched = [
    ...effective.map((change) => ('declared' in change ? change.declared.container : undefined)),
    ...prune.layouts.map(({ container }) => container),
  ];
  for (const container of new Set(touched)) if (container !== undefined) deps.wake(container);
  return [
    ...describeObjects(prepared, objects),
    ...describeUnmatched(prepared, selectors),
    ...describeLayouts(prepared, deps),
  ];
}

function newSelectors({ selectors }: Prepared, { store }: DeclarationsDeps): Prepared['selectors'] {
  const known = new Set(store.selectors().map((selector) => canonicalJson(selector)));
  return selectors.filter(({ spec, source }) => !known.has(canonicalJson({ spec, source })));
}

function isEffective(change: LayoutChange): boolean {
  if (change.kind === 'skipped') return false;
  return change.kind === 'conflict'
    ? change.before.ownershipConflict !== change.message
    : change.kind !== 'unchanged';
}

/** Conflicts that this source raised earlier and no longer claims. */
function releasedConflicts({ existing, changes, source }: Prepared): readonly LayoutRecord[] {
  const claimed = new Set(
    changes.flatMap((change) => ('before' in change ? [change.before.id] : [])),
  );
  const prefix = describeSource({ ...source, path: '' });
  return existing.filter(
    ({ id, ownershipConflict }) =>
      ownershipConflict?.startsWith(`${prefix} `) === true && !claimed.has(id),
  );
}

/** Layouts whose removal was refused, and is not asked for any more. */
function unblockedPrunes({
  existing,
  source,
  prune,
  selectors,
}: Prepared): readonly LayoutRecord[] {
  // Of applied files, each says nothing of what another one declares.
  const isSpokenOf = ({ spec }: LayoutRecord): boolean =>
    source.kind !== 'apply' ||
    spec.selector === undefined ||
    selectors.some((selector) => selector.spec.name === spec.name);
  return existing.filter(
    (layout) =>
      layout.pruneBlocked !== undefined &&
      isSameSource(layout.source, { ...source, path: '' }) &&
      isSpokenOf(layout) &&
      !prune.layouts.includes(layout),
  );
}

function recordPrune(tx: DeclarationTransaction, { prune }: Prepared, now: number): void {
  for (const layout of prune.layouts) {
    if (prune.kind === 'allowed') {
      recordDeletion(tx, layout, { reason: 'NoLongerDeclared', at: now });
    } else if (layout.pruneBlocked !== prune.message) {
      tx.updateLayout(layout.id, { pruneBlocked: prune.message });
    }
  }
}
