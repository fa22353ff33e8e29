import { type AgentTowerError, refuse } from '../domain/errors.ts';
import { type ContainerId, tmuxSessionName } from '../domain/ids.ts';
import type { LayoutRecord, SlotRecord, SourceRef } from '../domain/records.ts';
import { type LayoutSpec, specHash } from '../domain/spec.ts';

/** A layout as a source declares it, its container resolved. */
export interface DeclaredLayout {
  readonly spec: LayoutSpec;
  readonly container: ContainerId;
  readonly source: SourceRef;
}

/** What one declaration does to the desired state. */
export type LayoutChange =
  | { readonly kind: 'create'; readonly declared: DeclaredLayout }
  | {
      readonly kind: 'configure';
      readonly before: LayoutRecord;
      readonly declared: DeclaredLayout;
      /** The spec differs, so that the generation grows; else only its owner or its place did. */
      readonly respecified: boolean;
      readonly transferred: boolean;
    }
  | { readonly kind: 'unchanged'; readonly before: LayoutRecord }
  /** A selector chose a container where something else has its session or a label; the others are not held up. */
  | { readonly kind: 'skipped'; readonly declared: DeclaredLayout; readonly message: string }
  | {
      readonly kind: 'conflict';
      readonly before: LayoutRecord;
      readonly declared: DeclaredLayout;
      readonly message: string;
    };

export interface ChangesInput {
  readonly existing: readonly LayoutRecord[];
  readonly declared: readonly DeclaredLayout[];
  readonly takeOwnership: boolean;
  /** Its source is not read any more, so that nothing speaks against another owner. */
  readonly isAbandoned: (owner: SourceRef) => boolean;
  /** What a selector declares is left out where it clashes, instead of refusing the set. */
  readonly skipsClashes: boolean;
}

/** Compares declarations with what is recorded. Pure; refusals of the whole set come as errors. */
export function computeChanges(input: ChangesInput): {
  readonly changes: readonly LayoutChange[];
  readonly refusals: readonly AgentTowerError[];
} {
  const refusals: AgentTowerError[] = [];
  const taken = new Map<string, string>();
  const changes = input.declared.map((declared): LayoutChange => {
    const change = computeChange(declared, input);
    const isAccepted = change.kind === 'create' || change.kind === 'configure';
    const clashes = [
      ...(isAccepted ? findClashes(declared, input.existing) : []),
      ...findRivals(declared, taken),
    ];
    const [first] = clashes;
    if (first === undefined) {
      for (const [place] of placesOf(declared)) taken.set(place, declared.spec.name);
      return change;
    }
    if (input.skipsClashes && declared.spec.selector !== undefined) {
      return { kind: 'skipped', declared, message: first.message };
    }
    refusals.push(...clashes);
    return change;
  });
  return { changes, refusals };
}

/** `git:fleet` or `apply`, with the file: how a source is named to a person. */
export function describeSource({ kind, name, path }: SourceRef): string {
  const owner = kind === 'apply' || kind === 'imperative' ? name : `${kind}:${name}`;
  return path === '' ? owner : `${owner} (${path})`;
}

export function isSameSource(a: SourceRef, b: SourceRef): boolean {
  return a.kind === b.kind && a.name === b.name;
}

function computeChange(declared: DeclaredLayout, input: ChangesInput): LayoutChange {
  const before = input.existing.find(
    (layout) => layout.container === declared.container && layout.spec.name === declared.spec.name,
  );
  if (before === undefined) return { kind: 'create', declared };
  if (isRestated(before, declared, input)) return { kind: 'unchanged', before };
  const transferred = !isSameSource(before.source, declared.source);
  if (transferred && !isFree(before, input)) {
    const message = `${describeSource(declared.source)} declares it too; ${describeSource(before.source)} owns it and keeps it`;
    return { kind: 'conflict', before, declared, message };
  }
  const respecified = specHash(before.spec) !== specHash(declared.spec);
  const returns = before.deleting !== undefined || before.pruneBlocked !== undefined;
  const { path, revision } = before.source;
  const moved = path !== declared.source.path || revision !== declared.source.revision;
  if (!respecified && !transferred && !returns && !moved) return { kind: 'unchanged', before };
  return { kind: 'configure', before, declared, respecified, transferred };
}

/** Whether another source may have it. */
function isFree(layout: LayoutRecord, input: ChangesInput): boolean {
  return input.takeOwnership || layout.deleting !== undefined || input.isAbandoned(layout.source);
}

/** A layout made by request, applied as it was exported: nothing is to be changed, its owner included. */
function isRestated(
  before: LayoutRecord,
  { spec, source }: DeclaredLayout,
  { takeOwnership }: ChangesInput,
): boolean {
  if (before.source.kind !== 'imperative' || before.deleting !== undefined) return false;
  if (source.kind !== 'apply' || takeOwnership) return false;
  return specHash(before.spec) === specHash(spec);
}

/** What only one layout of a container may have, each with the refusal of a second one. */
function placesOf({
  spec,
  container,
}: DeclaredLayout): readonly (readonly [string, (owner: string) => AgentTowerError])[] {
  const session = tmuxSessionName(spec.session);
  return [
    [`${container} session ${session}`, (owner) => sessionTaken({ spec, container }, owner)],
    ...spec.slots.map(
      ({ key, label }) =>
        [
          `${container} label ${label}`,
          (owner: string) => labelTaken({ spec, container }, { key, label, owner }),
        ] as const,
    ),
  ];
}

/** Clashes with layouts of the same set, which the manifests alone do not show. */
function findRivals(
  declared: DeclaredLayout,
  taken: ReadonlyMap<string, string>,
): readonly AgentTowerError[] {
  return placesOf(declared).flatMap(([place, refusal]) => {
    const owner = taken.get(place);
    return owner === undefined ? [] : [refusal(owner)];
  });
}

type Placed = Pick<DeclaredLayout, 'spec' | 'container'>;

function sessionTaken({ spec, container }: Placed, owner: string): AgentTowerError {
  const session = tmuxSessionName(spec.session);
  const message = `layout ${spec.name}: the tmux session ${session} belongs to layout ${owner} in container ${container}; give one of them another spec.session`;
  return refuse('session_name_taken', message, { container, session, owner });
}

function labelTaken(
  { spec, container }: Placed,
  { key, label, owner }: { readonly key: string; readonly label: string; readonly owner: string },
): AgentTowerError {
  const message = `layout ${spec.name}: the label ${label} of ${key} belongs to ${owner} in container ${container}; labels are unique per container, choose another`;
  return refuse('label_taken', message, { container, label, owner });
}

/** Names that only one layout of a container may have: its tmux session and its labels. */
function findClashes(
  declared: DeclaredLayout,
  existing: readonly LayoutRecord[],
): readonly AgentTowerError[] {
  const { spec, container } = declared;
  const others = existing.filter(
    (layout) => layout.container === container && layout.spec.name !== spec.name,
  );
  const self = existing.find(
    (layout) => layout.container === container && layout.spec.name === spec.name,
  );
  return [
    ...findSessionClash(declared, others),
    ...spec.slots.flatMap(({ key, label }) => {
      const holder = findLabelHolder(label, key, { self, others });
      if (holder === undefined) return [];
      return [labelTaken(declared, { key, label, owner: holder })];
    }),
  ];
}

function findSessionClash(
  declared: DeclaredLayout,
  others: readonly LayoutRecord[],
): readonly AgentTowerError[] {
  const session = tmuxSessionName(declared.spec.session);
  const owner = others.find((layout) => tmuxSessionName(layout.spec.session) === session);
  return owner === undefined ? [] : [sessionTaken(declared, owner.spec.name)];
}

function findLabelHolder(
  label: string,
  key: string,
  {
    self,
    others,
  }: { readonly self: LayoutRecord | undefined; readonly others: readonly LayoutRecord[] },
): string | undefined {
  const holds = (slot: SlotRecord): boolean => slot.declared && slot.spec.label === label;
  const sibling = self?.slots.find((slot) => slot.key !== key && holds(slot));
  // Two slots that swap their labels would each wait for the other: it takes two steps.
  if (sibling !== undefined && self !== undefined) return `${self.spec.name}/${sibling.key}`;
  for (const layout of others) {
    const slot = layout.slots.find(holds);
    if (slot !== undefined) return `${layout.spec.name}/${slot.key}`;
  }
  return undefined;
}
