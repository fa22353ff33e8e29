import type { AppSessions } from '../app-sessions.ts';
import type { Method } from '../method.ts';
import type { Services } from './services.ts';

const APP_CONTRACT_VERSION = '1.1';
/** What stands on every answer of the app namespace. */
export const APP_ENVELOPE = { app_contract_version: APP_CONTRACT_VERSION } as const;

/** Whoever is told this has reached a daemon that works; how tmux is doing is in every layout's conditions. */
const PREFLIGHT = { socket_reachable: true, daemon_reachable: true, code: 'ok' } as const;

/** How an app client begins: is the daemon well, and a session to talk in. Host processes only. */
export function appMethods(services: Services, sessions: AppSessions): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    ['app.hello', onHost((uid) => hello(uid, services, sessions))],
    ['app.preflight', onHost(() => PREFLIGHT)],
  ]);
}

function onHost(run: (uid: number) => unknown): Method {
  return {
    access: 'host',
    lenientParams: true,
    envelope: APP_ENVELOPE,
    run: (_params, { peer }) => run(peer.uid),
  };
}

function hello(uid: number, { daemonStatus }: Services, sessions: AppSessions): object {
  const { daemon_version, schema_version } = daemonStatus();
  const { token, id } = sessions.open();
  return {
    app_session_token: token,
    app_session_id: id,
    daemon_version,
    schema_version,
    ...APP_ENVELOPE,
    supported_minor_range: { min: 0, max: 1 },
    host_user_id: String(uid),
    capability_flags: {},
    state: 'ok',
  };
}
