import type { LayoutRecord, SlotRecord } from '../domain/records.ts';
import { differingParts } from '../lib/differing-parts.ts';
import type { Action, Blocked, Cause, Plan } from './action.ts';
import { diffLiveFields, diffReplaceFields, type FieldChange } from './slot-diff.ts';

export type ShownKind = 'create' | 'replace' | 'revive' | 'in place' | 'kill' | 'release';

/** One planned change as an operator sees it. */
export interface ShownAction {
  readonly action: ShownKind;
  /** `payments/m1`; the layout's name alone for what concerns all of it. */
  readonly slot: string;
  readonly container: string;
  readonly cause: string;
  readonly changes: readonly FieldChange[];
  /** The loop would do this without any new manifest. */
  readonly drift: boolean;
}

export interface ShownPlan {
  readonly actions: readonly ShownAction[];
  readonly unknown: readonly {
    readonly container: string;
    readonly reason: string;
    readonly message: string;
    readonly slots: readonly string[];
  }[];
  readonly blocked: readonly {
    readonly slot: string;
    readonly reason: string;
    readonly message: string;
  }[];
  readonly counts: {
    readonly create: number;
    readonly replace: number;
    readonly in_place: number;
    readonly kill: number;
    readonly unchanged: number;
    readonly unknown: number;
  };
  /** The whole plan; equal plans give equal bytes. */
  readonly text: string;
}

export interface Planned {
  readonly plan: Plan;
  /** The layouts the plan was computed for. */
  readonly layouts: readonly LayoutRecord[];
  /** What would be done without the new manifest, to tell drift from change. */
  readonly baseline?: Plan;
}

/** Turns the plans of several containers into one that a person and a script can read. */
export function renderPlans(planned: readonly Planned[]): ShownPlan {
  const ordered = planned.toSorted((a, b) => (a.plan.container < b.plan.container ? -1 : 1));
  const actions = ordered.flatMap(showActions);
  const unknown = ordered.flatMap(showUnknown);
  const blocked = ordered.flatMap(({ plan }) => plan.blocked.filter(isStanding).map(showBlocked));
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

function showActions({ plan, layouts, baseline }: Planned): readonly ShownAction[] {
  const already = new Set(baseline === undefined ? [] : shownOf(baseline, layouts).map(identify));
  return shownOf(plan, layouts)
    .map((shown) => ({ ...shown, drift: already.has(identify(shown)) }))
    .toSorted((a, b) => (a.slot < b.slot ? -1 : a.slot > b.slot ? 1 : 0));
}

type Undated = Omit<ShownAction, 'drift'>;

function shownOf(plan: Plan, layouts: readonly LayoutRecord[]): readonly Undated[] {
  const { container } = plan;
  const later = plan.blocked.flatMap((blocked) =>
    blocked.next === undefined ? [] : [showLater(blocked, blocked.next, { container, layouts })],
  );
  const now = plan.actions.flatMap((action) => {
    const shown = showAction(action);
    return shown === undefined ? [] : [{ ...shown, container }];
  });
  return [...now, ...later];
}

function identify({ action, slot, cause }: Undated): string {
  return `${action} ${slot} ${cause}`;
}

function showAction(action: Action): Omit<Undated, 'container'> | undefined {
  switch (action.kind) {
    case 'create-pane':
      return show('create', action, []);
    case 'respawn-pane': {
      const replaced = ['SpecChanged', 'RestartRequested'].includes(action.cause.reason);
      return show(replaced ? 'replace' : 'revive', action, replaceChanges(action.at.slot));
    }
    case 'update-pane':
      return show('in place', action, diffLiveFields(action.pane.spec, action.at.slot.spec));
    case 'kill-pane':
      // Made anew in the session that is declared now.
      return ['SpecChanged', 'RestartRequested', 'ProcessExited'].includes(action.cause.reason)
        ? show('replace', action, replaceChanges(action.at.slot))
        : show('kill', action, []);
    case 'abandon-pane':
    case 'end-pane':
      return show('kill', action, []);
    case 'release-pane':
      return show('release', action, []);
    case 'kill-leftover':
      return { action: 'kill', slot: action.owner.label, cause: 'Leftover', changes: [] };
    case 'arrange-layout':
      return {
        action: 'in place',
        slot: action.layoutName,
        cause: 'SpecChanged (layout)',
        changes: [],
      };
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

function replaceChanges(slot: SlotRecord): readonly FieldChange[] {
  return slot.pane === undefined ? [] : diffReplaceFields(slot.pane.spec, slot.spec);
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
    changes: slot === undefined ? [] : replaceChanges(slot),
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
    in_place: count('in place'),
    kill: count('kill', 'release'),
    unchanged,
    unknown,
  };
}

// --- text -----------------------------------------------------------------------------------------------------------

const MARK: Readonly<Record<ShownKind, string>> = {
  create: '+',
  replace: '-/+',
  revive: '-/+',
  'in place': '~',
  kill: '-',
  release: '-',
};

function renderText({ actions, unknown, blocked, counts }: Omit<ShownPlan, 'text'>): string {
  // A layout's name says where it is, unless the plan speaks of several containers.
  const isOne = new Set(actions.map(({ container }) => container)).size <= 1;
  const renderAction = (action: ShownAction): readonly string[] =>
    renderChanges(action, isOne ? action.slot : `${action.container}/${action.slot}`);
  const drift = actions.filter((action) => action.drift);
  const changes = actions.filter((action) => !action.drift);
  return [
    ...changes.flatMap(renderAction),
    ...(drift.length > 0 ? ['', 'Drift, repaired without any new manifest:'] : []),
    ...drift.flatMap(renderAction),
    ...(blocked.length > 0 ? ['', 'Not done now:'] : []),
    ...blocked.map(({ slot, reason, message }) => `    ${slot}  ${reason}: ${message}`),
    ...(actions.length + blocked.length > 0 ? [''] : []),
    renderSummary(counts, unknown),
  ].join('\n');
}

function renderChanges({ action, cause, changes }: ShownAction, place: string): readonly string[] {
  const head = `${MARK[action].padStart(3)} ${place.padEnd(24)} ${action.padEnd(8)} ${cause}`;
  return [head, ...changes.map(renderChange)];
}

function renderChange({ field, old, new: wanted }: FieldChange): string {
  const [before, after] = [JSON.stringify(old), JSON.stringify(wanted)];
  const isEdit = before !== undefined && after !== undefined;
  const [from, to] = isEdit ? differingParts(before, after) : [before ?? 'unset', after ?? 'unset'];
  return `      ${field}: ${from} → ${to}`;
}

function renderSummary(counts: ShownPlan['counts'], unknown: ShownPlan['unknown']): string {
  const why = unknown.map(({ container, message }) => `container ${container}: ${message}`);
  const tail = why.length > 0 ? ` (${why.join('; ')})` : '';
  return (
    `Plan: ${counts.create} create, ${counts.replace} replace, ${counts.in_place} in place, ` +
    `${counts.kill} kill, ${counts.unchanged} unchanged, ${counts.unknown} unknown${tail}`
  );
}
