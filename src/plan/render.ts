import type { LayoutRecord } from '../domain/records.ts';
import { canonicalJson } from '../lib/hash.ts';
import type { Action, ArrangeLayout, Blocked, Cause, Plan, SlotRef } from './action.ts';
import { isSuspended } from './compute.ts';
import { suspendedMessage } from './conditions.ts';
import { renderText, type ShownAction, type ShownKind, type ShownPlan } from './plan-text.ts';
import { diffLiveFields, diffReplaceFields, type FieldChange } from './slot-diff.ts';

export interface Planned {
  readonly plan: Plan;
  /** The layouts the plan was computed for. */
  readonly layouts: readonly LayoutRecord[];
  /** What would be done without the new manifest, to tell drift from change. */
  readonly baseline?: Plan;
}

/**
 * Turns the plans of several containers into one that a person and a script can read. `recorded` are changes that
 * are only written down, and that no plan tells of.
 */
export function renderPlans(
  planned: readonly Planned[],
  recorded: readonly ShownAction[] = [],
): ShownPlan {
  const ordered = planned.toSorted((a, b) => (a.plan.container < b.plan.container ? -1 : 1));
  const actions = ordered.flatMap((one) =>
    showActions(
      one,
      recorded.filter(({ container }) => container === one.plan.container),
    ),
  );
  const unknown = ordered.flatMap(showUnknown);
  const blocked = ordered.flatMap((one) => [
    ...showSuspended(one),
    ...one.plan.blocked.filter(isStanding).map(showBlocked),
  ]);
  const counts = countActions(ordered, actions, unknown.flatMap(({ slots }) => slots).length);
  const parts = { actions, unknown, blocked, counts };
  return { ...parts, text: renderText(parts) };
}

/** A cause in words: `ProcessExited (status 3)`, `SpecChanged (command)`. */
export function renderCause(cause: Cause): string {
  switch (cause.reason) {
    case 'ProcessExited':
      if (cause.signal !== undefined) return `ProcessExited (signal ${cause.signal})`;
      return cause.code === undefined ? 'ProcessExited' : `ProcessExited (status ${cause.code})`;
    case 'SpecChanged':
      return `SpecChanged (${cause.fields.join(', ')})`;
    case 'Held':
      return `Held (by ${cause.by})`;
    default:
      return cause.reason;
  }
}

// --- actions --------------------------------------------------------------------------------------------------------

function showActions(
  { plan, layouts, baseline }: Planned,
  recorded: readonly ShownAction[],
): readonly ShownAction[] {
  const already = new Set(baseline === undefined ? [] : shownOf(baseline, layouts).map(identify));
  const done = shownOf(plan, layouts).map((shown) => ({
    ...shown,
    drift: already.has(identify(shown)),
  }));
  return [...recorded, ...done].toSorted((a, b) =>
    a.slot < b.slot ? -1 : a.slot > b.slot ? 1 : 0,
  );
}

type Undated = Omit<ShownAction, 'drift'>;

function shownOf(plan: Plan, layouts: readonly LayoutRecord[]): readonly Undated[] {
  const { container } = plan;
  const later = plan.blocked.flatMap((blocked) =>
    blocked.next === undefined ? [] : [showLater(blocked, blocked.next, { container, layouts })],
  );
  const now = plan.actions.flatMap((action) => {
    const shown = showAction(action, layouts);
    return shown === undefined ? [] : [{ ...shown, container }];
  });
  return [...now, ...later];
}

/** The same step towards something else is no drift: without the manifest it would end elsewhere. */
function identify({ action, slot, cause, changes }: Undated): string {
  return `${action} ${slot} ${cause} ${canonicalJson(changes)}`;
}

function showAction(
  action: Action,
  layouts: readonly LayoutRecord[],
): Omit<Undated, 'container'> | undefined {
  switch (action.kind) {
    case 'create-pane':
      return show('create', action, []);
    case 'respawn-pane': {
      const replaced = ['SpecChanged', 'RestartRequested'].includes(action.cause.reason);
      return show(replaced ? 'replace' : 'revive', action, replaceChanges(action.at, layouts));
    }
    case 'update-pane':
      return show('in place', action, diffLiveFields(action.pane.spec, action.at.slot.spec));
    case 'kill-pane':
      // Made anew in the session that is declared now.
      return ['SpecChanged', 'RestartRequested', 'ProcessExited'].includes(action.cause.reason)
        ? show('replace', action, replaceChanges(action.at, layouts))
        : show('kill', action, []);
    case 'abandon-pane':
    case 'end-pane':
      return show('kill', action, []);
    case 'release-pane':
      return show('release', action, []);
    case 'kill-leftover':
      return { action: 'kill', slot: action.owner.label, cause: 'Leftover', changes: [] };
    case 'arrange-layout':
      return showArrange(action, layouts);
    default:
      // The rest only writes down what was seen, or finishes what was begun.
      return undefined;
  }
}

function show(
  action: ShownKind,
  { at, cause }: Extract<Action, { at: unknown; cause: Cause }>,
  changes: readonly FieldChange[],
): Omit<Undated, 'container'> {
  return { action, slot: `${at.layoutName}/${at.slot.key}`, cause: renderCause(cause), changes };
}

function showArrange(
  { layout, layoutName, arrangement }: ArrangeLayout,
  layouts: readonly LayoutRecord[],
): Omit<Undated, 'container'> {
  const old = layouts.find(({ id }) => id === layout)?.arranged;
  const changes = [{ field: 'layout', old, new: arrangement }];
  return { action: 'in place', slot: layoutName, cause: 'SpecChanged (layout)', changes };
}

function replaceChanges(
  { layout, slot }: Pick<SlotRef, 'layout' | 'slot'>,
  layouts: readonly LayoutRecord[],
): readonly FieldChange[] {
  const { pane } = slot;
  if (pane === undefined) return [];
  const session = layouts.find(({ id }) => id === layout)?.spec.session ?? pane.session;
  return [
    ...diffReplaceFields(pane.spec, slot.spec),
    ...(pane.session === session ? [] : [{ field: 'session', old: pane.session, new: session }]),
  ];
}

function showLater(
  blocked: Blocked,
  { action, cause }: NonNullable<Blocked['next']>,
  { container, layouts }: { readonly container: string; readonly layouts: readonly LayoutRecord[] },
): Undated {
  const layout = layouts.find(({ spec }) => spec.name === blocked.layoutName);
  const slot = layout?.slots.find(({ key }) => key === blocked.slotKey);
  return {
    action,
    slot: nameOf(blocked),
    container,
    cause: `${renderCause(cause)}; ${blocked.message}`,
    changes:
      layout === undefined || slot === undefined
        ? []
        : replaceChanges({ layout: layout.id, slot }, layouts),
  };
}

function showUnknown({ plan, layouts }: Planned): ShownPlan['unknown'] {
  if (plan.unknown === undefined) return [];
  const { container, reason, message } = plan.unknown;
  const slots = layouts.flatMap((layout) =>
    layout.slots.map(({ key }) => `${layout.spec.name}/${key}`),
  );
  return [{ container, reason, message, slots }];
}

function showSuspended({ plan, layouts }: Planned): ShownPlan['blocked'] {
  if (plan.unknown !== undefined) return [];
  return layouts.filter(isSuspended).map((layout) => ({
    slot: layout.spec.name,
    reason: 'Suspended',
    message: `${suspendedMessage(layout)}; nothing is changed meanwhile`,
  }));
}

function isStanding(blocked: Blocked): boolean {
  return blocked.next === undefined;
}

function showBlocked(blocked: Blocked): ShownPlan['blocked'][number] {
  return { slot: nameOf(blocked), reason: blocked.reason, message: blocked.message };
}

function nameOf({ layoutName, slotKey }: Blocked): string {
  return slotKey === undefined ? layoutName : `${layoutName}/${slotKey}`;
}

function countActions(
  planned: readonly Planned[],
  actions: readonly ShownAction[],
  unknown: number,
): ShownPlan['counts'] {
  const count = (...kinds: readonly ShownKind[]): number =>
    actions.filter(({ action }) => kinds.includes(action)).length;
  const touched = new Set(actions.map(({ container, slot }) => `${container} ${slot}`));
  const unchanged = planned
    .filter(({ plan }) => plan.unknown === undefined)
    .flatMap(({ layouts }) => layouts)
    .flatMap(({ container, spec, slots }) =>
      slots.map(({ key }) => `${container} ${spec.name}/${key}`),
    )
    .filter((slot) => !touched.has(slot)).length;
  return {
    create: count('create'),
    replace: count('replace', 'revive'),
    // A pane that is let go runs on.
    in_place: count('in place', 'release'),
    kill: count('kill'),
    unchanged,
    unknown,
  };
}
