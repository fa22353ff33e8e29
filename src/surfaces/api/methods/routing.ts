import { switchRouting } from '../../../agents/routing-switch.ts';
import { HOST_OPERATOR } from '../../../domain/agents.ts';
import { refuse } from '../../../domain/errors.ts';
import type { Method } from '../method.ts';
import { defineAgentMethod } from '../params.ts';
import { toRoutingChangeView, toRoutingView } from './message-views.ts';
import type { Services } from './services.ts';

const NO_PARAMS = { type: 'object', additionalProperties: false } as const;

/** The switch that holds every prompt back. Only the host may move it. */
export function routingMethods(services: Services): ReadonlyMap<string, Method> {
  const toggle = (value: 'enabled' | 'disabled'): Method => ({
    ...defineAgentMethod({
      access: 'host',
      schema: NO_PARAMS,
      run: () => toRoutingChangeView(switchRouting(value, HOST_OPERATOR, services.queue.store)),
    }),
    hostRefusal: () =>
      refuse(
        'routing_toggle_host_only',
        'only a process on the host itself may switch the routing of prompts; run the command there',
        {},
      ),
  });
  return new Map<string, Method>([
    ['routing.enable', toggle('enabled')],
    ['routing.disable', toggle('disabled')],
    [
      'routing.status',
      defineAgentMethod({
        access: 'host',
        schema: NO_PARAMS,
        run: () => toRoutingView(services.queue.store.messages.routing()),
      }),
    ],
  ]);
}
