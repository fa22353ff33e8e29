import { refuse } from '../../domain/errors.ts';
import type { ContainerId } from '../../domain/ids.ts';
import {
  DEFAULT_ARRANGEMENT,
  DEFAULT_SETTLE_MS,
  type LayoutSpec,
  type SlotSpec,
} from '../../domain/spec.ts';
import { expandTemplate, type LaunchProfile, type LayoutTemplate } from '../../domain/templates.ts';
import type { Catalog } from '../prepare.ts';
import { invalid, requireIdentifier } from './identifiers.ts';

/** How a client's words become a spec: templates and launch profiles by name, slots from both. */

/** A pane nobody named a profile for runs the user's shell. */
const SHELL = ['sh', '-c', 'exec "${SHELL:-/bin/sh}"'];

/** The last one of that name: an operator's file wins over what is built in. Throws `managed_template_not_found`. */
export function findTemplate({ templates }: Catalog, name: string): LayoutTemplate {
  const found = templates.findLast((template) => template.name === name);
  if (found !== undefined) return found;
  const known = namesOf(templates);
  throw refuse(
    'managed_template_not_found',
    `there is no layout template ${name}; known are ${known.join(', ')}. Add one to managed_templates/ in the configuration directory`,
    { template_name: name, known_templates: known },
  );
}

/** The last one of that name. Throws `managed_launch_command_not_found`. */
export function findProfile({ profiles }: Catalog, name: string): LaunchProfile {
  const found = profiles.findLast((profile) => profile.name === name);
  if (found !== undefined) return found;
  const known = namesOf(profiles);
  const list = known.length === 0 ? 'there are none' : `known are ${known.join(', ')}`;
  throw refuse(
    'managed_launch_command_not_found',
    `there is no launch profile ${name}; ${list}. Add it to launch_commands/ in the configuration directory`,
    { profile_name: name, known_profiles: known },
  );
}

export interface WantedLayout {
  readonly name: string;
  readonly container: ContainerId;
  readonly session: string;
  readonly template: LayoutTemplate;
  /** Profile by `role:label`. */
  readonly overrides: ReadonlyMap<string, LaunchProfile>;
}

/**
 * The template's panes as slots that start once and wait for an operator when they fail.
 * @throws {AgentTowerError} `validation_failed` for a label that is none, `managed_launch_command_not_found`.
 */
export function toSlots(
  { template, session, overrides }: Omit<WantedLayout, 'name' | 'container'>,
  catalog: Catalog,
): readonly SlotSpec[] {
  return expandTemplate(template, session).map(({ key, role, capability, defaultLaunch }) => {
    requireIdentifier('label_pattern result', key);
    const chosen = overrides.get(`${role}:${key}`);
    const profile =
      chosen ?? (defaultLaunch === undefined ? undefined : findProfile(catalog, defaultLaunch));
    return {
      key,
      label: key,
      role,
      capability,
      ...launchFields(profile),
      log: true,
      after: [],
      restartPolicy: 'Never',
      onRemove: 'kill',
    };
  });
}

/** The slot started from another profile. */
export function relaunched(slot: SlotSpec, profile: LaunchProfile | undefined): SlotSpec {
  if (profile === undefined) return slot;
  const { workingDir: _left, profile: _before, ...rest } = slot;
  return { ...rest, ...launchFields(profile) };
}

/** The whole layout, fully defaulted. */
export function toSpec(
  { name, container, session, template }: Omit<WantedLayout, 'overrides'>,
  slots: readonly SlotSpec[],
): LayoutSpec {
  return {
    name,
    container,
    session,
    labels: {},
    template: template.name,
    slots,
    arrangement: DEFAULT_ARRANGEMENT,
    updateStrategy: { type: 'RollingUpdate', maxUnavailable: 1 },
    suspend: false,
  };
}

/**
 * What a client chose: profile names by `<role>:<label>`. Keys are looked at before values.
 * @throws {AgentTowerError} `validation_failed`.
 */
export function readOverrides(
  overrides: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, string> {
  for (const key of Object.keys(overrides)) requireOverrideKey(key);
  return new Map(
    Object.entries(overrides).map(([key, name]) => {
      if (typeof name !== 'string') throw invalid(OVERRIDES, `${key} must name a launch profile`);
      return [key, name];
    }),
  );
}

/** The profiles chosen; those that fit no pane are looked up all the same. Throws `managed_launch_command_not_found`. */
export function findOverrides(
  overrides: ReadonlyMap<string, string>,
  catalog: Catalog,
): ReadonlyMap<string, LaunchProfile> {
  return new Map([...overrides].map(([key, name]) => [key, findProfile(catalog, name)]));
}

const OVERRIDES = 'launch_command_overrides';

function requireOverrideKey(key: string): void {
  const colon = key.indexOf(':');
  if (colon < 0) throw invalid(OVERRIDES, `the key ${JSON.stringify(key)} is not <role>:<label>`);
  requireIdentifier(`${OVERRIDES}.role`, key.slice(0, colon));
  requireIdentifier(`${OVERRIDES}.label`, key.slice(colon + 1));
}

function launchFields(
  profile: LaunchProfile | undefined,
): Pick<SlotSpec, 'profile' | 'command' | 'env' | 'workingDir' | 'settleMs'> {
  if (profile === undefined) return { command: SHELL, env: {}, settleMs: DEFAULT_SETTLE_MS };
  const { name, command, env, workingDir, settleMs = DEFAULT_SETTLE_MS } = profile;
  return { profile: name, command, env, ...(workingDir && { workingDir }), settleMs };
}

function namesOf(items: readonly { readonly name: string }[]): readonly string[] {
  return [...new Set(items.map(({ name }) => name))].toSorted();
}
