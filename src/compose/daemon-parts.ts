import type { DeclarationsDeps } from '../declare/declarations.ts';
import type { SourceController } from '../declare/source-controller.ts';
import type { ContainerId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import type { Config } from '../drivers/config/config.ts';
import type { OpenStore } from '../drivers/store/open-store.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { openDirectories } from '../drivers/system/host-directories.ts';
import { randomIds } from '../drivers/system/ids.ts';
import { createPaneLogs } from '../drivers/system/pane-logs.ts';
import type { Paths } from '../drivers/system/paths.ts';
import type { Log } from '../lib/log.ts';
import { type AttentiveServers, watchServers } from '../reconcile/attentive-servers.ts';
import { type Controller, startController } from '../reconcile/controller.ts';
import type { Registry } from '../reconcile/registry.ts';
import { openCatalog } from './catalog.ts';
import { type Containers, readContainers } from './containers.ts';
import type { Wrap } from './failpoints.ts';
import { publishPass } from './publish-pass.ts';
import { openReach, type Reach } from './reach.ts';
import type { Servers } from './tmux-servers.ts';

export interface DaemonOptions {
  readonly paths: Paths;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  readonly uid: number;
  readonly version: string;
  /** Called when a client asked the daemon to end. */
  readonly onShutdown: () => void;
}

/** The running pieces, wired to each other. */
export interface Parts {
  readonly registry: Registry;
  readonly containers: Containers;
  readonly servers: Servers;
  /** The same, failing where a test says so, and with what was seen last kept in mind. */
  readonly tmux: AttentiveServers;
  /** What a container has mounted, and for whom. */
  readonly containerOf: Reach['containerOf'];
  readonly controller: Controller;
  readonly declarations: DeclarationsDeps;
  sources: SourceController | undefined;
}

/** What every piece is made from. */
export interface Setting {
  readonly wrap: Wrap;
  readonly options: DaemonOptions;
  readonly store: OpenStore;
  readonly policy: Policy;
  readonly log: Log;
  readonly config: Config;
}

/** Starts the loop. The sources are added once everything they write to is there. */
export function startParts({ options, store, policy, config, log, wrap }: Setting): Parts {
  const { paths } = options;
  let parts: Parts | undefined;
  const wake = (container: ContainerId): void => parts?.controller.wake(container);
  const { registry, servers, containerOf } = openReach({ ...options, store, config, log }, wake);
  const containers = readContainers(registry);
  const tmux = watchServers(wrap.tmux(servers));
  const controller = startController({
    store,
    tmux,
    clock: systemClock,
    policy,
    ids: randomIds,
    logs: createPaneLogs({ logsDir: paths.logsDir, containerOf }),
    directories: openDirectories(containerOf),
    log,
    onPass: publishPass,
  });
  const declarations: DeclarationsDeps = {
    store,
    clock: systemClock,
    ids: randomIds,
    catalog: openCatalog(paths.configDir, store),
    resolveContainer: containers.resolve,
    knownContainers: containers.known,
    containerRecords: registry.list,
    wireContainerId: containers.wireId,
    whyLeftOut: registry.leftOut,
    wake,
    allSourcesLoaded: () => parts?.sources?.loadedOnce() ?? false,
  };
  const reach = { registry, containers, servers, containerOf };
  parts = { ...reach, tmux, controller, declarations, sources: undefined };
  return parts;
}
