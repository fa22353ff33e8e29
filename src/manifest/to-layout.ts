import type { ContainerSelector } from '../domain/container-selector.ts';
import {
  DEFAULT_ARRANGEMENT,
  DEFAULT_SETTLE_MS,
  type LayoutSpec,
  type RestartPolicy,
  type SlotSpec,
} from '../domain/spec.ts';
import type { LaunchProfile, LayoutTemplate } from '../domain/templates.ts';
import { arrangementMistake } from './check-arrangement.ts';
import type { ManifestDocument, Path } from './document.ts';
import { draftSlots, type SlotDraft } from './draft-slots.ts';
import { lookUp, type Names } from './names.ts';
import { checkProcessFields } from './process-fields.ts';
import { present, type RawLayout } from './raw.ts';
import {
  checkLaunchNames,
  checkProfiles,
  type LaunchContext,
  resolveLaunch,
} from './resolve-launch.ts';
import { ARRANGEMENT_PATTERN } from './schemas/fields.ts';
import { startOrder } from './start-order.ts';

export interface CompiledLayout {
  readonly spec: LayoutSpec;
  readonly document: ManifestDocument;
  /** Where each slot stands, in the spec's order. */
  readonly slotPaths: readonly Path[];
}

/** Session of the daemon's own tmux client; a layout in it would be hidden from everyone. */
const RESERVED_SESSION = '_agenttower';

const LAYOUT_DEFAULTS = { container: 'local', arrangement: DEFAULT_ARRANGEMENT, suspend: false };

/** The fully defaulted spec of a readable Layout document, or `undefined` after reporting why there is none. */
export function toLayout(document: ManifestDocument, names: Names): CompiledLayout | undefined {
  const raw = document.value as RawLayout;
  const { metadata, spec } = raw;
  const launch = spec.launch ?? {};
  const context = { document, launch, profiles: names.profiles };
  const template = findTemplate(document, raw, names);
  if (template === 'unknown') {
    checkProfiles(context);
    return undefined;
  }
  const drafts = draftSlots(document, raw, template);
  checkLaunchNames(context, drafts);
  checkSession(document, raw);
  checkArrangement(document, raw, drafts.length);
  const slots = toSlots(context, drafts, spec.restartPolicy ?? 'Always');
  const selector = toSelector(document, raw);
  if (document.hasProblems()) return undefined;
  const { layout: arrangement, suspend } = spec;
  const container = selector === undefined ? spec.container : '';
  const compiled: LayoutSpec = {
    ...LAYOUT_DEFAULTS,
    name: metadata.name,
    session: spec.session ?? metadata.name,
    labels: metadata.labels ?? {},
    ...present({ container, selector, template: spec.template, arrangement, suspend }),
    slots,
    updateStrategy: {
      type: 'RollingUpdate',
      maxUnavailable: 1,
      ...present(spec.updateStrategy ?? {}),
    },
  };
  return { spec: compiled, document, slotPaths: drafts.map(({ path }) => path) };
}

/** A field with nothing behind its colon counts as left out, which the schema cannot tell. */
function toSelector(
  document: ManifestDocument,
  { spec }: RawLayout,
): ContainerSelector | undefined {
  const { containerSelector: raw } = spec;
  if (raw === undefined || raw === null) return undefined;
  if (typeof raw.nameGlob === 'string') return { nameGlob: raw.nameGlob };
  if (raw.matchLabels) return { matchLabels: raw.matchLabels };
  document.report(
    ['spec', 'containerSelector'],
    {
      message: 'spec.containerSelector has neither of matchLabels and nameGlob',
      hint: 'give it one: {matchLabels: {KEY: VALUE}} or {nameGlob: "bench-*"}',
    },
    { at: 'key', mayFollow: true },
  );
  return undefined;
}

function findTemplate(
  document: ManifestDocument,
  { spec }: RawLayout,
  { templates }: Names,
): LayoutTemplate | 'unknown' | undefined {
  if (spec.template === undefined || spec.template === null) return undefined;
  const path = ['spec', 'template'];
  return lookUp(templates, spec.template, { document, path }) ?? 'unknown';
}

function checkSession(document: ManifestDocument, { metadata, spec }: RawLayout): void {
  if ((spec.session ?? metadata.name) !== RESERVED_SESSION) return;
  document.report(sessionPath(spec), {
    message: `the tmux session ${RESERVED_SESSION} is the program's own`,
    hint: 'choose another session',
  });
}

function checkArrangement(document: ManifestDocument, { spec }: RawLayout, panes: number): void {
  const arrangement = spec.layout ?? DEFAULT_ARRANGEMENT;
  // What the schema found wrong is reported already.
  if (!new RegExp(ARRANGEMENT_PATTERN).test(arrangement)) return;
  const mistake = arrangementMistake(arrangement, panes);
  if (mistake !== undefined) document.report(['spec', 'layout'], mistake);
}

/** Where the name of the layout's session stands. */
export function sessionPath({ session }: RawLayout['spec']): Path {
  return session === undefined || session === null ? ['metadata', 'name'] : ['spec', 'session'];
}

const SLOT_DEFAULTS = { log: true, onRemove: 'kill', settleMs: DEFAULT_SETTLE_MS } as const;

function toSlots(
  context: LaunchContext,
  drafts: readonly SlotDraft[],
  restartPolicy: RestartPolicy,
): readonly SlotSpec[] {
  const order = startOrder(context.document, drafts);
  const slots: SlotSpec[] = [];
  const idle: SlotDraft[] = [];
  for (const draft of drafts) {
    const { key, label, role, capability, pane, path } = draft;
    const launch = resolveLaunch(context, draft);
    const settleMs = checkProcessFields(context.document, path, pane);
    const from = launch.kind === 'profile' ? profileFields(launch.profile) : undefined;
    const command = pane.command ?? from?.command;
    if (command !== undefined) {
      const { workingDir, log, restartPolicy: own, onRemove } = pane;
      slots.push({
        ...SLOT_DEFAULTS,
        restartPolicy,
        ...from,
        ...present({ workingDir, log, restartPolicy: own, onRemove, settleMs }),
        key,
        label,
        role,
        capability,
        command,
        env: { ...from?.env, ...pane.env },
        after: order.get(key) ?? [],
      });
    } else if (launch.kind === 'none') idle.push(draft);
  }
  reportIdle(context.document, idle);
  return slots;
}

/** What a profile says about a slot. */
function profileFields(profile: LaunchProfile) {
  const { name, command, env, workingDir, settleMs, restartPolicy } = profile;
  return { profile: name, command, env, ...present({ workingDir, settleMs, restartPolicy }) };
}

/** Slots nobody said how to start. Those of the template are one mistake, not several. */
function reportIdle(document: ManifestDocument, idle: readonly SlotDraft[]): void {
  const byPlace = new Map<string, SlotDraft[]>();
  for (const draft of idle) {
    const place = draft.path.join('/');
    byPlace.set(place, [...(byPlace.get(place) ?? []), draft]);
  }
  for (const drafts of byPlace.values()) {
    const [first] = drafts;
    if (first === undefined) continue;
    const names = drafts.map(({ key }) => `"${key}"`).join(', ');
    const isOne = drafts.length === 1;
    const problem = {
      message: isOne ? `pane ${names} has no command` : `panes ${names} have no command`,
      hint: `give ${isOne ? 'it' : 'them'} one with "launch: {${first.role}: PROFILE}" in spec, or "launch: PROFILE" or "command: [PROGRAM, ARGUMENT]" at the pane`,
    };
    document.report(first.path, problem, { mayFollow: true });
  }
}
