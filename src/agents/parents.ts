import { refuse } from '../domain/errors.ts';
import type { AgentId } from '../domain/ids.ts';
import type { Role } from '../domain/spec.ts';
import type { AgentStore, RegisteredAgent } from './ports.ts';

interface Child {
  /** Asked for now; absent keeps what it has. */
  readonly role: Role | undefined;
  readonly known: RegisteredAgent | undefined;
  readonly registry: AgentStore['registry'];
}

/**
 * The parent an agent is to have: only a swarm has one, it is an active slave, and it is settled at registration.
 * @throws `swarm_parent_required`, `parent_role_mismatch`, `parent_immutable`, `parent_not_found`, `parent_inactive`,
 * `parent_role_invalid`.
 */
export function checkParent(asked: string | undefined, child: Child): AgentId | undefined {
  const { known, registry } = child;
  const role = child.role ?? known?.role ?? 'unknown';
  if (role !== 'swarm' && asked !== undefined) {
    throw refuse('parent_role_mismatch', `only a swarm has a parent, and this is a ${role}`, {
      role,
    });
  }
  if (role === 'swarm' && asked === undefined && known?.parent === undefined) {
    throw refuse('swarm_parent_required', 'a swarm member has a parent: add --parent AGENT_ID', {});
  }
  if (known !== undefined) return keepParent(asked, known);
  return asked === undefined ? undefined : checkCandidate(asked, registry);
}

function keepParent(asked: string | undefined, known: RegisteredAgent): AgentId | undefined {
  if (asked === undefined || asked === known.parent) return known.parent;
  const had = known.parent === undefined ? 'no parent' : `the parent ${known.parent}`;
  throw refuse('parent_immutable', `${known.agentId} has ${had} for good`, {
    agent_id: known.agentId,
  });
}

function checkCandidate(parent: string, registry: AgentStore['registry']): AgentId {
  const found = registry.agent(parent);
  const details = { parent_agent_id: parent };
  if (found === undefined) throw refuse('parent_not_found', `there is no agent ${parent}`, details);
  if (!found.active) throw refuse('parent_inactive', `${parent} is not active any more`, details);
  if (found.role === 'slave') return found.agentId;
  throw refuse('parent_role_invalid', `${parent} is a ${found.role}; a parent is a slave`, details);
}
