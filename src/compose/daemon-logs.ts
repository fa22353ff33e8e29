import { randomBytes } from 'node:crypto';
import { type AttachDeps, keepCopying } from '../agents/logs/attach.ts';
import type { PanePipes } from '../agents/logs/ports.ts';
import { type Reader, startReader } from '../agents/logs/reader.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { openLogFiles } from '../drivers/system/log-files.ts';
import { openLogPaths } from '../drivers/system/log-paths.ts';
import { createLocalPaneLogs } from '../drivers/system/pane-logs.ts';
import type { LogServices } from '../surfaces/api/methods/services.ts';
import type { Parts, Setting } from './daemon-parts.ts';
import type { Containers } from './tmux-servers.ts';

/** What the methods about logs call, and the reader in the background. */
export interface Logs {
  readonly services: LogServices;
  readonly reader: Reader;
}

/** Starts reading attached logs, and copying again whatever was copied when the daemon ended. */
export function startLogs(
  { containers }: Parts,
  { options, store, log, config }: Setting,
  isExportFailing: () => boolean,
): Logs {
  const { paths } = options;
  const files = openLogFiles(config.logs.files - 1);
  const deps = {
    store,
    files,
    events: store,
    pipes: panePipes(containers),
    paths: openLogPaths({
      logs: createLocalPaneLogs(paths.logsDir),
      logsDir: paths.logsDir,
      ownDirectories: [paths.stateDir, paths.cacheDir, paths.configDir],
    }),
  };
  const reader = startReader({
    store,
    files,
    clock: systemClock,
    log,
    giveWay: () =>
      new Promise((resolve) => {
        setImmediate(resolve);
      }),
    newWindowId: () => randomBytes(6).toString('hex'),
  });
  void keepAll(deps, log);
  return {
    reader,
    services: {
      ...deps,
      readerStatus: () => ({ ...reader.status(), isExportFailing: isExportFailing() }),
    },
  };
}

async function keepAll(services: AttachDeps, log: Setting['log']): Promise<void> {
  for (const agent of services.store.registry.agents()) {
    try {
      await keepCopying(services, agent);
    } catch (error) {
      log('warn', 'log_not_copied', { agent: agent.agentId, error: String(error) });
    }
  }
}

function panePipes(containers: Containers): PanePipes {
  return {
    pipe: async (target, to) =>
      (await containers.access(target.container)?.pipe(target, to)) ?? {
        kind: 'error',
        message: `container ${target.container} belongs to an engine this daemon does not have`,
      },
  };
}
