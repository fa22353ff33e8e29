import type { ContainerId } from '../domain/ids.ts';
import type { Config } from '../drivers/config/config.ts';
import type { OpenStore } from '../drivers/store/open-store.ts';
import { systemClock } from '../drivers/system/clock.ts';
import type { LoggedContainer } from '../drivers/system/mounted-logs.ts';
import { openRegistry, type Registry } from '../reconcile/registry.ts';
import { openEngines } from './engines.ts';
import { openServers, type Servers, type ServersOptions } from './tmux-servers.ts';

/** Which containers there are, and the way to tmux in each of them. */
export interface Reach {
  readonly registry: Registry;
  readonly servers: Servers;
  /** What a container has mounted, and for whom; `undefined` when none is known by this key. */
  readonly containerOf: (container: ContainerId) => LoggedContainer | undefined;
}

export interface ReachOptions extends Pick<ServersOptions, 'env' | 'homeDir' | 'uid' | 'log'> {
  readonly store: OpenStore;
  readonly config: Config;
}

/** Opens the engines; nothing is asked of them yet. `wake` is called when something may be different. */
export function openReach(
  { env, homeDir, uid, store, config, log }: ReachOptions,
  wake: (container: ContainerId) => void,
): Reach {
  const clock = systemClock;
  const engines = openEngines(config.engines, { env, clock });
  const registry = openRegistry({
    engines: engines.map(({ engine, isImplicit }) => ({ lister: engine, isImplicit })),
    store,
    clock,
    filter: config.containers,
    onChange: wake,
  });
  const { installation } = store;
  const where = { env, homeDir, uid, installation, clock, engines, registry };
  const logRotation = config.logs;
  const servers = openServers({ ...where, onChange: wake, log, logRotation });
  return {
    registry,
    servers,
    containerOf: (container) => {
      const record = registry.get(container);
      const engine = engines.find((chosen) => chosen.engine.name === record?.engine);
      const benchUser = servers.benchUser(container);
      const isOnThisMachine = engine?.isOnThisMachine === true;
      return record && { ...record, isOnThisMachine, ...(benchUser && { benchUser }) };
    },
  };
}
