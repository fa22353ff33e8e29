import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { AgentTowerError } from '../../domain/errors.ts';
import { LOCAL_CONTAINER } from '../../domain/ids.ts';
import type { PaneLogs } from '../../reconcile/ports.ts';
import { ensurePrivateDirectory, openPrivateFile } from './safe-files.ts';

/** Logs of panes on the host: `<logsDir>/local/<agent id>.log`, seen at the same path inside the container. */
export function createLocalPaneLogs(logsDir: string): PaneLogs {
  const directory = join(logsDir, LOCAL_CONTAINER);
  return {
    prepare(container, agent) {
      if (container !== LOCAL_CONTAINER) {
        return { problem: `panes in container ${container} cannot be logged to this host` };
      }
      if (!/^agt_[0-9a-f]{12}$/.test(agent)) return { problem: `${agent} is not an agent id` };
      try {
        ensurePrivateDirectory(directory);
        const path = join(directory, `${agent}.log`);
        closeSync(openPrivateFile(path));
        return { path };
      } catch (error) {
        if (error instanceof AgentTowerError) return { problem: error.message };
        throw error;
      }
    },
  };
}
