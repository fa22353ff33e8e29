import { randomBytes, randomUUID } from 'node:crypto';
import type { AgentId } from '../../domain/ids.ts';
import type { Ids } from '../../reconcile/ports.ts';

/** Identifiers nobody can guess. */
export const randomIds: Ids = {
  uuid: () => randomUUID(),
  agentId: () => `agt_${randomBytes(6).toString('hex')}` as AgentId,
};
