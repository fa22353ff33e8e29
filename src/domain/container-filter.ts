import type { EngineContainer } from './containers.ts';

/** Which containers are looked at. Both lists must be satisfied; an empty one is satisfied by every container. */
export interface ContainerFilter {
  /** The name contains one of these, in any letter case. */
  readonly nameContains: readonly string[];
  /** Every one of these labels is there: `key`, or `key=value`. */
  readonly labels: readonly string[];
}

/** Why the filter leaves this container out, naming the setting; `undefined` when it is looked at. */
export function leftOutBecause(
  { name, labels }: Pick<EngineContainer, 'name' | 'labels'>,
  filter: ContainerFilter,
): string | undefined {
  const { nameContains } = filter;
  if (nameContains.length > 0 && !nameContains.some((part) => contains(name, part))) {
    const list = nameContains.map((part) => JSON.stringify(part)).join(', ');
    return `its name contains none of ${list}, which [containers] name_contains in config.toml asks for`;
  }
  const lacking = filter.labels.find((label) => !carries(labels, label));
  if (lacking === undefined) return undefined;
  return `it lacks the label ${lacking}, which [containers] labels in config.toml asks for`;
}

function contains(name: string, part: string): boolean {
  return caseFold(name).includes(caseFold(part));
}

/** The closest thing to Unicode's case folding that the language has: ß and SS meet. */
function caseFold(text: string): string {
  return text.toUpperCase().toLowerCase();
}

function carries(labels: EngineContainer['labels'], wanted: string): boolean {
  const equals = wanted.indexOf('=');
  if (equals === -1) return Object.hasOwn(labels, wanted);
  const key = wanted.slice(0, equals);
  return Object.hasOwn(labels, key) && labels[key] === wanted.slice(equals + 1);
}
