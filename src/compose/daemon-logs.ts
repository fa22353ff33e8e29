import { randomBytes } from 'node:crypto';
import { startKeeper } from '../agents/logs/keep.ts';
import type { PanePipes } from '../agents/logs/ports.ts';
import { startReader } from '../agents/logs/reader.ts';
import type { RegisteredAgent } from '../agents/ports.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { openLogFiles } from '../drivers/system/log-files.ts';
import { openLogPaths } from '../drivers/system/log-paths.ts';
import { createPaneLogs } from '../drivers/system/pane-logs.ts';
import type { LogServices } from '../surfaces/api/methods/services.ts';
import type { Parts, Setting } from './daemon-parts.ts';
import type { Servers } from './tmux-servers.ts';

/** What the methods about logs call, and the reader in the background. */
export interface Logs {
  readonly services: LogServices;
  stop(): Promise<void>;
}

/** Starts reading attached logs, and copying again whatever was copied when the daemon ended. */
export function startLogs(
  parts: Parts,
  { options, store, log, config }: Setting,
  exportStatus: LogServices['exportStatus'],
): Logs {
  const { paths } = options;
  const files = openLogFiles(config.logs.files - 1);
  const deps = {
    store,
    files,
    events: store,
    pipes: panePipes(parts.servers),
    paths: openLogPaths({
      logs: createPaneLogs({ logsDir: paths.logsDir, containerOf: parts.containerOf }),
      containerOf: parts.containerOf,
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
  const stopKeeper = startKeeper({
    ...deps,
    clock: systemClock,
    isSeenUncopied: (agent) => isSeenUncopied(agent, parts),
    onProblem: ({ agentId }, error) =>
      log('warn', 'log_not_copied', { agent: agentId, error: String(error) }),
  });
  return {
    stop: async () => {
      await stopKeeper();
      await reader.stop();
    },
    services: {
      ...deps,
      readerStatus: () => reader.status(),
      exportStatus,
    },
  };
}

/** The loop looks at managed panes all the time; of adopted ones it knows nothing. */
function isSeenUncopied(agent: RegisteredAgent, { controller }: Parts): boolean {
  const seen = controller.lastObservation(agent.container);
  if (agent.origin !== 'managed' || seen?.kind !== 'seen' || seen.epoch !== agent.epoch)
    return false;
  const pane = seen.panes.find(({ id }) => id === agent.tmuxPaneId);
  return pane !== undefined && !pane.dead && !pane.piped;
}

function panePipes(servers: Servers): PanePipes {
  return {
    pipe: async (target, to) =>
      (await servers.access(target.container)?.pipe(target, to)) ?? {
        kind: 'error',
        message: `container ${target.container} belongs to an engine this daemon does not have`,
      },
  };
}
