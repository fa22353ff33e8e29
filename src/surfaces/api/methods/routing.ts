import { switchRouting } from '../../../agents/routing-switch.ts';
import { HOST_OPERATOR } from '../../../domain/agents.ts';
import { refuse } from '../../../domain/errors.ts';
import type { Method } from '../method.ts';
import { defineMethod } from '../params.ts';
import { toRoutingChangeView, toRoutingView } from './message-views.ts';
import type { Services } from './services.ts';

const NO_PARAMS = { type: 'object', additionalProperties: false } as const;

/** The switch that holds every prompt back. Only the host may move it. */
export function routingMethods(services: Services): ReadonlyMap<string, Method> {
  const { isOnHost } = services;
  const toggle = (value: 'enabled' | 'disabled'): Method =>
    defineMethod({
      schema: NO_PARAMS,
      run: (_params, { peer }) => {
        if (isOnHost(peer)) {
          return toRoutingChangeView(switchRouting(value, HOST_OPERATOR, services.queue.store));
        }
        const message = 'routing is switched on the host, not from inside a container';
        throw refuse('routing_toggle_host_only', message, {});
      },
    });
  return new Map<string, Method>([
    ['routing.enable', toggle('enabled')],
    ['routing.disable', toggle('disabled')],
    [
      'routing.status',
      defineMethod({
        schema: NO_PARAMS,
        run: () => toRoutingView(services.queue.store.messages.routing()),
      }),
    ],
  ]);
}
