import type { DeclarationsDeps } from '../declare/declarations.ts';
import type { SourceController } from '../declare/source-controller.ts';
import type { ContainerId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import type { Config } from '../drivers/config/config.ts';
import type { OpenStore } from '../drivers/store/open-store.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { hostDirectories } from '../drivers/system/host-directories.ts';
import { randomIds } from '../drivers/system/ids.ts';
import { createLocalPaneLogs } from '../drivers/system/pane-logs.ts';
import type { Paths } from '../drivers/system/paths.ts';
import type { Log } from '../lib/log.ts';
import { type Controller, startController } from '../reconcile/controller.ts';
import { openCatalog } from './catalog.ts';
import type { Wrap } from './failpoints.ts';
import { type Containers, openContainers } from './tmux-servers.ts';

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
  readonly containers: Containers;
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
export function startParts({ options, store, policy, log, wrap, config }: Setting): Parts {
  const { env, homeDir, uid, paths } = options;
  let parts: Parts | undefined;
  const wake = (container: ContainerId): void => parts?.controller.wake(container);
  const containers = openContainers({
    env,
    homeDir,
    uid,
    installation: store.installation,
    clock: systemClock,
    onChange: wake,
    log,
    logRotation: config.logs,
  });
  const controller = startController(
    wrap.loop({
      store,
      tmux: containers,
      clock: systemClock,
      policy,
      ids: randomIds,
      logs: createLocalPaneLogs(paths.logsDir),
      directories: hostDirectories,
      log,
    }),
  );
  const declarations: DeclarationsDeps = {
    store,
    clock: systemClock,
    ids: randomIds,
    catalog: openCatalog(paths.configDir, store),
    resolveContainer: containers.resolve,
    knownContainers: containers.known,
    wake,
    allSourcesLoaded: () => parts?.sources?.loadedOnce() ?? false,
  };
  parts = { containers, controller, declarations, sources: undefined };
  return parts;
}
