import { hostOnly, type Scope } from '../../../declare/managed/scope.ts';
import type { EventType, StoredEvent } from '../../../domain/events.ts';
import type { ContainerId, LayoutId, PaneId } from '../../../domain/ids.ts';
import { LOG_EVENT_TYPES } from '../../../domain/log-events.ts';
import type { Services } from './services.ts';

/**
 * What a container may be told of its own layouts, panes and agents. Not of prompts, whose senders may be elsewhere,
 * nor of routes and sources, nor of what an operator at the host did.
 */
const TOLD_INSIDE: ReadonlySet<EventType> = new Set<EventType>([
  'managed_layout_created',
  'managed_pane_created',
  'managed_pane_pending_marker_set',
  'managed_pane_launch_command_exited',
  'managed_pane_log_attach_failed',
  'managed_pane_pending_marker_cleared',
  'managed_pane_state_changed',
  'managed_layout_state_changed',
  'managed_pane_removed',
  'managed_pane_recreated',
  'managed_layout_recovery_reattached',
  'managed_layout_recovery_failed',
  'layout_configured',
  'layout_removed',
  'layout_suspended',
  'layout_resumed',
  'pane_replaced',
  'slot_held',
  'slot_hold_ended',
  'slot_contested',
  'slot_crash_loop',
  'slot_recovered',
  'agent_registered',
  'agent_inactive',
  'agent_state_changed',
  ...LOG_EVENT_TYPES,
]);

/**
 * Which events a caller may see: all on the host; in a container those of its own layouts, panes and agents.
 * @throws {AgentTowerError} `host_only` in a container that nobody knows.
 */
export function eventsWithin(
  scope: Scope,
  services: Pick<Services, 'managed' | 'agents'>,
): (event: StoredEvent) => boolean {
  if (scope.kind === 'host') return () => true;
  const { container } = scope;
  if (container === undefined) throw hostOnly();
  const isOwn = eventsOf(container, services);
  return (event) => TOLD_INSIDE.has(event.type) && isOwn(event);
}

/** Events about layouts, panes and agents of a container. */
export function eventsOf(
  container: ContainerId,
  { managed, agents }: Pick<Services, 'managed' | 'agents'>,
): (event: StoredEvent) => boolean {
  // Nothing ever moves to another container.
  const known = new Map<string, boolean>();
  const isOwn = (id: string, find: () => string | undefined): boolean => {
    const own = known.get(id) ?? find() === container;
    known.set(id, own);
    return own;
  };
  const layout = (id: LayoutId) => isOwn(id, () => managed.layout(id)?.container);
  const pane = (id: PaneId) => isOwn(id, () => managed.pane(id)?.container);
  return ({ agentId, layoutId, paneId }) => {
    if (agentId !== undefined) {
      return isOwn(agentId, () => agents.store.registry.agent(agentId)?.container);
    }
    if (layoutId !== undefined) return layout(layoutId);
    return paneId !== undefined && pane(paneId);
  };
}
