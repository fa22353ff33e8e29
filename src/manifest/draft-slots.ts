import { identifierProblem } from '../domain/ids.ts';
import type { Role } from '../domain/spec.ts';
import { expandTemplate, type LayoutTemplate } from '../domain/templates.ts';
import type { ManifestDocument, Path } from './document.ts';
import { MAX_PANES } from './limits.ts';
import type { RawLayout, RawPane } from './raw.ts';

/** A slot with its identity settled and its launch still open. */
export interface SlotDraft {
  readonly key: string;
  readonly label: string;
  readonly role: Role;
  readonly capability: string;
  /** Its own fields; none for a template's slot that the layout does not mention. */
  readonly pane: RawPane;
  readonly defaultLaunch?: string;
  /** The entry in `panes`, or the template's name. */
  readonly path: Path;
}

const TEMPLATE_PATH = ['spec', 'template'];

/** The template's slots in their order, changed by `panes`, then the slots that `panes` adds. */
export function draftSlots(
  document: ManifestDocument,
  { metadata, spec }: RawLayout,
  template: LayoutTemplate | undefined,
): readonly SlotDraft[] {
  const drafts = template === undefined ? [] : templateSlots(document, metadata.name, template);
  for (const [index, pane] of (spec.panes ?? []).entries()) {
    const path = ['spec', 'panes', index];
    const at = addressed(drafts, pane);
    const slot = drafts[at];
    if (slot === undefined) {
      const added = newSlot(document, pane, path);
      if (added !== undefined) drafts.push(added);
    } else if (slot.path === TEMPLATE_PATH) {
      drafts[at] = changedSlot(slot, pane, path);
    } else {
      reportTwice(document, slot, path);
    }
  }
  checkCount(document, drafts);
  checkLabels(document, drafts);
  return drafts;
}

function templateSlots(
  document: ManifestDocument,
  layout: string,
  template: LayoutTemplate,
): SlotDraft[] {
  const drafts = expandTemplate(template, layout).map((pane) => {
    const { key, role, capability, labelPattern, defaultLaunch } = pane;
    const label = labelPattern.includes('{layout}') ? key : `${layout}-${key}`;
    const slot = { key, label, role, capability, pane: {}, path: TEMPLATE_PATH };
    return defaultLaunch === undefined ? slot : { ...slot, defaultLaunch };
  });
  for (const { label } of drafts) {
    const problem = identifierProblem(label);
    if (problem === undefined) continue;
    document.report(TEMPLATE_PATH, {
      message: `the template gives a pane the label ${JSON.stringify(label.slice(0, 80))}, which is not valid: ${problem}`,
      hint: 'choose a shorter name for the layout or a simpler label pattern',
    });
    break;
  }
  return drafts;
}

/** Index of the slot an entry of `panes` means; -1 when it adds one. A label may be that of the template itself. */
function addressed(drafts: readonly SlotDraft[], { key, label }: RawPane): number {
  if (key !== undefined && key !== null) return drafts.findIndex((slot) => slot.key === key);
  if (label === undefined || label === null) return -1;
  const byKey = drafts.findIndex((slot) => slot.key === label);
  return byKey === -1 ? drafts.findIndex((slot) => slot.label === label) : byKey;
}

function newSlot(document: ManifestDocument, pane: RawPane, path: Path): SlotDraft | undefined {
  const key = pane.key ?? pane.label ?? undefined;
  if (key === undefined) {
    document.report(path, { message: 'a pane needs a label', hint: 'add "label: …"' }, FOLLOWS);
    return undefined;
  }
  return {
    key,
    label: pane.label ?? key,
    role: pane.role ?? 'unknown',
    capability: pane.capability ?? 'unknown',
    pane,
    path,
  };
}

/** Field by field; a label changes the slot's own only where the key says which slot is meant. */
function changedSlot(slot: SlotDraft, pane: RawPane, path: Path): SlotDraft {
  const isByKey = pane.key !== undefined && pane.key !== null;
  return {
    ...slot,
    label: isByKey ? (pane.label ?? slot.label) : slot.label,
    role: pane.role ?? slot.role,
    capability: pane.capability ?? slot.capability,
    pane,
    path,
  };
}

const FOLLOWS = { mayFollow: true };

function reportTwice(document: ManifestDocument, slot: SlotDraft, path: Path): void {
  document.report([...path, 'label'], {
    message: `the pane "${slot.key}" stands twice in the layout, first at ${document.placeOf(slot.path)}`,
    hint: 'give one of them another label',
  });
}

function checkCount(document: ManifestDocument, drafts: readonly SlotDraft[]): void {
  if (drafts.length === 0) {
    const message = 'the layout declares no panes';
    document.report(['spec'], { message, hint: 'give template, panes, or both' }, FOLLOWS);
  }
  if (drafts.length > MAX_PANES) {
    const message = `the layout has ${drafts.length} panes; ${MAX_PANES} is the most`;
    document.report(['spec', 'panes'], { message, hint: 'make several layouts of it' });
  }
}

function checkLabels(document: ManifestDocument, drafts: readonly SlotDraft[]): void {
  const first = new Map<string, SlotDraft>();
  for (const slot of drafts) {
    const same = first.get(slot.label);
    if (same === undefined) first.set(slot.label, slot);
    else {
      document.report([...slot.path, 'label'], {
        message: `the label "${slot.label}" stands twice in the layout, first at ${document.placeOf(same.path)}`,
        hint: 'give one of them another label',
      });
    }
  }
}
