import { addRoute, enableRoute, removeRoute, requireRoute } from '../../../agents/routes/routes.ts';
import { refuseOwnedRoute } from '../../../declare/declared-routes.ts';
import type { RouteRecord } from '../../../domain/routes.ts';
import { toTimestamp } from '../../../lib/clock.ts';
import type { RouteDetailView, RouteOperationView } from '../agent-protocol.ts';
import type { Method } from '../method.ts';
import { defineAgentMethod } from '../params.ts';
import { toRouteView } from './route-views.ts';
import type { Services } from './services.ts';

interface AddParams {
  readonly event_type: string;
  readonly source_scope_kind?: string;
  readonly source_scope_value?: string | null;
  readonly target_rule: string;
  readonly target_value?: string | null;
  readonly master_rule?: string;
  readonly master_value?: string | null;
  readonly template: string;
}

const TEXT = { type: 'string' } as const;
const VALUE = { type: ['string', 'null'] } as const;
const ADD_SCHEMA = {
  type: 'object',
  required: ['event_type', 'target_rule', 'template'],
  additionalProperties: false,
  properties: {
    event_type: TEXT,
    source_scope_kind: TEXT,
    source_scope_value: VALUE,
    target_rule: TEXT,
    target_value: VALUE,
    master_rule: TEXT,
    master_value: VALUE,
    template: TEXT,
  },
} as const;

const ID_SCHEMA = {
  type: 'object',
  required: ['route_id'],
  additionalProperties: false,
  properties: { route_id: { type: 'string', minLength: 1 } },
} as const;

const LIST_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: { enabled_only: { type: 'boolean' } },
} as const;

interface RouteParams {
  readonly route_id: string;
}

/** Routes: what turns events of agents into prompts for others. */
export function routeMethods(services: Services): ReadonlyMap<string, Method> {
  const { routes } = services;
  const operation = (
    word: RouteOperationView['operation'],
    operate: (id: string) => RouteRecord,
  ): Method =>
    defineAgentMethod<RouteParams>({
      access: 'host',
      schema: ID_SCHEMA,
      run: ({ route_id: id }): RouteOperationView => {
        const route = operate(id);
        return { route_id: route.id, operation: word, at: toTimestamp(services.queue.clock.now()) };
      },
    });
  return new Map<string, Method>([
    [
      'routes.add',
      defineAgentMethod<AddParams>({
        access: 'host',
        schema: ADD_SCHEMA,
        run: (params) => toRouteView(addRoute(toDraft(params), routes)),
      }),
    ],
    [
      'routes.list',
      defineAgentMethod<{ enabled_only?: boolean }>({
        access: 'host',
        schema: LIST_SCHEMA,
        run: ({ enabled_only: enabledOnly = false }) => ({
          routes: routes.store.routes
            .list()
            .filter(({ enabled }) => enabled || !enabledOnly)
            .map(toRouteView),
        }),
      }),
    ],
    [
      'routes.show',
      defineAgentMethod<RouteParams>({
        access: 'host',
        schema: ID_SCHEMA,
        run: ({ route_id: id }) => show(id, services),
      }),
    ],
    ['routes.remove', operation('removed', (id) => remove(id, services))],
    ['routes.enable', operation('enabled', (id) => enableRoute(id, true, routes))],
    ['routes.disable', operation('disabled', (id) => enableRoute(id, false, routes))],
  ]);
}

/** One that a manifest declares goes with its declaration. Throws `route_id_not_found`, `owned_by_source`. */
function remove(id: string, { routes, store }: Services): RouteRecord {
  const { name } = requireRoute(id, routes.store);
  if (name !== undefined) refuseOwnedRoute(name, store);
  return removeRoute(id, routes);
}

function show(id: string, { routes }: Services): RouteDetailView {
  const view = toRouteView(requireRoute(id, routes.store));
  const { eventsConsumed, lastSkip } = routes.runtime(view.route_id);
  const { lastTurnAt } = routes.status();
  return {
    ...view,
    runtime: {
      last_routing_cycle_at: lastTurnAt === undefined ? null : toTimestamp(lastTurnAt),
      events_consumed: eventsConsumed,
      last_skip_reason: lastSkip?.reason ?? null,
      last_skip_at: lastSkip === undefined ? null : toTimestamp(lastSkip.at),
    },
  };
}

function toDraft(params: AddParams) {
  return {
    eventType: params.event_type,
    scopeKind: params.source_scope_kind ?? 'any',
    scopeValue: params.source_scope_value ?? undefined,
    targetRule: params.target_rule,
    targetValue: params.target_value ?? undefined,
    masterRule: params.master_rule ?? 'auto',
    masterValue: params.master_value ?? undefined,
    template: params.template,
  };
}
