import type { Method } from '../method.ts';
import { agentStateMethods } from './agent-states.ts';
import { agentMethods } from './agents.ts';
import { containerMethods } from './container.ts';
import { daemonMethods } from './daemon.ts';
import { eventMethods } from './events.ts';
import { layoutMethods } from './layout.ts';
import { logEventMethods } from './log-events.ts';
import { logMethods } from './logs.ts';
import { managedMethods } from './managed.ts';
import { manifestMethods } from './manifest.ts';
import { paneScanMethods } from './pane-scan.ts';
import { queueMethods } from './queue.ts';
import { routeMethods } from './routes.ts';
import { routingMethods } from './routing.ts';
import type { Services } from './services.ts';
import { sourceMethods } from './source.ts';

/** Every method of the socket, by name. */
export function allMethods(services: Services): ReadonlyMap<string, Method> {
  return new Map([
    ...daemonMethods(services),
    ...containerMethods(services),
    ...paneScanMethods(services),
    ...manifestMethods(services),
    ...layoutMethods(services),
    ...sourceMethods(services),
    ...eventMethods(services),
    ...logMethods(services),
    ...logEventMethods(services),
    ...managedMethods(services),
    ...agentMethods(services),
    ...agentStateMethods(services),
    ...queueMethods(services),
    ...routingMethods(services),
    ...routeMethods(services),
  ]);
}
