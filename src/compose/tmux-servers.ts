import { type ContainerId, LOCAL_CONTAINER } from '../domain/ids.ts';
import { type LocalHost, openLocalHost } from '../drivers/engines/local.ts';
import { openPaneAccess, type PaneAccess } from '../drivers/tmux/pane-access.ts';
import { openTmuxServer } from '../drivers/tmux/server.ts';
import type { TmuxServer, TmuxServers } from '../reconcile/ports.ts';
import type { Registry } from '../reconcile/registry.ts';
import {
  type ContainerServer,
  channelLog,
  openContainerServer,
  type ServerOptions,
} from './container-servers.ts';
import type { ChosenEngine } from './engines.ts';

export interface Servers extends TmuxServers {
  /** Panes of whoever they are; `undefined` for a container this daemon cannot reach. */
  readonly access: (container: ContainerId) => PaneAccess | undefined;
  /** Socket of the server our panes are on, as programs there name it. */
  readonly socketOf: (container: ContainerId) => string;
  /** argv that shows a session of the container in a terminal on the host. */
  readonly attachArgv: (container: ContainerId, session: string) => readonly string[];
  /** Whom the panes of a container run as, as far as that was found out. */
  benchUser(container: ContainerId): ReturnType<ContainerServer['benchUser']>;
  close(): Promise<void>;
}

export interface ServersOptions extends ServerOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  readonly uid: number;
  readonly engines: readonly ChosenEngine[];
  readonly registry: Registry;
}

/** The tmux server in each container this daemon reaches, the host's own among them. Opened on first need. */
export function openServers(options: ServersOptions): Servers {
  const { env, homeDir, uid, installation, clock, onChange, log, engines, registry } = options;
  const { logRotation } = options;
  const local: LocalHost = openLocalHost({ env, homeDir, uid });
  const localServer = openTmuxServer({
    host: local,
    installation,
    clock,
    logRotation,
    onChange: () => onChange(LOCAL_CONTAINER),
    log: channelLog(log),
  });
  const localAccess = openPaneAccess({
    host: local,
    installation,
    exchange: localServer.exchange,
    logRotation,
  });
  const opened = new Map<ContainerId, ContainerServer>();

  const inContainer = (key: ContainerId): ContainerServer | undefined => {
    const known = opened.get(key);
    if (known !== undefined) return known;
    const name = registry.get(key)?.engine;
    const engine = engines.find((chosen) => chosen.engine.name === name)?.engine;
    if (engine === undefined) return undefined;
    const server = openContainerServer({ key, engine, registry }, options);
    opened.set(key, server);
    return server;
  };
  return {
    access: (container) =>
      container === LOCAL_CONTAINER ? localAccess : inContainer(container)?.access,
    socketOf: (container) =>
      container === LOCAL_CONTAINER ? local.socketPath : (inContainer(container)?.socketPath ?? ''),
    of: (container): TmuxServer =>
      container === LOCAL_CONTAINER
        ? localServer
        : (inContainer(container) ?? unreachable(container, registry)),
    attachArgv: (container, session) =>
      container === LOCAL_CONTAINER
        ? local.attachArgv(session)
        : (inContainer(container)?.attachArgv(session) ?? []),
    benchUser: (container) => opened.get(container)?.benchUser(),
    close: async () => {
      await Promise.all([localServer, ...opened.values()].map((server) => server.close()));
      for (const { engine } of engines) engine.close();
    },
  };
}

/** A container recorded by a daemon that knew more engines: nothing can be concluded about it. */
function unreachable(container: ContainerId, registry: Registry): TmuxServer {
  const life = async () => {
    const found = await registry.life(container, 0);
    return found.kind === 'running' ? undefined : found;
  };
  const nobody = `container ${container} cannot be reached`;
  return {
    look: async () => ({
      ...((await life()) ?? { kind: 'unknown', reason: 'EngineUnreachable', message: nobody }),
      container,
    }),
    run: async (ops) => {
      const message = (await life())?.message ?? nobody;
      return ops.map(() => ({ kind: 'unknown', message }));
    },
  };
}
