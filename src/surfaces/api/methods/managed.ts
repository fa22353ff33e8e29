import { type AppSessions, openAppSessions } from '../app-sessions.ts';
import type { Method } from '../method.ts';
import { APP_ENVELOPE, appMethods } from './app.ts';
import { MANAGED_CALLS, type ManagedCall } from './managed-calls.ts';
import type { Services } from './services.ts';

/**
 * The managed-session calls in both namespaces: `managed.layout.create` for whoever may reach the socket, limited to
 * their own container; `app.managed_layout_create` for app clients of the host, who open a session first.
 */
export function managedMethods(services: Services): ReadonlyMap<string, Method> {
  const sessions = openAppSessions(services);
  return new Map<string, Method>([
    ...appMethods(services, sessions),
    ...Object.entries(MANAGED_CALLS).flatMap(([word, call]): [string, Method][] => [
      [`managed.${word}`, legacyMethod(call, services)],
      [`app.managed_${word.replaceAll('.', '_')}`, appMethod(call, { services, sessions })],
    ]),
  ]);
}

function legacyMethod(call: ManagedCall, services: Services): Method {
  return {
    access: 'own-container',
    lenientParams: true,
    run: (params, { scope }) => call(params, scope, services),
  };
}

function appMethod(
  call: ManagedCall,
  { services, sessions }: { readonly services: Services; readonly sessions: AppSessions },
): Method {
  return {
    access: 'host',
    lenientParams: true,
    envelope: APP_ENVELOPE,
    run: (params) => {
      sessions.require(params['app_session_token']);
      return call(params, { kind: 'host' }, services);
    },
  };
}
