import { type ContainerId, LOCAL_CONTAINER } from '../domain/ids.ts';
import { type LocalHost, openLocalHost } from '../drivers/engines/local.ts';
import { openPaneAccess, type PaneAccess } from '../drivers/tmux/pane-access.ts';
import { type OpenTmuxServer, openTmuxServer } from '../drivers/tmux/server.ts';
import type { PaneFinder, TmuxServer, TmuxServers } from '../reconcile/ports.ts';
import type { Registry } from '../reconcile/registry.ts';
import {
  type ContainerServer,
  channelLog,
  openContainerServer,
  type ServerOptions,
} from './container-servers.ts';
import type { ChosenEngine } from './engines.ts';

export interface Servers extends TmuxServers {
  /** Panes of whoever they are, to type into; `undefined` for a container this daemon cannot reach. */
  readonly access: (container: ContainerId) => PaneAccess | undefined;
  /** Panes of everybody's, on whatever tmux server. */
  readonly panes: PaneFinder;
  /** argv that shows a session of the container in a terminal on the host. */
  readonly attachArgv: (container: ContainerId, session: string) => readonly string[];
  /** Whom the panes of a container run as, as far as that was found out. */
  benchUser(container: ContainerId): ReturnType<ContainerServer['benchUser']>;
  /** Prepares for the first layout in a container that runs; changes nothing in it. Never rejects. */
  warm(container: ContainerId): Promise<void>;
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
    server: localServer,
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
    of: (container): TmuxServer =>
      container === LOCAL_CONTAINER
        ? localServer
        : (inContainer(container) ?? unreachable(container, registry)),
    panes: findPanes({ local, localServer, inContainer }, options),
    attachArgv: (container, session) =>
      container === LOCAL_CONTAINER
        ? local.attachArgv(session)
        : (inContainer(container)?.attachArgv(session) ?? []),
    benchUser: (container) => opened.get(container)?.benchUser(),
    warm: async (container) => inContainer(container)?.warm(),
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
  return {
    look: async () => ({
      ...((await life()) ?? nobodyThere(container)),
      container,
    }),
    run: async (ops) => {
      const message = (await life())?.message ?? nobodyThere(container).message;
      return ops.map(() => ({ kind: 'unknown', message }));
    },
  };
}

/** Panes of everybody's, by the servers in reach. */
function findPanes(
  {
    local,
    localServer,
    inContainer,
  }: {
    readonly local: LocalHost;
    readonly localServer: OpenTmuxServer;
    readonly inContainer: (container: ContainerId) => ContainerServer | undefined;
  },
  options: Pick<ServersOptions, 'env' | 'uid'>,
): PaneFinder {
  return {
    find: async (container, sockets) => {
      const server = container === LOCAL_CONTAINER ? localServer : inContainer(container);
      return server?.findPanes(sockets) ?? [nobodyThere(container)];
    },
    ownSocket: (container) =>
      container === LOCAL_CONTAINER ? local.socketPath : (inContainer(container)?.socketPath ?? ''),
    benchUser: (container) =>
      container === LOCAL_CONTAINER
        ? userName(options)
        : (inContainer(container)?.benchUser()?.name ?? ''),
  };
}

function nobodyThere(container: ContainerId) {
  const message = `container ${container} cannot be reached`;
  return { kind: 'unknown', reason: 'EngineUnreachable', message } as const;
}

function userName({ env, uid }: Pick<ServersOptions, 'env' | 'uid'>): string {
  return env['USER'] ?? env['LOGNAME'] ?? String(uid);
}
