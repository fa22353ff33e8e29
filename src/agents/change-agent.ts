import { type Permissions, permissionsOf } from '../domain/agents.ts';
import { refuse } from '../domain/errors.ts';
import { toCapability, toLabel, toRole } from './labels.ts';
import type { AgentStore, RegisteredAgent } from './ports.ts';
import { requireAgent } from './registry.ts';

export interface AgentChange {
  readonly agentId: string;
  readonly field: 'role' | 'label' | 'capability';
  readonly priorValue: string;
  readonly newValue: string;
  readonly permissions: Permissions;
  /** Whether the change was written to the audit. */
  readonly audited: boolean;
}

export interface RoleRequest {
  readonly agentId: string;
  readonly role: string;
  /** A person means it. Needed to make a master. */
  readonly confirm: boolean;
  /** User id of the process that asks. */
  readonly peerUid: number;
}

/**
 * Gives an agent another role; the same role again changes nothing.
 * @throws `agent_not_found`, `agent_inactive`, `value_out_of_set`, `swarm_role_via_set_role_rejected`,
 * `master_confirm_required`.
 */
export function setRole(request: RoleRequest, store: AgentStore): AgentChange {
  const role = toRole(request.role);
  if (role === 'swarm') {
    throw refuse(
      'swarm_role_via_set_role_rejected',
      'a swarm member is one from its registration, with a parent: agenttower register-self --role swarm --parent ID',
      {},
    );
  }
  if (role === 'master' && !request.confirm) {
    throw refuse(
      'master_confirm_required',
      'a master may send prompts to every slave; say that you mean it with --confirm',
      {},
    );
  }
  const agent = requireActive(request.agentId, store);
  const change = toChange(agent, 'role', role);
  if (agent.role === role) return { ...change, audited: false };
  store.transact((tx) => {
    tx.updateAgent(agent.agentId, { role });
    tx.emit({
      type: 'agent_role_change',
      actor: 'operator',
      agentId: agent.agentId,
      payload: {
        agent_id: agent.agentId,
        prior_role: agent.role,
        new_role: role,
        confirm_provided: request.confirm,
        socket_peer_uid: request.peerUid,
      },
    });
  });
  return { ...change, audited: true };
}

/** Gives an agent another label. Throws `agent_not_found`, `agent_inactive`, `field_too_long`. */
export function setLabel(agentId: string, value: string, store: AgentStore): AgentChange {
  const label = toLabel(value);
  const agent = requireActive(agentId, store);
  if (agent.label !== label) store.transact((tx) => tx.updateAgent(agent.agentId, { label }));
  return toChange(agent, 'label', label);
}

/** Says what an agent is. Throws `agent_not_found`, `agent_inactive`, `value_out_of_set`. */
export function setCapability(agentId: string, value: string, store: AgentStore): AgentChange {
  const capability = toCapability(value);
  const agent = requireActive(agentId, store);
  if (agent.capability !== capability) {
    store.transact((tx) => tx.updateAgent(agent.agentId, { capability }));
  }
  return toChange(agent, 'capability', capability);
}

function requireActive(agentId: string, store: AgentStore): RegisteredAgent {
  const agent = requireAgent(agentId, store);
  if (agent.active) return agent;
  throw refuse('agent_inactive', `${agentId} is not active: its pane is gone`, {
    agent_id: agentId,
  });
}

function toChange(
  agent: RegisteredAgent,
  field: AgentChange['field'],
  newValue: string,
): AgentChange {
  const role = field === 'role' ? toRole(newValue) : agent.role;
  return {
    agentId: agent.agentId,
    field,
    priorValue: agent[field],
    newValue,
    permissions: permissionsOf(role),
    audited: false,
  };
}
