import type { ContainerRecord } from './containers.ts';

/** Which containers get a layout of their own: those with all of these labels, or with a name like this. */
export type ContainerSelector =
  | { readonly matchLabels: Readonly<Record<string, string>> }
  /** `*` stands for any characters, none too; `?` for one. */
  | { readonly nameGlob: string };

/** Whether the selector means this container. The host itself is no container that could be meant. */
export function selects(
  selector: ContainerSelector,
  { name, labels }: Pick<ContainerRecord, 'name' | 'labels'>,
): boolean {
  if ('nameGlob' in selector) return toPattern(selector.nameGlob).test(name);
  return Object.entries(selector.matchLabels).every(
    ([key, value]) => Object.hasOwn(labels, key) && labels[key] === value,
  );
}

/** As a person reads it: `nameGlob bench-*`, `matchLabels team=api,tier=dev`. */
export function describeSelector(selector: ContainerSelector): string {
  if ('nameGlob' in selector) return `nameGlob ${selector.nameGlob}`;
  const pairs = Object.entries(selector.matchLabels).map(([key, value]) => `${key}=${value}`);
  return `matchLabels ${pairs.toSorted().join(',')}`;
}

function toPattern(glob: string): RegExp {
  const literal = glob.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  // Runs of stars are one: each of them alone would try every length anew.
  return new RegExp(`^${literal.replaceAll(/\*+/g, '.*').replaceAll('?', '.')}$`, 's');
}
