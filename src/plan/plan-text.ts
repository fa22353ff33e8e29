import { differingParts } from '../lib/differing-parts.ts';
import type { FieldChange } from './slot-diff.ts';

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

const MARK: Readonly<Record<ShownKind, string>> = {
  create: '+',
  replace: '-/+',
  revive: '-/+',
  'in place': '~',
  kill: '-',
  release: '-',
};

/** The whole plan as text; equal plans give equal bytes. */
export function renderText({ actions, unknown, blocked, counts }: Omit<ShownPlan, 'text'>): string {
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
