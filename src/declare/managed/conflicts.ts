import { type AgentTowerError, refuse } from '../../domain/errors.ts';
import { type ContainerId, type LayoutId, tmuxSessionName } from '../../domain/ids.ts';
import type { ManagedDeps } from './deps.ts';

/** Names that live panes of one container cannot share. Checked inside the transaction that takes them. */

/** Session of the daemon's own tmux client. */
const RESERVED_SESSION = '_agenttower';

export interface WantedPlace {
  readonly container: ContainerId;
  readonly session: string;
  readonly position: number;
  readonly label: string;
}

/** @throws {AgentTowerError} `managed_session_name_conflict` before `managed_pane_label_conflict`. */
export function requirePlace(
  place: WantedPlace,
  deps: Pick<ManagedDeps, 'managed' | 'wireContainerId'>,
): void {
  const { managed } = deps;
  const { container, session, position, label } = place;
  if (managed.isPlaceTaken(container, tmuxSessionName(session), position)) {
    throw sessionConflict(container, session, deps);
  }
  if (managed.isLabelTaken(container, label)) throw labelConflict(container, label, deps);
}

/**
 * A session that is declared belongs to its layout, whether its panes live or not.
 * @throws {AgentTowerError} `managed_session_name_conflict`.
 */
export function requireUndeclaredSession(
  container: ContainerId,
  session: string,
  deps: Pick<ManagedDeps, 'store' | 'wireContainerId'> & { readonly except?: LayoutId },
): void {
  const { store, except } = deps;
  const name = tmuxSessionName(session);
  const isDeclared = store
    .layoutsOf(container)
    .some(
      ({ id, spec, source }) =>
        id !== except && source.kind !== 'imperative' && tmuxSessionName(spec.session) === name,
    );
  if (isDeclared || name === RESERVED_SESSION) throw sessionConflict(container, session, deps);
}

/** `wanted`, or with the first number behind it that no open layout of the container has. */
export function freeLayoutName(
  container: ContainerId,
  wanted: string,
  { store, except }: Pick<ManagedDeps, 'store'> & { readonly except?: LayoutId },
): string {
  const taken = new Set(
    store.layoutsOf(container).flatMap(({ id, spec }) => (id === except ? [] : [spec.name])),
  );
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : `-${number}`;
    const name = `${wanted.slice(0, 64 - suffix.length)}${suffix}`;
    if (!taken.has(name)) return name;
  }
}

export function sessionConflict(
  container: ContainerId,
  session: string,
  { wireContainerId }: Pick<ManagedDeps, 'wireContainerId'>,
): AgentTowerError {
  return refuse(
    'managed_session_name_conflict',
    `the tmux session ${session} is taken in container ${container}; choose another name, or remove what is in it`,
    { container_id: wireContainerId(container), tmux_session_name: session },
  );
}

export function labelConflict(
  container: ContainerId,
  label: string,
  { wireContainerId }: Pick<ManagedDeps, 'wireContainerId'>,
): AgentTowerError {
  return refuse(
    'managed_pane_label_conflict',
    `a live pane in container ${container} is labelled ${label} already; remove it, or use a template with other labels`,
    { container_id: wireContainerId(container), label },
  );
}
