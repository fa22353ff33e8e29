import type { RoutesStatus } from '../../../agents/routes/worker.ts';
import type { RouteRecord } from '../../../domain/routes.ts';
import { toTimestamp } from '../../../lib/clock.ts';
import type { QueueAuditView, RouteView, RoutingStatusView } from '../agent-protocol.ts';
import { toRoutingView } from './message-views.ts';
import type { Services } from './services.ts';

export function toRouteView(route: RouteRecord): RouteView {
  const { scope, target, master } = route;
  return {
    route_id: route.id,
    name: route.name ?? null,
    event_type: route.eventType,
    source_scope: { kind: scope.kind, value: scope.value ?? null },
    target_rule: target.rule,
    target_value: target.value ?? null,
    master_rule: master.rule,
    master_value: master.value ?? null,
    template: route.template,
    enabled: route.enabled,
    last_consumed_event_id: route.cursor,
    created_at: toTimestamp(route.createdAt),
    updated_at: toTimestamp(route.updatedAt),
  };
}

/** The switch, the routes, and how far their worker is. */
export function toRoutingStatus({ queue, routes, logs }: Services): RoutingStatusView {
  const all = queue.store.routes.list();
  const enabled = all.filter((route) => route.enabled);
  const status = routes.status();
  return {
    ...toRoutingView(queue.store.messages.routing()),
    routes_total: all.length,
    routes_enabled: enabled.length,
    routes_disabled: all.length - enabled.length,
    ...toWorkerView(status),
    most_stalled_route: mostStalled(enabled, queue.store.routes),
    degraded_routing_audit_persistence: logs.exportStatus().isFailing,
  };
}

/** How far the file of events is behind the database. */
export function toQueueAudit({ logs }: Services): QueueAuditView {
  const { isFailing, pending, lastFailure } = logs.exportStatus();
  return {
    degraded: isFailing,
    pending_rows: pending,
    last_failure_exc_class: lastFailure ?? null,
  };
}

function toWorkerView({ lastTurnAt, eventsConsumed, skips, isDegraded }: RoutesStatus) {
  return {
    last_routing_cycle_at: lastTurnAt === undefined ? null : toTimestamp(lastTurnAt),
    events_consumed_total: eventsConsumed,
    skips_by_reason: skips,
    routing_worker_degraded: isDegraded,
  };
}

function mostStalled(
  enabled: readonly RouteRecord[],
  routes: Services['queue']['store']['routes'],
): RoutingStatusView['most_stalled_route'] {
  const lags = enabled.map((route) => ({ route_id: route.id, lag: routes.lag(route) }));
  const [most] = lags.filter(({ lag }) => lag > 0).toSorted((a, b) => b.lag - a.lag);
  return most ?? null;
}
