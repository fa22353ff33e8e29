import type { AppliedObject } from '../../../declare/applied-objects.ts';
import { type ApplyOptions, applyFiles, previewFiles } from '../../../declare/declarations.ts';
import { recordRouteEnd, refuseOwnedRoute } from '../../../declare/declared-routes.ts';
import { type DeleteAddress, deleteLayouts } from '../../../declare/delete-layouts.ts';
import { computeDiff } from '../../../declare/diff.ts';
import { computeWhatIf, refuseStale } from '../../../declare/what-if.ts';
import { refuse } from '../../../domain/errors.ts';
import { compileManifests } from '../../../manifest/compile.ts';
import type { ManifestFile } from '../../../manifest/manifest-file.ts';
import { renderProblems } from '../../../manifest/render-problems.ts';
import type { Method } from '../method.ts';
import { defineMethod } from '../params.ts';
import { MAX_MANIFEST_REQUEST_BYTES, type PlanResult, type SavedPlan } from '../protocol.ts';
import { withNewestContainers } from './newest-containers.ts';
import type { Services } from './services.ts';

const FILES = {
  type: 'array',
  maxItems: 5_000,
  items: {
    type: 'object',
    required: ['path', 'text'],
    properties: { path: { type: 'string', minLength: 1 }, text: { type: 'string' } },
  },
} as const;

const APPLY_PROPERTIES = {
  files: FILES,
  prune: { type: 'boolean' },
  take_ownership: { type: 'boolean' },
  confirm_prune: { type: 'integer', minimum: 0 },
  scope: { type: 'array', items: { type: 'string', minLength: 1 } },
} as const;

interface ApplyParams {
  readonly files: readonly ManifestFile[];
  readonly prune?: boolean;
  readonly take_ownership?: boolean;
  readonly confirm_prune?: number;
  readonly scope?: readonly string[];
  readonly dry_run?: boolean;
}

/** Declared layouts: apply, plan, diff, delete. Whole files travel in the request. */
export function manifestMethods(services: Services): ReadonlyMap<string, Method> {
  const maxBytes = MAX_MANIFEST_REQUEST_BYTES;
  return new Map<string, Method>([
    ['manifest.apply', applyMethod(services)],
    [
      'manifest.plan',
      defineMethod<ApplyParams>({
        access: 'host',
        maxBytes,
        schema: { type: 'object', required: ['files'], properties: APPLY_PROPERTIES },
        run: (params) => withNewestContainers(services, () => plan(toOptions(params), services)),
      }),
    ],
    [
      'manifest.diff',
      defineMethod<ApplyParams>({
        access: 'host',
        maxBytes,
        schema: { type: 'object', required: ['files'], properties: APPLY_PROPERTIES },
        run: (params) =>
          withNewestContainers(services, () => ({
            items: computeDiff(toOptions(params), services),
          })),
      }),
    ],
    ['manifest.delete', deleteMethod(services)],
  ]);
}

type ApplyOrSaved = ApplyParams | { readonly plan: SavedPlan };

function applyMethod(services: Services): Method {
  return defineMethod<ApplyOrSaved>({
    access: 'host',
    maxBytes: MAX_MANIFEST_REQUEST_BYTES,
    schema: {
      type: 'object',
      properties: {
        ...APPLY_PROPERTIES,
        dry_run: { type: 'boolean' },
        plan: {
          type: 'object',
          required: ['plan', 'files', 'prune', 'take_ownership'],
          properties: {
            plan: {
              type: 'object',
              required: ['plan_id', 'lineage', 'touched', 'actions', 'formatVersion'],
              properties: {
                plan_id: { type: 'string' },
                lineage: { type: 'string' },
                formatVersion: { type: 'string' },
                touched: { type: 'array', items: { type: 'object' } },
                actions: { type: 'array', items: { type: 'object' } },
              },
            },
            files: FILES,
            prune: { type: 'boolean' },
            take_ownership: { type: 'boolean' },
            scope: APPLY_PROPERTIES.scope,
          },
        },
      },
    },
    run: (params) =>
      withNewestContainers(services, () =>
        'plan' in params ? applySaved(params.plan, services) : apply(params, services),
      ),
  });
}

async function apply(params: ApplyParams, services: Services): Promise<unknown> {
  const { files } = params;
  if (files === undefined) {
    throw refuse('validation_failed', 'params: files is required', {
      field: 'files',
      reason: 'missing or empty',
    });
  }
  const options = toOptions(params);
  if (params.dry_run !== true) return { objects: applyFiles(options, services) };
  return { objects: previewFiles(options, services), plan: await plan(options, services) };
}

/** Performs exactly the plan that was saved, once, or refuses. */
async function applySaved(saved: SavedPlan, services: Services): Promise<unknown> {
  const { lineage, plan_id: planId, formatVersion } = saved.plan;
  const again = 'make a new plan with `agenttower plan --out`';
  const stale = (why: string): Error =>
    refuse('plan_stale', `${why}; nothing was applied, ${again}`, { moved: [] });
  if (!formatVersion.startsWith('1.'))
    throw stale(`the plan has format ${formatVersion}, known is 1.x`);
  if (lineage !== services.store.lineage) throw stale('the plan was made by another database');
  // What an applied plan touched has moved by itself: say what happened, not what follows from it.
  const spent = 'the plan was applied before';
  if (services.store.isPlanSpent(planId)) throw stale(spent);
  const options: ApplyOptions = {
    files: saved.files,
    prune: saved.prune,
    takeOwnership: saved.take_ownership,
    ...(saved.scope !== undefined && { scope: saved.scope }),
  };
  const now = await computeWhatIf(options, services);
  refuseStale(saved.plan, now);
  const fresh = services.store.transact((tx) => tx.spendPlan(planId));
  if (!fresh) throw stale(spent);
  return { objects: applyFiles(options, services) };
}

async function plan(options: ApplyOptions, services: Services): Promise<PlanResult> {
  const shown = await computeWhatIf(options, services);
  return {
    formatVersion: '1.0',
    plan_id: services.ids.uuid(),
    lineage: services.store.lineage,
    ...shown,
  };
}

function toOptions(params: ApplyParams): ApplyOptions {
  return {
    files: params.files,
    prune: params.prune ?? false,
    takeOwnership: params.take_ownership ?? false,
    ...(params.confirm_prune !== undefined && { confirmPrune: params.confirm_prune }),
    ...(params.scope !== undefined && { scope: params.scope }),
  };
}

// --- delete ---------------------------------------------------------------------------------------------------------

interface DeleteParams {
  readonly files?: readonly ManifestFile[];
  readonly layouts?: readonly { readonly name: string; readonly container?: string }[];
}

function deleteMethod(services: Services): Method {
  return defineMethod<DeleteParams>({
    access: 'host',
    maxBytes: MAX_MANIFEST_REQUEST_BYTES,
    schema: {
      type: 'object',
      properties: {
        files: FILES,
        layouts: {
          type: 'array',
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string', minLength: 1 }, container: { type: 'string' } },
          },
        },
      },
    },
    run: ({ files = [], layouts = [] }) => {
      const declared = files.length === 0 ? noObjects : readDeclared(files, services);
      const addresses = [...layouts, ...declared.layouts].map(({ container, ...address }) => ({
        ...address,
        ...(container !== undefined && {
          container: services.resolveContainer(container) ?? container,
        }),
      }));
      const objects = deleteLayouts(addresses, services);
      return { objects: [...objects, ...deleteObjects(declared, services)] };
    },
  });
}

interface DeclaredNames {
  readonly layouts: readonly DeleteAddress[];
  readonly objects: readonly {
    readonly kind: 'LayoutTemplate' | 'LaunchProfile' | 'Route';
    readonly name: string;
  }[];
}
const noObjects: DeclaredNames = { layouts: [], objects: [] };

function readDeclared(files: readonly ManifestFile[], { catalog }: Services): DeclaredNames {
  const set = compileManifests(files, catalog());
  if (!set.ok) {
    const message = `the manifests could not be read; nothing was deleted\n${renderProblems(set.error)}`;
    throw refuse('manifest_invalid', message, { problems: set.error });
  }
  const { layouts, templates, profiles, routes } = set.value;
  return {
    layouts: layouts.map(({ spec: { name, container, selector } }) =>
      selector === undefined ? { name, container } : { name, isSelecting: true },
    ),
    objects: [
      ...templates.map(({ template }) => ({
        kind: 'LayoutTemplate' as const,
        name: template.name,
      })),
      ...profiles.map(({ profile }) => ({ kind: 'LaunchProfile' as const, name: profile.name })),
      ...routes.map(({ route }) => ({ kind: 'Route' as const, name: route.name })),
    ],
  };
}

function deleteObjects({ objects }: DeclaredNames, { store }: Services): readonly AppliedObject[] {
  if (objects.length === 0) return [];
  for (const { kind, name } of objects) if (kind === 'Route') refuseOwnedRoute(name, store);
  const followed = new Set(store.sources().map(({ config }) => config.name));
  const free = store.objects().filter(({ source }) => !followed.has(source));
  const known = new Set(free.map(({ kind, name }) => `${kind}/${name}`));
  store.transact((tx) => {
    for (const { kind, name } of objects) {
      if (kind === 'Route') recordRouteEnd(tx, name);
      else tx.deleteObject(kind, name);
    }
  });
  return objects.map(({ kind, name }) => ({
    kind,
    name,
    action: known.has(`${kind}/${name}`) ? 'deleted' : 'not found',
  }));
}
