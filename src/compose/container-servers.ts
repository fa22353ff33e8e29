import type { ContainerId, InstallationId } from '../domain/ids.ts';
import type { LogRotation } from '../domain/log-rotation.ts';
import type { Observation, UnknownObservation } from '../domain/observed.ts';
import { type ContainerHost, openContainerHost } from '../drivers/engines/container-host.ts';
import type { Engine } from '../drivers/engines/engine.ts';
import { openPaneAccess, type PaneAccess } from '../drivers/tmux/pane-access.ts';
import { type OpenTmuxServer, openTmuxServer } from '../drivers/tmux/server.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Registry } from '../reconcile/registry.ts';

export interface ServerOptions {
  readonly installation: InstallationId;
  readonly clock: Clock;
  readonly onChange: (container: ContainerId) => void;
  readonly log: Log;
  readonly logRotation: LogRotation;
}

export interface ContainerServer extends OpenTmuxServer {
  attachArgv(session: string): readonly string[];
  benchUser: ContainerHost['benchUser'];
  /** Every pane of its bench user. */
  readonly access: PaneAccess;
  /** Socket of that server, as programs in the container name it; a guess before it was first reached. */
  readonly socketPath: string;
  /** Finds out what a first layout needs to know. Starts nothing there. Never rejects. */
  warm(): Promise<void>;
}

/** The tmux server of a container's bench user. What the engine says of the container comes before what tmux says. */
export function openContainerServer(
  {
    key,
    engine,
    registry,
  }: {
    readonly key: ContainerId;
    readonly engine: Engine;
    readonly registry: Registry;
  },
  options: ServerOptions,
): ContainerServer {
  const { installation, clock, onChange, logRotation } = options;
  const host: ContainerHost = openContainerHost({
    key,
    engine,
    clock,
    record: () => registry.get(key),
    life: (since) => registry.life(key, since),
  });
  const server = openTmuxServer({
    host,
    installation,
    clock,
    logRotation,
    onChange: () => onChange(key),
    log: channelLog(options.log),
  });
  let hasBeenSeen = false;
  return {
    ...server,
    look: async () => {
      const observation = await server.look();
      hasBeenSeen ||= observation.kind === 'seen';
      return observation.kind === 'unknown' ? explain(observation, registry) : observation;
    },
    access: openPaneAccess({ host, installation, server, logRotation }),
    benchUser: () => host.benchUser(),
    warm: async () => {
      await host.incarnation();
    },
    get socketPath() {
      return host.socketPath;
    },
    attachArgv: (session) => (hasBeenSeen ? host.attachArgv(session) : []),
  };
}

/** A look that failed because its container stopped under it, or its engine went, is no riddle of tmux. */
async function explain(unknown: UnknownObservation, registry: Registry): Promise<Observation> {
  const { container } = unknown;
  const life = await registry.life(container, 0);
  return life.kind === 'running' ? unknown : { ...life, container };
}

/** What a tmux driver logs, as lines of the daemon's log. */
export function channelLog(log: Log) {
  return (event: string, fields: Readonly<Record<string, unknown>>): void =>
    log('warn', 'tmux_channel', { what: event, detail: JSON.stringify(fields) });
}
