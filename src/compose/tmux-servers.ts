import { type ContainerId, type InstallationId, LOCAL_CONTAINER } from '../domain/ids.ts';
import type { LogRotation } from '../domain/log-rotation.ts';
import { type LocalHost, openLocalHost } from '../drivers/engines/local.ts';
import { openPaneAccess, type PaneAccess } from '../drivers/tmux/pane-access.ts';
import { type OpenTmuxServer, openTmuxServer } from '../drivers/tmux/server.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { TmuxServer, TmuxServers } from '../reconcile/ports.ts';

export interface Containers extends TmuxServers {
  readonly resolve: (name: string) => ContainerId | undefined;
  readonly known: () => readonly string[];
  /** Panes of whoever they are; `undefined` for a container this daemon cannot reach. */
  readonly access: (container: ContainerId) => PaneAccess | undefined;
  /** Socket of the container's managed server, as programs in it name it. */
  readonly socketOf: (container: ContainerId) => string;
  readonly attachArgv: (container: ContainerId, session: string) => readonly string[];
  close(): Promise<void>;
}

export interface ContainersOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  readonly uid: number;
  readonly installation: InstallationId;
  readonly clock: Clock;
  readonly onChange: (container: ContainerId) => void;
  readonly log: Log;
  readonly logRotation: LogRotation;
}

/** The containers this daemon reaches, and the tmux server in each. Engine `local`: the host itself. */
export function openContainers(options: ContainersOptions): Containers {
  const { env, homeDir, uid, installation, clock, onChange, log, logRotation } = options;
  const local: LocalHost = openLocalHost({ env, homeDir, uid });
  const server: OpenTmuxServer = openTmuxServer({
    host: local,
    installation,
    clock,
    logRotation,
    onChange: () => onChange(LOCAL_CONTAINER),
    log: (event, fields) =>
      log('warn', 'tmux_channel', { what: event, detail: JSON.stringify(fields) }),
  });
  const access = openPaneAccess({
    host: local,
    installation,
    exchange: server.exchange,
    logRotation,
  });
  return {
    access: (container) => (container === LOCAL_CONTAINER ? access : undefined),
    socketOf: () => local.socketPath,
    of: (container): TmuxServer =>
      container === LOCAL_CONTAINER ? server : unreachable(container),
    resolve: (name) => (name === LOCAL_CONTAINER ? LOCAL_CONTAINER : undefined),
    known: () => [LOCAL_CONTAINER],
    attachArgv: (_container, session) => local.attachArgv(session),
    close: () => server.close(),
  };
}

/** A container recorded by a daemon that knew more engines: nothing can be concluded about it. */
function unreachable(container: ContainerId): TmuxServer {
  const message = `container ${container} belongs to an engine this daemon does not have`;
  return {
    look: async () => ({ kind: 'unknown', container, reason: 'EngineUnreachable', message }),
    run: async (ops) => ops.map(() => ({ kind: 'unknown', message })),
  };
}
