import { canonicalJson, sha256 } from '../lib/hash.ts';
import type { ContainerSelector } from './container-selector.ts';
import type { ROLES } from './roles.ts';

/**
 * The desired state, fully defaulted: what a manifest or a request means once nothing is left unsaid.
 * Everything here is plain data and can be stored as JSON.
 */
export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';
export type OnRemove = 'kill' | 'orphan';

export type Role = (typeof ROLES)[number];

export interface SlotSpec {
  /** Address within the layout (`m1` in `payments/m1`): a template's own label, or the label as written. */
  readonly key: string;
  /** The pane's label and, once ready, its tmux title. Unique among live panes of one container. */
  readonly label: string;
  readonly role: Role;
  readonly capability: string;
  /** Name of the launch profile the command came from, for display and for recreation. */
  readonly profile?: string;
  /** argv, never a shell string. At least one element. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute directory inside the container; the user's home when absent. */
  readonly workingDir?: string;
  readonly log: boolean;
  /** Keys of slots of the same layout that must be ready before this one is first started. */
  readonly after: readonly string[];
  readonly restartPolicy: RestartPolicy;
  readonly onRemove: OnRemove;
  /** A process that ends sooner than this after its start never became ready. Milliseconds. */
  readonly settleMs: number;
}

export interface UpdateStrategy {
  readonly type: 'RollingUpdate' | 'OnDelete';
  readonly maxUnavailable: number;
}

export interface LayoutSpec {
  readonly name: string;
  /** Name, id or 12-character id of the container, as declared. Of a selector: the key of one it chose, or empty. */
  readonly container: string;
  /** Declared for every container it chooses, each of which has a layout of its own. */
  readonly selector?: ContainerSelector;
  /** tmux session, as declared. */
  readonly session: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly template?: string;
  /** In the order they are created and shown. Keys and labels are unique. */
  readonly slots: readonly SlotSpec[];
  /** tmux layout name (`tiled`, `main-vertical`, …) or layout string. */
  readonly arrangement: string;
  readonly updateStrategy: UpdateStrategy;
  readonly suspend: boolean;
}

export const DEFAULT_SETTLE_MS = 1_000;
export const DEFAULT_ARRANGEMENT = 'tiled';

/** Fields whose change needs a new process. Hash and diff read the same list. */
export const REPLACE_FIELDS = ['command', 'env', 'workingDir'] as const;
/** Fields that are changed on the living pane. */
export const LIVE_FIELDS = [
  'label',
  'role',
  'capability',
  'profile',
  'log',
  'after',
  'restartPolicy',
  'onRemove',
  'settleMs',
] as const;

/** What a pane is started from. The prefix is the algorithm's version. */
export function replaceHash(slot: SlotSpec): string {
  const known = replaceHashes.get(slot);
  if (known !== undefined) return known;
  const parts = REPLACE_FIELDS.map((field) => [field, slot[field] ?? null]);
  const hash = `${HASH_VERSION}${sha256(canonicalJson(parts)).slice(0, 32)}`;
  replaceHashes.set(slot, hash);
  return hash;
}

/**
 * Whether a pane, by what is recorded of its start, runs what `wanted` asks for. A hash of another version says
 * nothing and the recorded spec is hashed anew, so that an upgrade of the program replaces nothing.
 */
export function isStartedFrom(
  pane: { readonly replaceHash: string; readonly spec: SlotSpec },
  wanted: SlotSpec,
): boolean {
  const recorded = pane.replaceHash.startsWith(HASH_VERSION)
    ? pane.replaceHash
    : replaceHash(pane.spec);
  return recorded === replaceHash(wanted);
}

const HASH_VERSION = 'h1:';

/** Specs are never changed in place, and every pass asks for the same ones. */
const replaceHashes = new WeakMap<SlotSpec, string>();

/** Identity of a whole layout's spec; equal hashes mean there is nothing to do. */
export function specHash(spec: LayoutSpec): string {
  return `${HASH_VERSION}${sha256(canonicalJson(spec)).slice(0, 32)}`;
}
