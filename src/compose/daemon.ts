import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DEFAULT_POLICY, type Policy } from '../domain/policy.ts';
import { loadConfig } from '../drivers/config/load-config.ts';
import { openStore } from '../drivers/store/open-store.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { randomIds } from '../drivers/system/ids.ts';
import { openLifecycleLog } from '../drivers/system/lifecycle-log.ts';
import { acquireDaemonLock } from '../drivers/system/lock.ts';
import { readPeer } from '../drivers/system/peer-credentials.ts';
import { ensurePrivateDirectory } from '../drivers/system/safe-files.ts';
import type { Log } from '../lib/log.ts';
import { allMethods } from '../surfaces/api/methods/all-methods.ts';
import { startServer } from '../surfaces/api/server.ts';
import { startAgents } from './daemon-agents.ts';
import { startExport } from './daemon-export.ts';
import { startLogs } from './daemon-logs.ts';
import { type DaemonOptions, type Setting, startParts } from './daemon-parts.ts';
import { toServices } from './daemon-services.ts';
import { startSources } from './daemon-sources.ts';
import { startStates } from './daemon-states.ts';
import { openFailpoints } from './failpoints.ts';
import { warmUp } from './warm-up.ts';

export interface Daemon {
  readonly log: Log;
  stop(): Promise<void>;
}

/** How long the socket waits for the first look at every container. */
const RECOVERY_DEADLINE_MS = 4_000;

/**
 * Wires everything and starts it, in an order that keeps every promise: the lock before any file is touched, the
 * records before the loop, recovery before the socket answers, sources last.
 * @throws {AgentTowerError} `path_unsafe`, `daemon_running`, `config_invalid`, `database_newer`, `database_unusable`.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { paths, homeDir } = options;
  for (const directory of [paths.stateDir, paths.logsDir, paths.cacheDir]) {
    mkdirSync(dirname(directory), { recursive: true });
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

  const setting: Setting = { options, store, policy, log, wrap, config };
  const parts = startParts(setting);
  log('info', 'daemon_recovering', { layouts: store.layouts().length });
  await parts.controller.recover(RECOVERY_DEADLINE_MS);
  parts.controller.wakeAll();
  const sources = startSources(parts.declarations, { ...setting, configured: config.sources });
  parts.sources = sources;
  const agents = startAgents(parts, setting);
  const eventExport = startExport(setting);
  const logs = startLogs(parts, setting, eventExport.isFailing);

  const states = startStates(parts, setting);
  const server = await startServer({
    socketPath: paths.socket,
    methods: allMethods(
      toServices(parts, { ...setting, sources, agents, states, logs: logs.services }),
    ),
    readPeer,
    ownUid: options.uid,
    log,
  });
  log('info', 'daemon_ready', { socket: paths.socket });
  setImmediate(warmUp);

  return {
    log,
    stop: async () => {
      log('info', 'daemon_shutdown');
      await server.close();
      await sources.stop();
      await agents.stop();
      await logs.stop();
      await states.stop();
      await parts.controller.stop();
      await parts.containers.close();
      await eventExport.stop();
      store.close();
      log('info', 'daemon_exited');
      lifecycle.close();
      lock.release();
    },
  };
}
