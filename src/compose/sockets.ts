import type { Paths } from '../drivers/system/paths.ts';
import { ensurePrivateDirectory } from '../drivers/system/safe-files.ts';
import { type RunningServer, type ServerSetup, startServer } from '../surfaces/api/server.ts';
import { isSocketPathTooLong } from '../surfaces/api/server-socket-file.ts';

export interface Sockets {
  close(): Promise<void>;
}

/**
 * Answers on the daemon's socket and on the one for containers. They serve the same; what a caller may do follows from
 * who it is, not from which of them it came through.
 * @throws {AgentTowerError} `path_unsafe`.
 */
export async function openSockets(
  { socket, runDir, containerSocket }: Pick<Paths, 'socket' | 'runDir' | 'containerSocket'>,
  setup: Omit<ServerSetup, 'socketPath'>,
): Promise<Sockets> {
  const main = await startServer({ ...setup, socketPath: socket });
  try {
    const inside = await openContainerSocket({ runDir, containerSocket }, setup);
    return { close: async () => void (await Promise.all([main.close(), inside?.close()])) };
  } catch (error) {
    await main.close();
    throw error;
  }
}

/** A state directory so deep that only the daemon's own socket still fits under it does without containers. */
async function openContainerSocket(
  { runDir, containerSocket }: Pick<Paths, 'runDir' | 'containerSocket'>,
  setup: Omit<ServerSetup, 'socketPath'>,
): Promise<RunningServer | undefined> {
  if (isSocketPathTooLong(containerSocket)) {
    const remedy = 'set XDG_STATE_HOME to a shorter directory';
    setup.log('warn', 'container_socket_skipped', { path: containerSocket, remedy });
    return undefined;
  }
  // Containers have it mounted: it is never made anew while it is there.
  ensurePrivateDirectory(runDir);
  return await startServer({ ...setup, socketPath: containerSocket });
}
