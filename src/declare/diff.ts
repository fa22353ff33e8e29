import type { DeclaredRoute } from '../domain/declared-route.ts';
import type { LayoutRecord } from '../domain/records.ts';
import type { LayoutSpec } from '../domain/spec.ts';
import { canonicalJson } from '../lib/hash.ts';
import { diffLiveFields, diffReplaceFields, type FieldChange } from '../plan/slot-diff.ts';
import { type ApplyOptions, type DeclarationsDeps, prepareApply } from './declarations.ts';
import { isRoute } from './declared-routes.ts';
import type { Prepared } from './prepare.ts';
import { computeObjectChanges } from './record-objects.ts';
import { diffSlots } from './slots.ts';

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

function diffSpecs(before: LayoutRecord, spec: LayoutSpec): readonly FieldChange[] {
  const { added, kept, dropped } = diffSlots(before, spec);
  const slots = kept.flatMap(({ before: slot, spec: wanted }) =>
    [...diffReplaceFields(slot.spec, wanted), ...diffLiveFields(slot.spec, wanted)].map(
      (change) => ({
        ...change,
        field: `${slot.key}.${change.field}`,
      }),
    ),
  );
  return [
    ...diffOwnFields(before.spec, spec),
    ...slots,
    ...added.map(({ spec: slot }) => ({ field: slot.key, old: undefined, new: 'added' })),
    ...dropped
      .filter(({ before: slot }) => slot.declared)
      .map(({ before: slot }) => ({ field: slot.key, old: 'declared', new: undefined })),
  ];
}

/** The fields of a layout itself, by what the manifest calls them. */
const OWN_FIELDS = {
  containerSelector: ({ selector }) => selector,
  session: ({ session }) => session,
  labels: ({ labels }) => labels,
  template: ({ template }) => template,
  layout: ({ arrangement }) => arrangement,
  updateStrategy: ({ updateStrategy }) => updateStrategy,
  suspend: ({ suspend }) => suspend,
} as const satisfies Readonly<Record<string, (spec: LayoutSpec) => unknown>>;

/** How two specs differ in what is not of one pane; the order of panes counts where they are the same ones. */
export function diffOwnFields(before: LayoutSpec, spec: LayoutSpec): readonly FieldChange[] {
  const own = Object.entries(OWN_FIELDS)
    .map(([field, read]) => ({ field, old: read(before), new: read(spec) }))
    .filter((change) => canonicalJson(change.old ?? null) !== canonicalJson(change.new ?? null));
  const [old, wanted] = [keysOf(before), keysOf(spec)];
  const isSame = canonicalJson(old.toSorted()) === canonicalJson(wanted.toSorted());
  const isReordered = isSame && canonicalJson(old) !== canonicalJson(wanted);
  return isReordered ? [...own, { field: 'panes', old, new: wanted }] : own;
}

function keysOf({ slots }: LayoutSpec): readonly string[] {
  return slots.map(({ key }) => key);
}
