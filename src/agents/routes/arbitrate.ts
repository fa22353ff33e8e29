import {
  isOfPattern,
  parseRolePattern,
  type RouteSpec,
  type SkipReason,
} from '../../domain/routes.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { AgentStore, RegisteredAgent } from '../ports.ts';

type Registry = AgentStore['registry'];

/** Whether the route is about events of this agent. */
export function isInScope({ scope }: RouteSpec, source: RegisteredAgent): boolean {
  const { kind, value = '' } = scope;
  if (kind === 'any') return true;
  if (kind === 'agent_id') return source.agentId === value;
  const pattern = parseRolePattern(value);
  return pattern !== undefined && isOfPattern(source, pattern);
}

/** The master that sends: a certain one, or the active one with the lowest id, so that every run chooses alike. */
export function chooseMaster(
  { master }: RouteSpec,
  registry: Registry,
): Result<RegisteredAgent, SkipReason> {
  if (master.rule === 'auto') {
    const found = lowest(registry, (agent) => agent.role === 'master');
    return found === undefined ? err('no_eligible_master') : ok(found);
  }
  const named = registry.agent(master.value ?? '');
  if (named === undefined || named.role !== 'master') return err('master_not_found');
  return named.active ? ok(named) : err('master_inactive');
}

/** The agent that gets the prompt. */
export function chooseTarget(
  { target }: RouteSpec,
  source: RegisteredAgent,
  registry: Registry,
): Result<RegisteredAgent, SkipReason> {
  const { rule, value = '' } = target;
  switch (rule) {
    case 'source':
      return source.active ? ok(source) : err('target_not_active');
    case 'explicit':
      return findNamed(value, registry);
    case 'role': {
      const pattern = parseRolePattern(value);
      const found = pattern && lowest(registry, (agent) => isOfPattern(agent, pattern));
      return found === undefined ? err('no_eligible_target') : ok(found);
    }
  }
}

function findNamed(name: string, registry: Registry): Result<RegisteredAgent, SkipReason> {
  const byId = registry.agent(name);
  if (byId !== undefined) return byId.active ? ok(byId) : err('target_not_active');
  const [first, ...others] = registry.labelled(name);
  // Of several with one label none is chosen: which of them was meant, nobody said.
  return first === undefined || others.length > 0 ? err('target_not_found') : ok(first);
}

function lowest(
  registry: Registry,
  isEligible: (agent: RegisteredAgent) => boolean,
): RegisteredAgent | undefined {
  const eligible = registry.agents().filter((agent) => agent.active && isEligible(agent));
  return eligible.toSorted((a, b) => (a.agentId < b.agentId ? -1 : 1))[0];
}
