import { UsageError } from './usage-error.ts';

export const RESOURCES = ['layouts', 'panes', 'agents', 'containers', 'events', 'sources'] as const;
export type Resource = (typeof RESOURCES)[number];

export interface LayoutReference {
  readonly name: string;
  readonly slot?: string;
  /** Absent when it is not said. */
  readonly container?: string;
}

/**
 * Parses `payments`, `payments/m1` and, where a name stands in several containers, `bench-a/payments/m1`; each also
 * behind `layout/`, and a slot behind `pane/`. Whether `bench-a/payments` is a slot or a layout in a container, `resolveReference` finds out.
 */
export function parseLayoutReference(text: string): LayoutReference {
  const parts = text.split('/');
  const isNamed = (parts.length > 1 && isLayoutKind(parts[0])) || isPane(parts);
  const given = isNamed ? parts.slice(1) : parts;
  const [container, name, slot] = given.length === 3 ? given : [undefined, ...given];
  if (name === undefined || given.includes('') || given.length > 3) {
    throw new UsageError(
      `"${text}" names no layout: write NAME, layout/NAME, layout/NAME/SLOT or layout/CONTAINER/NAME/SLOT, e.g. layout/payments/m1`,
    );
  }
  return {
    name,
    ...(slot !== undefined && { slot }),
    ...(container !== undefined && { container }),
  };
}

/** Parses what `get` takes: `layouts`, `layout NAME`, `layout/NAME`; singular, plural or short. */
export function parseResource(text: string): {
  readonly resource: Resource;
  readonly name?: string;
} {
  const slash = text.indexOf('/');
  const word = slash === -1 ? text : text.slice(0, slash);
  const resource = RESOURCES.find((each) => each === word || each.slice(0, -1) === word);
  if (resource === undefined) {
    throw new UsageError(`there is no "${word}" to get: choose one of ${RESOURCES.join(', ')}`);
  }
  return slash === -1 ? { resource } : { resource, name: text.slice(slash + 1) };
}

/** Parses `k=v,k2=v2` into pairs that all must match. */
export function parseSelector(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(',').map((pair) => {
    const [key, value, ...rest] = pair.split('=');
    if (key === undefined || key === '' || value === undefined || rest.length > 0) {
      throw new UsageError(
        `"${pair}" selects nothing: write -l key=value, several joined by commas`,
      );
    }
    return [key, value] as const;
  });
  return new Map(pairs);
}

/** For the end of an error: the names that would have been right. */
export function listNames(names: readonly string[]): string {
  return names.length === 0 ? 'there are none' : `there are ${[...new Set(names)].join(', ')}`;
}

function isLayoutKind(word: string | undefined): boolean {
  return word === 'layout' || word === 'layouts';
}

/** `pane/payments/m1`; with one part less, a layout may be called so. */
function isPane([word, ...rest]: readonly string[]): boolean {
  return rest.length >= 2 && (word === 'pane' || word === 'panes');
}

/** What the daemon knows an agent by, of `agent/LABEL`, a label, an id, or LAYOUT/SLOT. */
export function toAgentTarget(text: string): string {
  const target = text.replace(/^(?:agents?|layouts?)\//, '');
  if (target !== '') return target;
  throw new UsageError(`"${text}" names no agent: write agent/LABEL, an id, or LAYOUT/SLOT`);
}
