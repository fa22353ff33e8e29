import { describeSelector } from '../domain/container-selector.ts';
import { tmuxSessionName } from '../domain/ids.ts';
import type { LayoutSpec } from '../domain/spec.ts';
import type { RawLayout } from './raw.ts';
import { type CompiledLayout, sessionPath } from './to-layout.ts';

/**
 * Reports what two layouts of one set cannot both have in one container: a name, a session, a label. What two
 * selectors choose is not known here, unless they are the same.
 */
export function reportConflicts(layouts: readonly CompiledLayout[]): void {
  const names = new Map<string, CompiledLayout>();
  const sessions = new Map<string, CompiledLayout>();
  const labels = new Map<string, { readonly layout: CompiledLayout; readonly index: number }>();
  for (const layout of layouts) {
    const { spec } = layout;
    const inContainer = (name: string): string => `${placeOf(spec)}\n${name}`;
    // A layout with a selector is known by its name alone, so that a selector can be edited.
    const identity = spec.selector === undefined ? inContainer(spec.name) : `\n${spec.name}`;
    const twin = names.get(identity);
    if (twin !== undefined) {
      reportTwin(layout, twin);
      continue;
    }
    names.set(identity, layout);
    const session = inContainer(tmuxSessionName(spec.session));
    const neighbour = sessions.get(session);
    if (neighbour === undefined) sessions.set(session, layout);
    else reportSession(layout, neighbour);
    for (const [index, { label }] of spec.slots.entries()) {
      const other = labels.get(inContainer(label));
      if (other === undefined) labels.set(inContainer(label), { layout, index });
      else reportLabel({ layout, index }, other);
    }
  }
}

/** `container bench`, or `every container of nameGlob bench-*`. */
function placeOf({ container, selector }: LayoutSpec): string {
  return selector === undefined
    ? `container ${container}`
    : `every container of ${describeSelector(selector)}`;
}

function reportTwin({ spec, document }: CompiledLayout, twin: CompiledLayout): void {
  const where = spec.selector === undefined ? `in ${placeOf(spec)}` : 'with a containerSelector';
  document.report(['metadata', 'name'], {
    message: `the layout "${spec.name}" is declared twice ${where}, first at ${twin.document.placeOf(['metadata', 'name'])}`,
    hint: 'rename one of them, or remove it',
  });
}

function reportSession({ spec, document }: CompiledLayout, other: CompiledLayout): void {
  const { session } = other.spec;
  const spelling =
    session === spec.session
      ? `the tmux session "${session}"`
      : `the tmux session of "${spec.session}", which tmux writes like "${session}",`;
  const place = other.document.placeOf(sessionPath((other.document.value as RawLayout).spec));
  document.report(sessionPath((document.value as RawLayout).spec), {
    message: `${spelling} in ${placeOf(spec)} already belongs to the layout "${other.spec.name}" (${place})`,
    hint: 'give each layout a session of its own',
  });
}

interface SlotOf {
  readonly layout: CompiledLayout;
  readonly index: number;
}

function reportLabel({ layout, index }: SlotOf, other: SlotOf): void {
  const { spec, document, slotPaths } = layout;
  const place = other.layout.document.placeOf(other.layout.slotPaths[other.index] ?? []);
  document.report([...(slotPaths[index] ?? []), 'label'], {
    message: `the label "${spec.slots[index]?.label}" in ${placeOf(spec)} is already used by the layout "${other.layout.spec.name}" (${place})`,
    hint: 'labels are unique in a container; choose another',
  });
}
