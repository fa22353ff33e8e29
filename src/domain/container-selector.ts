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
  if ('nameGlob' in selector) return matchesGlob(selector.nameGlob, name);
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

/** Each star takes as little as it can, and one character more whenever what follows it does not fit: never slow. */
function matchesGlob(glob: string, text: string): boolean {
  let [g, t, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (glob[g] === '*') {
      [star, mark] = [g, t];
      g += 1;
    } else if (g < glob.length && (glob[g] === '?' || glob[g] === text[t])) {
      g += 1;
      t += 1;
    } else if (star >= 0) {
      mark += 1;
      [g, t] = [star + 1, mark];
    } else {
      return false;
    }
  }
  return /^\**$/.test(glob.slice(g));
}
