import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { AgentTowerError } from '../../domain/errors.ts';
import { type AgentId, type ContainerId, LOCAL_CONTAINER } from '../../domain/ids.ts';
import type { PaneLogs } from '../../reconcile/ports.ts';
import { type LoggedContainer, type PreparedLog, prepareMountedLog } from './mounted-logs.ts';
import { ensurePrivateDirectory, openPrivateFile } from './safe-files.ts';

export interface PaneLogsOptions {
  readonly logsDir: string;
  /** What its engine said of a container last; `undefined` when none is known by this key. */
  readonly containerOf: (container: ContainerId) => LoggedContainer | undefined;
}

/**
 * Logs of panes, on this host: `<logsDir>/local/<agent id>.log` for its own panes, seen at the same path by them,
 * and for a container a file in a directory that it has mounted.
 */
export function createPaneLogs({ logsDir, containerOf }: PaneLogsOptions): PaneLogs {
  return {
    prepare: (container, agent) => {
      if (!/^agt_[0-9a-f]{12}$/.test(agent)) return { problem: `${agent} is not an agent id` };
      if (container === LOCAL_CONTAINER) return prepareLocal(logsDir, agent);
      const known = containerOf(container);
      return known === undefined
        ? { problem: `panes of container ${container} cannot be logged: its mounts are not known` }
        : prepareMountedLog(logsDir, known, agent);
    },
  };
}

function prepareLocal(logsDir: string, agent: AgentId): PreparedLog {
  const directory = join(logsDir, LOCAL_CONTAINER);
  try {
    ensurePrivateDirectory(directory);
    const path = join(directory, `${agent}.log`);
    closeSync(openPrivateFile(path));
    return { path };
  } catch (error) {
    if (error instanceof AgentTowerError) return { problem: error.message };
    throw error;
  }
}
