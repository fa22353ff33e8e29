import type { RegisteredAgent } from '../../../agents/ports.ts';
import type { PaneAddress } from '../../../agents/registry.ts';
import { hostOnly, requireScope, type Scope } from '../../../declare/managed/scope.ts';
import { refuse } from '../../../domain/errors.ts';
import { LOCAL_CONTAINER } from '../../../domain/ids.ts';
import type { CallerPaneView, PaneKeyView } from '../agent-protocol.ts';
import type { Services } from './services.ts';

const TEXT = { type: 'string', minLength: 1 } as const;
const INDEX = { type: 'integer', minimum: 0 } as const;

/** The six-field key of a pane: `%N`, or session, window and pane index, or all of it. */
export const PANE_KEY_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    container_id: TEXT,
    tmux_socket_path: TEXT,
    tmux_session_name: TEXT,
    tmux_window_index: INDEX,
    tmux_pane_index: INDEX,
    tmux_pane_id: { type: 'string', pattern: '^%[0-9]+$' },
  },
} as const;

export const CALLER_SCHEMA = {
  type: ['object', 'null'],
  required: ['pane_composite_key'],
  additionalProperties: false,
  properties: { agent_id: TEXT, pane_composite_key: PANE_KEY_SCHEMA },
} as const;

/** Where to look for the pane of a key. Throws `validation_failed` for a key that names none. */
export function toAddress(key: PaneKeyView, container: string): PaneAddress {
  const address = {
    container,
    socket: key.tmux_socket_path,
    pane: key.tmux_pane_id,
    session: key.tmux_session_name,
    windowIndex: key.tmux_window_index,
    paneIndex: key.tmux_pane_index,
  };
  const isPlace =
    address.session !== undefined &&
    address.windowIndex !== undefined &&
    address.paneIndex !== undefined;
  if (address.pane !== undefined || isPlace) return address;
  const field = 'pane_composite_key';
  const reason = 'names no pane: give tmux_pane_id, or session, window and pane index';
  throw refuse('validation_failed', `params: ${field} ${reason}`, { field, reason });
}

/**
 * The container a caller speaks of: its own, unless it names one. A container may only speak of itself, whatever name
 * it uses. Throws `host_only`.
 */
export function containerWithin(
  scope: Scope,
  named: string | undefined,
  { agents }: Pick<Services, 'agents'>,
): string {
  if (scope.kind === 'host') return named ?? LOCAL_CONTAINER;
  if (scope.container === undefined) throw hostOnly();
  if (named !== undefined) requireScope(scope, agents.resolveContainer(named) ?? named);
  return scope.container;
}

/**
 * The active agent in the pane the caller says it is in; `undefined` when that pane has none. Throws `bad_request`
 * when it names another agent than the one that works there.
 */
export function findCaller(
  caller: CallerPaneView,
  scope: Scope,
  services: Services,
): RegisteredAgent | undefined {
  const { agents } = services;
  const { pane_composite_key: key, agent_id: named } = caller;
  const container = agents.resolveContainer(containerWithin(scope, key.container_id, services));
  const agent = agents.store.registry
    .agents()
    .find(
      (each) =>
        each.active &&
        each.container === container &&
        each.tmuxPaneId === key.tmux_pane_id &&
        (each.socket ?? agents.panes.ownSocket(each.container)) === key.tmux_socket_path,
    );
  if (named !== undefined && agent !== undefined && named !== agent.agentId) {
    throw refuse('bad_request', `the pane belongs to ${agent.agentId}, not to ${named}`, {});
  }
  return agent;
}
