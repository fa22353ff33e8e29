import { describeSelector } from '../domain/container-selector.ts';
import type { DeclaredRoute } from '../domain/declared-route.ts';
import { refuse } from '../domain/errors.ts';
import type { ContainerId } from '../domain/ids.ts';
import type { Observation } from '../domain/observed.ts';
import type { LayoutRecord } from '../domain/records.ts';
import type { LayoutSpec } from '../domain/spec.ts';
import { canonicalJson } from '../lib/hash.ts';
import type { Plan } from '../plan/action.ts';
import { renderPlans, type ShownPlan } from '../plan/render.ts';
import { diffLiveFields, diffReplaceFields, type FieldChange } from '../plan/slot-diff.ts';
import { type ApplyOptions, type DeclarationsDeps, prepareApply } from './declarations.ts';
import { isRoute } from './declared-routes.ts';
import type { Prepared } from './prepare.ts';
import { projectLayouts } from './project.ts';
import { computeObjectChanges, describeObjects } from './record-objects.ts';
import { describeMatches } from './selectors.ts';
import { diffSlots } from './slots.ts';

export interface WhatIfDeps extends DeclarationsDeps {
  /** A fresh look at a container. Never throws. */
  readonly observe: (container: ContainerId) => Promise<Observation>;
  /** The loop's own plan function, on layouts that need not be recorded. */
  readonly planFor: (observation: Observation, layouts: readonly LayoutRecord[]) => Plan;
}

export interface WhatIf extends ShownPlan {
  /** What the plan relies on; a saved plan is refused once any of it has moved. */
  readonly touched: readonly Touched[];
  /** Routes that would change; unlike panes they do so at once. */
  readonly routes: readonly PlannedRoute[];
}

export interface PlannedRoute {
  readonly name: string;
  readonly action: string;
}

export interface Touched {
  readonly layout: string;
  readonly generation: number;
  readonly epoch: string | null;
}

/**
 * What the loop would do if these files were applied; with no files, what it is about to do anyway.
 * Looks at the world, writes nothing. Throws as `prepareApply`.
 */
export async function computeWhatIf(options: ApplyOptions, deps: WhatIfDeps): Promise<WhatIf> {
  const prepared = prepareApply(options, deps);
  const { changes, prune } = prepared;
  const containers = new Set([
    ...prepared.existing.map(({ container }) => container),
    ...changes.map((change) =>
      change.kind === 'unchanged' ? change.before.container : change.declared.container,
    ),
  ]);
  const observations = await Promise.all(
    [...containers].map((container) => deps.observe(container)),
  );
  // Read again: the looks took a while.
  const existing = deps.store.layouts();
  const pruned = prune.kind === 'allowed' ? prune.layouts : [];
  const wanted = projectLayouts({ existing, changes, pruned, now: deps.clock.now() });
  const planned = observations.map((observation) => {
    const of = (layouts: readonly LayoutRecord[]): readonly LayoutRecord[] =>
      layouts.filter(({ container }) => container === observation.container);
    const layouts = of(wanted);
    const plan = deps.planFor(observation, layouts);
    return { plan, layouts, baseline: deps.planFor(observation, of(existing)) };
  });
  const shown = renderPlans(planned);
  const routes = planRoutes(prepared, deps);
  return {
    ...withRoutes(withNotes(shown, prepared), routes),
    routes,
    touched: touchedBy(shown, prepared, { existing, observations }),
  };
}

/** Refuses a saved plan once a layout or a server it was made for has moved. */
export function refuseStale(saved: readonly Touched[], now: readonly Touched[]): void {
  const current = new Map(now.map((one) => [one.layout, one]));
  const moved = saved
    .filter((one) => canonicalJson(current.get(one.layout) ?? null) !== canonicalJson(one))
    .map(({ layout }) => layout);
  if (moved.length === 0) return;
  throw refuse(
    'plan_stale',
    `the plan is stale: ${moved.join(', ')} changed since it was made; nothing was applied. Make a new plan`,
    { moved },
  );
}

export interface ObjectDiff {
  readonly kind: 'Layout' | 'Route';
  readonly name: string;
  /** Of a layout; routes have none. */
  readonly container?: string;
  readonly changes: readonly FieldChange[];
}

/** Field by field, how files differ from what is recorded. Throws as `prepareApply`. */
export function computeDiff(options: ApplyOptions, deps: DeclarationsDeps): readonly ObjectDiff[] {
  const prepared = prepareApply(options, deps);
  return [...diffLayouts(prepared), ...diffRoutes(prepared, deps)];
}

function diffLayouts({ changes }: Prepared): readonly ObjectDiff[] {
  return changes.flatMap((change): readonly ObjectDiff[] => {
    if (change.kind === 'create') {
      const { spec } = change.declared;
      return [
        {
          kind: 'Layout',
          name: spec.name,
          container: change.declared.container,
          changes: [{ field: 'layout', old: undefined, new: 'created' }],
        },
      ];
    }
    if (change.kind !== 'configure' || !change.respecified) return [];
    const { before, declared } = change;
    return [
      {
        kind: 'Layout',
        name: declared.spec.name,
        container: declared.container,
        changes: diffSpecs(before, declared.spec),
      },
    ];
  });
}

function diffRoutes(prepared: Prepared, deps: DeclarationsDeps): readonly ObjectDiff[] {
  const { written, before } = computeObjectChanges(prepared, deps);
  return written.filter(isRoute).map(({ name, content }): ObjectDiff => {
    const known = before.get(`Route/${name}`);
    const changes = diffRoute(
      known?.content as DeclaredRoute | undefined,
      content as DeclaredRoute,
    );
    return { kind: 'Route', name, changes };
  });
}

function diffRoute(
  before: DeclaredRoute | undefined,
  after: DeclaredRoute,
): readonly FieldChange[] {
  if (before === undefined) return [{ field: 'route', old: undefined, new: 'created' }];
  const old = { ...before.spec, enabled: before.enabled };
  const wanted = { ...after.spec, enabled: after.enabled };
  const fields = ['eventType', 'scope', 'target', 'master', 'template', 'enabled'] as const;
  return fields
    .filter((field) => canonicalJson(old[field]) !== canonicalJson(wanted[field]))
    .map((field) => ({ field, old: old[field], new: wanted[field] }));
}

function planRoutes(prepared: Prepared, deps: DeclarationsDeps): readonly PlannedRoute[] {
  return describeObjects(prepared, computeObjectChanges(prepared, deps))
    .filter((object) => isRoute(object) && object.action !== 'unchanged')
    .map(({ name, action }) => ({ name, action }));
}

function withRoutes(shown: ShownPlan, routes: readonly PlannedRoute[]): ShownPlan {
  if (routes.length === 0) return shown;
  const lines = routes.map(
    ({ name, action }) => `    ${SIGNS[action] ?? '~'} route/${name}  ${action}`,
  );
  return { ...shown, text: [...lines, '', shown.text].join('\n') };
}

const SIGNS: Readonly<Record<string, string>> = { created: '+', pruned: '-' };

function diffSpecs(before: LayoutRecord, spec: LayoutSpec): readonly FieldChange[] {
  const { added, kept, dropped } = diffSlots(before, spec);
  const fields = [
    'selector',
    'session',
    'labels',
    'arrangement',
    'updateStrategy',
    'suspend',
  ] as const;
  const own = fields
    .filter((field) => canonicalJson(before.spec[field]) !== canonicalJson(spec[field]))
    .map((field) => ({ field, old: before.spec[field], new: spec[field] }));
  const slots = kept.flatMap(({ before: slot, spec: wanted }) =>
    [...diffReplaceFields(slot.spec, wanted), ...diffLiveFields(slot.spec, wanted)].map(
      (change) => ({
        ...change,
        field: `${slot.key}.${change.field}`,
      }),
    ),
  );
  return [
    ...own,
    ...slots,
    ...added.map(({ spec: slot }) => ({ field: slot.key, old: undefined, new: 'added' })),
    ...dropped
      .filter(({ before: slot }) => slot.declared)
      .map(({ before: slot }) => ({ field: slot.key, old: 'declared', new: undefined })),
  ];
}

/** What the loop cannot know: removals that are refused, and selectors that choose nothing. */
function withNotes(shown: ShownPlan, { prune, selectors }: Prepared): ShownPlan {
  const unmatched = selectors.filter(({ containers }) => containers.length === 0);
  const refused = prune.kind === 'allowed' ? [] : prune.layouts;
  const blocked = [
    ...refused.map(({ spec }) => ({
      slot: spec.name,
      reason: 'PruneBlocked',
      message: prune.kind === 'blocked' ? prune.message : '',
    })),
    ...unmatched.map(({ spec }) => ({
      slot: spec.name,
      reason: 'NoContainerMatches',
      message: describeMatches(spec, 0),
    })),
  ];
  if (blocked.length === 0) return shown;
  const lines = blocked.map(({ slot, reason, message }) => `    ${slot}  ${reason}: ${message}`);
  return {
    ...shown,
    blocked: [...shown.blocked, ...blocked],
    text: [...lines, '', shown.text].join('\n'),
  };
}

/** Every layout the files speak of, changed or not: one that moved meanwhile would be set back by them. */
function touchedBy(
  shown: ShownPlan,
  { changes, prune, selectors }: Prepared,
  {
    existing,
    observations,
  }: {
    readonly existing: readonly LayoutRecord[];
    readonly observations: readonly Observation[];
  },
): readonly Touched[] {
  const spoken = changes.map((change) =>
    change.kind === 'unchanged' ? change.before : change.declared,
  );
  const names = new Set([
    ...shown.actions.map(({ slot, container }) => `${container}/${slot.split('/')[0]}`),
    ...[...spoken, ...prune.layouts].map(({ spec, container }) => `${container}/${spec.name}`),
  ]);
  const epochs = new Map(
    observations.map((one) => [one.container, one.kind === 'seen' ? one.epoch : null]),
  );
  const generations = new Map(
    existing.map(({ container, spec, generation }) => [`${container}/${spec.name}`, generation]),
  );
  const layouts = [...names].toSorted().map((layout) => ({
    layout,
    generation: generations.get(layout) ?? 0,
    epoch: epochs.get(layout.slice(0, layout.indexOf('/')) as ContainerId) ?? null,
  }));
  // A container that came or went since would get, or lose, a layout the plan does not show.
  const choices = selectors.map(({ spec, containers }) => ({
    layout: `the containers of ${spec.name} (${describeSelector(spec.selector)})`,
    generation: 0,
    epoch: containers.join(','),
  }));
  return [...layouts, ...choices];
}
