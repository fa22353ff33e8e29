import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { applySource, type DeclarationsDeps } from '../declare/declarations.ts';
import { type SourceController, startSourceController } from '../declare/source-controller.ts';
import { AgentTowerError } from '../domain/errors.ts';
import type { ContainerId } from '../domain/ids.ts';
import { DEFAULT_POLICY, type Policy } from '../domain/policy.ts';
import type { Config } from '../drivers/config/config.ts';
import { loadConfig } from '../drivers/config/load-config.ts';
import { runProcess } from '../drivers/process/run-process.ts';
import { openSources } from '../drivers/sources/open-source.ts';
import { startEventExporter } from '../drivers/store/event-exporter.ts';
import { eventFile } from '../drivers/store/event-file.ts';
import { type OpenStore, openStore } from '../drivers/store/open-store.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { hostDirectories } from '../drivers/system/host-directories.ts';
import { randomIds } from '../drivers/system/ids.ts';
import { openLifecycleLog } from '../drivers/system/lifecycle-log.ts';
import { acquireDaemonLock } from '../drivers/system/lock.ts';
import { createLocalPaneLogs } from '../drivers/system/pane-logs.ts';
import type { Paths } from '../drivers/system/paths.ts';
import { peerIsOnHost, readPeer } from '../drivers/system/peer-credentials.ts';
import { ensurePrivateDirectory } from '../drivers/system/safe-files.ts';
import type { Log } from '../lib/log.ts';
import { type Controller, startController } from '../reconcile/controller.ts';
import { planFor } from '../reconcile/pass.ts';
import { allMethods } from '../surfaces/api/methods/all-methods.ts';
import type { Services } from '../surfaces/api/methods/services.ts';
import { startServer } from '../surfaces/api/server.ts';
import { openCatalog } from './catalog.ts';
import { daemonStatus } from './daemon-status.ts';
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
  const store = openStore({
    path: paths.database,
    clock: systemClock,
    uuid: () => randomIds.uuid(),
  });
  const policy: Policy = { ...DEFAULT_POLICY, resyncMs: config.loop.resyncMs };

  const parts = startParts({ options, store, policy, log });
  log('info', 'daemon_recovering', { layouts: store.layouts().length });
  await parts.controller.recover(RECOVERY_DEADLINE_MS);
  parts.controller.wakeAll();
  const sources = startSources(parts.declarations, {
    options,
    store,
    log,
    configured: config.sources,
  });
  parts.sources = sources;

  const server = await startServer({
    socketPath: paths.socket,
    methods: allMethods(toServices(parts, { options, store, policy, sources, config })),
    readPeer,
    ownUid: options.uid,
    log,
  });
  const stopExport = startEventExporter({
    store,
    file: eventFile(paths.eventsFile),
    clock: systemClock,
    log: (message, fields) => log('warn', 'events_export', { message, ...toFields(fields) }),
  });
  log('info', 'daemon_ready', { socket: paths.socket });

  return {
    log,
    stop: async () => {
      log('info', 'daemon_shutdown');
      await server.close();
      await sources.stop();
      await parts.controller.stop();
      await parts.containers.close();
      await stopExport();
      store.close();
      log('info', 'daemon_exited');
      lifecycle.close();
      lock.release();
    },
  };
}

interface Parts {
  readonly containers: Containers;
  readonly controller: Controller;
  readonly declarations: DeclarationsDeps;
  sources: SourceController | undefined;
}

interface Setting {
  readonly options: DaemonOptions;
  readonly store: OpenStore;
  readonly policy: Policy;
  readonly log: Log;
}

function startParts({ options, store, policy, log }: Setting): Parts {
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
  });
  const controller = startController({
    store,
    tmux: containers,
    clock: systemClock,
    policy,
    ids: randomIds,
    logs: createLocalPaneLogs(paths.logsDir),
    directories: hostDirectories,
    log,
  });
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

function startSources(
  declarations: DeclarationsDeps,
  {
    options,
    store,
    log,
    configured,
  }: Omit<Setting, 'policy'> & {
    readonly configured: Parameters<typeof startSourceController>[0]['configured'];
  },
): SourceController {
  const { env, paths } = options;
  const warn = (message: string, fields: Readonly<Record<string, unknown>>): void =>
    log('warn', 'source', { message, ...toFields(fields) });
  return startSourceController({
    store,
    clock: systemClock,
    log: warn,
    configured,
    openSource: openSources({
      clock: systemClock,
      run: runProcess,
      env,
      workDir: paths.sourcesDir,
      log: warn,
    }),
    apply: (config, snapshot, applyOptions) => {
      try {
        return applySource(config, snapshot, applyOptions, declarations);
      } catch (error) {
        if (!(error instanceof AgentTowerError)) throw error;
        const problems = error.code === 'manifest_invalid' ? problemsOf(error) : [];
        return { ok: false, problems, message: error.message };
      }
    },
  });
}

function problemsOf(error: AgentTowerError) {
  return (error as AgentTowerError<'manifest_invalid'>).details.problems;
}

function toServices(
  { containers, controller, declarations }: Parts,
  {
    options,
    store,
    policy,
    sources,
    config,
  }: Omit<Setting, 'log'> & { readonly sources: SourceController; readonly config: Config },
): Services {
  const startedAt = systemClock.now();
  return {
    ...declarations,
    store,
    policy,
    sources,
    ids: randomIds,
    managed: store.managed,
    maxLayouts: config.limits.managedLayouts,
    runTmux: (container, ops) => containers.of(container).run(ops),
    isOnHost: ({ pid }) => peerIsOnHost(pid),
    observe: (container) => containers.of(container).look(),
    planFor: (observation, layouts) =>
      planFor(observation, layouts, { store, clock: systemClock, policy }),
    lastObservation: controller.lastObservation,
    attachArgv: containers.attachArgv,
    containers: () =>
      containers.known().map((name) => {
        const observation = controller.lastObservation(name as ContainerId);
        return {
          id: name,
          name,
          engine: 'local',
          state: 'running',
          observed: observation?.kind === 'seen',
          message:
            observation === undefined ? 'nothing is declared here yet' : describe(observation),
        };
      }),
    daemonStatus: () => daemonStatus(options, store, startedAt),
    shutdown: options.onShutdown,
    nextCommit: (signal) => nextCommit(store, signal),
  };
}

function describe(observation: NonNullable<ReturnType<Controller['lastObservation']>>): string {
  return observation.kind === 'seen' ? '' : observation.message;
}

function nextCommit(store: OpenStore, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      stop();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const stop = store.watchCommits(finish);
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
  });
}

function toFields(fields: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]));
}
