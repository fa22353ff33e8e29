import { createServer } from 'node:net';
import { refuse } from '../../domain/errors.ts';
import type { InstallationId } from '../../domain/ids.ts';
import type { DaemonLock } from './lock.ts';

/**
 * Makes this process the one daemon on this machine that works for `installation`, for as long as it lives. The lock of
 * the state directory does not see a copy of that directory, whose daemon would take the same panes for its own and
 * start every agent a second time. It is a name that the kernel keeps and gives back with the process; Linux only,
 * elsewhere nothing is locked. Rejects with `daemon_running`.
 */
export async function acquireInstallation(
  installation: InstallationId,
  database: string,
): Promise<DaemonLock> {
  const name = `agenttowerd-${installation}`;
  const server = createServer((socket) => socket.destroy());
  const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.on('error', resolve);
    server.listen(`\0${name}`, () => resolve(undefined));
  });
  if (problem?.code === 'EADDRINUSE') {
    const message = `another daemon works with a copy of ${database}, and two would start every agent twice; stop that one, or move this file aside to begin with an empty one`;
    throw refuse('daemon_running', message, { lock: name });
  }
  server.unref();
  return {
    release: () => {
      server.close();
    },
  };
}
