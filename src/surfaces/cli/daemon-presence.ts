import { AgentTowerError } from '../../domain/errors.ts';
import type { StatusResult } from '../api/protocol.ts';
import type { CommandContext } from './context.ts';

const PING_TIMEOUT_MS = 500;

/** The daemon's status when it answers within half a second, `undefined` when nobody does. */
export async function observeDaemon(context: CommandContext): Promise<StatusResult | undefined> {
  const { world } = context;
  try {
    const options = { timeoutMs: PING_TIMEOUT_MS };
    const client = await world.connect({ socketPath: world.paths.socket, ...options });
    try {
      await client.call('ping', {}, options);
      return await client.call<StatusResult>('status', {});
    } finally {
      client.close();
    }
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** Whether an error means that no daemon is there (any more), rather than that it refused. */
export function isAbsence(error: unknown): boolean {
  return (
    error instanceof AgentTowerError &&
    (error.code === 'daemon_unreachable' || error.code === 'shutting_down')
  );
}
