import { tmuxSessionName } from '../domain/ids.ts';
import type { RawLayout } from './raw.ts';
import { type CompiledLayout, sessionPath } from './to-layout.ts';

/** Reports what two layouts of one set cannot both have in one container: a name, a session, a label. */
export function reportConflicts(layouts: readonly CompiledLayout[]): void {
  const names = new Map<string, CompiledLayout>();
  const sessions = new Map<string, CompiledLayout>();
  const labels = new Map<string, { readonly layout: CompiledLayout; readonly index: number }>();
  for (const layout of layouts) {
    const { spec } = layout;
    const inContainer = (name: string): string => `${spec.container}\n${name}`;
    const twin = names.get(inContainer(spec.name));
    if (twin !== undefined) {
      reportTwin(layout, twin);
      continue;
    }
    names.set(inContainer(spec.name), layout);
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

function reportTwin({ spec, document }: CompiledLayout, twin: CompiledLayout): void {
  document.report(['metadata', 'name'], {
    message: `the layout "${spec.name}" is declared twice in container ${spec.container}, first at ${twin.document.placeOf(['metadata', 'name'])}`,
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
    message: `${spelling} in container ${spec.container} already belongs to the layout "${other.spec.name}" (${place})`,
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
    message: `the label "${spec.slots[index]?.label}" in container ${spec.container} is already used by the layout "${other.layout.spec.name}" (${place})`,
    hint: 'labels are unique in a container; choose another',
  });
}
