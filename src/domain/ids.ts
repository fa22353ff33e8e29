/**
 * Identifiers. Each is a branded string: parsed or made once at the edge, never mixed up inside.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** uuid of this daemon's database; the first part of every tag. */
export type InstallationId = Branded<'InstallationId'>;
/** uuid of one declared layout, from its first declaration to its removal. */
export type LayoutId = Branded<'LayoutId'>;
/** uuid of one place in a layout, from its declaration to its removal. A slot declared again is a new one. */
export type SlotId = Branded<'SlotId'>;
/** uuid of one incarnation of a slot. */
export type PaneId = Branded<'PaneId'>;
/** `agt_` and 12 hexadecimal digits. */
export type AgentId = Branded<'AgentId'>;
/** Canonical id of a container: `local`, or the engine's 64 hexadecimal digits. */
export type ContainerId = Branded<'ContainerId'>;
/** tmux's own ids, unique only within one epoch: `%1`, `$1`, `@1`. */
export type TmuxPaneId = Branded<'TmuxPaneId'>;
export type TmuxSessionId = Branded<'TmuxSessionId'>;
export type TmuxWindowId = Branded<'TmuxWindowId'>;
/** `<container incarnation>#<server pid>:<server start time>`: the life a tmux id belongs to. */
export type Epoch = Branded<'Epoch'>;

/** The host itself, as a container. Always there. */
export const LOCAL_CONTAINER = 'local' as ContainerId;

const IDENTIFIER_MAX = 64;

/**
 * Why `text` is not an identifier (`[A-Za-z0-9_.-]{1,64}`), or `undefined` when it is.
 * The order of the checks is part of the contract: empty, length, control characters, charset.
 */
export function identifierProblem(text: unknown): string | undefined {
  if (typeof text !== 'string' || text === '') return 'missing or empty';
  const length = Array.from(text).length;
  if (length > IDENTIFIER_MAX) return `length ${length} > ${IDENTIFIER_MAX}`;
  if (/[\u0000-\u001f\u007f]/.test(text)) return 'contains control characters';
  if (!/^[A-Za-z0-9_.-]+$/.test(text)) return 'must match [A-Za-z0-9_.-]';
  return undefined;
}

/** What layouts from elsewhere than a directory or repository are owned by. */
const RESERVED_SOURCES = ['apply', 'imperative'];

/** Whether a source cannot be called so: the name says where other layouts come from. */
export function isReservedSourceName(name: string): boolean {
  return RESERVED_SOURCES.includes(name);
}

/** tmux turns `.` and `:` in session names into `_`; two names that meet there are one session. */
export function tmuxSessionName(session: string): string {
  return session.replaceAll(/[.:]/g, '_');
}

/** Epoch of a tmux server inside one incarnation of a container. */
export function makeEpoch(incarnation: string, server: string): Epoch {
  return `${incarnation}#${server}` as Epoch;
}

/** The `pid:start_time` part of an epoch, which is what a guard can ask tmux for. */
export function epochServer(epoch: Epoch): string {
  return epoch.slice(epoch.lastIndexOf('#') + 1);
}
