interface Placed {
  readonly name: string;
  /** `undefined` where whoever named the layout left that open. */
  readonly container?: string | undefined;
}

/** How to name each of these layouts so that no other is meant: with its container where two have one name. */
export function layoutNames(all: readonly Placed[]): (layout: Placed) => string {
  const places = new Map<string, Set<string | undefined>>();
  for (const { name, container } of all) {
    places.set(name, (places.get(name) ?? new Set()).add(container));
  }
  return ({ name, container }) =>
    container !== undefined && (places.get(name)?.size ?? 0) > 1 ? `${container}/${name}` : name;
}
