import { ROLES } from '../domain/roles.ts';
import type { LaunchProfile } from '../domain/templates.ts';
import { didYouMean } from './did-you-mean.ts';
import type { ManifestDocument, Path } from './document.ts';
import type { SlotDraft } from './draft-slots.ts';
import { lookUp, type Named } from './names.ts';

/** Where launches are declared in a layout, and what they can name. */
export interface LaunchContext {
  readonly document: ManifestDocument;
  /** `spec.launch`: profile name by role, label or key. */
  readonly launch: Readonly<Record<string, string>>;
  readonly profiles: Named<LaunchProfile>;
}

export type Launch =
  | { readonly kind: 'profile'; readonly profile: LaunchProfile }
  | { readonly kind: 'none' }
  /** A profile was named and does not exist; that has been reported. */
  | { readonly kind: 'unknown' };

/**
 * The profile that starts a slot. The pane's own `launch` decides, then its own `command` (which needs no profile),
 * then `spec.launch` by label, key and role, then the template.
 */
export function resolveLaunch(context: LaunchContext, draft: SlotDraft): Launch {
  const { document, launch, profiles } = context;
  const { pane, path } = draft;
  const find = (name: string, where: Path): Launch => {
    const profile = lookUp(profiles, name, { document, path: where });
    return profile === undefined ? { kind: 'unknown' } : { kind: 'profile', profile };
  };
  if (pane.launch !== undefined && pane.launch !== null) {
    return find(pane.launch, [...path, 'launch']);
  }
  if (pane.command !== undefined && pane.command !== null) return { kind: 'none' };
  for (const name of [draft.label, draft.key, draft.role]) {
    const chosen = Object.hasOwn(launch, name) ? launch[name] : undefined;
    if (chosen !== undefined) return find(chosen, ['spec', 'launch', name]);
  }
  if (draft.defaultLaunch === undefined) return { kind: 'none' };
  return find(draft.defaultLaunch, ['spec', 'template']);
}

/** Checks that the profiles of `spec.launch` exist, also those that no slot uses. */
export function checkProfiles({ document, launch, profiles }: LaunchContext): void {
  for (const [name, profile] of Object.entries(launch)) {
    lookUp(profiles, profile, { document, path: ['spec', 'launch', name] });
  }
}

/** Checks the entries of `spec.launch`: profile, and whom it is for. */
export function checkLaunchNames(context: LaunchContext, drafts: readonly SlotDraft[]): void {
  const { document, launch } = context;
  checkProfiles(context);
  const addresses = drafts.flatMap(({ key, label, role }) => [role, key, label]);
  const known = new Set<string>([...addresses, ...ROLES]);
  for (const name of Object.keys(launch)) {
    if (known.has(name)) continue;
    const problem = {
      message: `launch names ${JSON.stringify(name)}, but no pane of the layout has this role, label or key`,
      hint: didYouMean(name, new Set(addresses)),
    };
    document.report(['spec', 'launch', name], problem, { at: 'key', mayFollow: true });
  }
}
