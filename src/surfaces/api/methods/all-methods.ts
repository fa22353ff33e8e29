import type { Method } from '../method.ts';
import { containerMethods } from './container.ts';
import { daemonMethods } from './daemon.ts';
import { eventMethods } from './events.ts';
import { layoutMethods } from './layout.ts';
import { managedMethods } from './managed.ts';
import { manifestMethods } from './manifest.ts';
import { paneScanMethods } from './pane-scan.ts';
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
    ...managedMethods(services),
  ]);
}
