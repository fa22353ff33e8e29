import { dirname } from 'node:path';
import { LOCAL_CONTAINER } from '../domain/ids.ts';
import { DEFAULT_POLICY, type Policy } from '../domain/policy.ts';
import { loadConfig } from '../drivers/config/load-config.ts';
import { endOrphans } from '../drivers/engines/end-orphans.ts';
import { openStore } from '../drivers/store/open-store.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { randomIds } from '../drivers/system/ids.ts';
import { acquireInstallation } from '../drivers/system/installation-lock.ts';
import { openLifecycleLog } from '../drivers/system/lifecycle-log.ts';
import { acquireDaemonLock } from '../drivers/system/lock.ts';
import { readPeer } from '../drivers/system/peer-credentials.ts';
import { ensurePrivateDirectory, makeDirectories } from '../drivers/system/safe-files.ts';
import type { Log } from '../lib/log.ts';
import { allMethods } from '../surfaces/api/methods/all-methods.ts';
import { identifyCallers } from './callers.ts';
import { startAgents } from './daemon-agents.ts';
import { startExport } from './daemon-export.ts';
import { startLogs } from './daemon-logs.ts';
import { type DaemonOptions, startParts } from './daemon-parts.ts';
import { toServices } from './daemon-services.ts';
import { startSources } from './daemon-sources.ts';
import { startStates } from './daemon-states.ts';
import { openFailpoints } from './failpoints.ts';
import { retrySources } from './retry-sources.ts';
import { openSockets } from './sockets.ts';
import { startStamping } from './stamping.ts';
import { warmContainers } from './warm-containers.ts';
import { warmUp } from './warm-up.ts';

export interface Daemon {
  readonly log: Log;
  stop(): Promise<void>;
}

/** How long the socket waits for the first look at every container; with the listing less than `ensure-daemon` waits. */
const RECOVERY_DEADLINE_MS = 2_500;
/** How long a container engine may take to tell what there is before we go on without it. */
const FIRST_LISTING_MS = 1_500;
/** Who waits for the daemon comes first. */
const WARM_UP_AFTER_MS = 200;

/**
 * Wires everything and starts it, in an order that keeps every promise: the lock before any file is touched, the
 * records before the loop, recovery before the socket answers, sources last.
 * @throws {AgentTowerError} `path_unsafe`, `daemon_running`, `config_invalid`, `database_newer`, `database_unusable`.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { paths } = options;
  const { lock, lifecycle, ...setting } = openSetting(options);
  const { config, store, log } = setting;
  const installation = await acquireInstallation(store.installation, paths.database);
  const parts = startParts(setting);
  const isElsewhere = store.containers().some((container) => container !== LOCAL_CONTAINER);
  if (isElsewhere) await parts.registry.ready(FIRST_LISTING_MS);
  log('info', 'daemon_recovering', { layouts: store.layouts().length });
  await parts.controller.recover(RECOVERY_DEADLINE_MS);
  parts.controller.wakeAll();
  const sources = startSources(parts.declarations, { ...setting, configured: config.sources });
  parts.sources = sources;
  const stopRetrying = retrySources(sources, parts.registry);
  const stamping = startStamping(parts.declarations, { registry: parts.registry, log });
  const stopWarming = warmContainers(parts.registry, parts.servers);
  const agents = startAgents(parts, setting);
  const eventExport = startExport(setting);
  const logs = startLogs(parts, setting, eventExport.status);
  const states = startStates(parts, setting);

  const sockets = await openSockets(paths, {
    methods: allMethods(
      toServices(parts, { ...setting, sources, stamping, agents, states, logs: logs.services }),
    ),
    readPeer,
    identify: identifyCallers((engineId) => parts.registry.byEngineId(engineId)?.key),
    ownUid: options.uid,
    log,
  });
  log('info', 'daemon_ready', { socket: paths.socket });
  parts.registry.start();
  void endOrphans(options.uid);
  setTimeout(warmUp, WARM_UP_AFTER_MS).unref();

  return {
    log,
    stop: async () => {
      log('info', 'daemon_shutdown');
      await sockets.close();
      stopRetrying();
      stamping.stop();
      stopWarming();
      await sources.stop();
      await agents.stop();
      await logs.stop();
      await states.stop();
      await parts.controller.stop();
      await parts.registry.stop();
      await parts.servers.close();
      await eventExport.stop();
      store.close();
      log('info', 'daemon_exited');
      lifecycle.close();
      installation.release();
      lock.release();
    },
  };
}

/** What everything else stands on. The lock comes before any file: none is written before it is ours. */
function openSetting(options: DaemonOptions) {
  const { paths, homeDir } = options;
  for (const directory of [paths.stateDir, paths.logsDir, paths.cacheDir]) {
    makeDirectories(dirname(directory), 0o777);
    ensurePrivateDirectory(directory);
  }
  const lock = acquireDaemonLock(paths.lockFile);
  const lifecycle = openLifecycleLog({ file: paths.daemonLog, clock: systemClock });
  const log = lifecycle.write;
  log('info', 'daemon_starting', { version: options.version });
  const config = loadConfig(paths.configFile, homeDir);
  const wrap = openFailpoints(options.env);
  const store = wrap.store(
    openStore({ path: paths.database, clock: systemClock, uuid: () => randomIds.uuid() }),
  );
  const policy: Policy = { ...DEFAULT_POLICY, resyncMs: config.loop.resyncMs };
  return { lock, lifecycle, options, config, store, policy, log, wrap };
}
