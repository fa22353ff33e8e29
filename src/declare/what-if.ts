import { describeSelector } from '../domain/container-selector.ts';
import { refuse } from '../domain/errors.ts';
import type { ContainerId } from '../domain/ids.ts';
import type { Observation } from '../domain/observed.ts';
import type { LayoutRecord } from '../domain/records.ts';
import { canonicalJson } from '../lib/hash.ts';
import type { Plan } from '../plan/action.ts';
import type { ShownAction, ShownPlan } from '../plan/plan-text.ts';
import { renderCause, renderPlans } from '../plan/render.ts';
import type { LayoutChange } from './changes.ts';
import { type ApplyOptions, type DeclarationsDeps, prepareApply } from './declarations.ts';
import { isRoute } from './declared-routes.ts';
import { diffOwnFields } from './diff.ts';
import type { Prepared } from './prepare.ts';
import { projectLayouts } from './project.ts';
import { computeObjectChanges, describeObjects } from './record-objects.ts';
import { describeMatches } from './selectors.ts';

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
  /** Layouts that would be recorded anew, also where nothing is to be done for it now. */
  readonly layouts: readonly PlannedLayout[];
}

export interface PlannedLayout {
  readonly name: string;
  readonly container: ContainerId;
  readonly action: 'created' | 'configured';
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
  const shown = renderPlans(planned, ownChanges(changes));
  const routes = planRoutes(prepared, deps);
  return {
    ...withRoutes(withNotes(shown, prepared), routes),
    routes,
    layouts: planLayouts(changes),
    touched: touchedBy(shown, prepared, { existing, observations }),
  };
}

/**
 * Refuses a saved plan once a layout or a server it was made for has moved, or once something else would be done.
 * What the loop repairs by itself comes and goes, and is no part of it.
 */
export function refuseStale(saved: SavedWhatIf, now: SavedWhatIf): void {
  const current = new Map(now.touched.map((one) => [one.layout, one]));
  const moved = saved.touched
    .filter((one) => canonicalJson(current.get(one.layout) ?? null) !== canonicalJson(one))
    .map(({ layout }) => layout);
  if (moved.length > 0) throw stale(`${moved.join(', ')} changed since it was made`, moved);
  const [planned, found] = [stepsOf(saved), stepsOf(now)];
  const other = [...planned, ...found].filter(([step]) => !(planned.has(step) && found.has(step)));
  const places = [...new Set(other.map(([, place]) => place))].toSorted();
  if (places.length > 0) {
    throw stale(`something else would be done to ${places.join(', ')} by now`, places);
  }
}

/** What decides whether a saved plan still holds. */
export type SavedWhatIf = Pick<WhatIf, 'actions' | 'touched'>;

/** Each step with the place it is at. */
function stepsOf({ actions }: SavedWhatIf): ReadonlyMap<string, string> {
  return new Map(
    actions
      .filter(({ drift }) => !drift)
      .map(({ action, container, slot }) => [
        `${action} ${container}/${slot}`,
        `${container}/${slot}`,
      ]),
  );
}

function stale(why: string, moved: readonly string[]): Error {
  const message = `the plan is stale: ${why}; nothing was applied. Make a new plan`;
  return refuse('plan_stale', message, { moved });
}

function planLayouts(changes: readonly LayoutChange[]): readonly PlannedLayout[] {
  return changes.flatMap((change): readonly PlannedLayout[] => {
    const isNew = change.kind === 'create';
    if (!isNew && (change.kind !== 'configure' || !change.respecified)) return [];
    const { spec, container } = change.declared;
    return [{ name: spec.name, container, action: isNew ? 'created' : 'configured' }];
  });
}

/** Fields that are only written down: no action of the loop tells of them. */
function ownChanges(changes: readonly LayoutChange[]): readonly ShownAction[] {
  return changes.flatMap((change): readonly ShownAction[] => {
    if (change.kind !== 'configure' || !change.respecified) return [];
    const { before, declared } = change;
    const own = diffOwnFields(before.spec, declared.spec).filter(
      ({ field }) => field !== 'session' && field !== 'layout',
    );
    if (own.length === 0) return [];
    const cause = renderCause({ reason: 'SpecChanged', fields: own.map(({ field }) => field) });
    const { container, spec } = declared;
    return [{ action: 'in place', slot: spec.name, container, cause, changes: own, drift: false }];
  });
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
