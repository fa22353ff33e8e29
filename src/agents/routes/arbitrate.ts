import {
  isOfPattern,
  parseRolePattern,
  type RouteSpec,
  type SkipReason,
} from '../../domain/routes.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { AgentStore, RegisteredAgent } from '../ports.ts';

/** Who is there at one moment. */
export interface Roster {
  /** Active or not. */
  agent(id: string): RegisteredAgent | undefined;
  /** Those that are active, by their ids. */
  readonly active: readonly RegisteredAgent[];
}

/** Reads the registry once, for many decisions. */
export function toRoster(registry: Pick<AgentStore['registry'], 'agents'>): Roster {
  const agents = registry.agents();
  const byId = new Map<string, RegisteredAgent>(agents.map((agent) => [agent.agentId, agent]));
  return {
    agent: (id) => byId.get(id),
    active: agents
      .filter(({ active }) => active)
      .toSorted((a, b) => (a.agentId < b.agentId ? -1 : 1)),
  };
}

/** Whether the route is about events of this agent, by its id or its label. */
export function isInScope({ scope }: RouteSpec, source: RegisteredAgent): boolean {
  const { kind, value = '' } = scope;
  if (kind === 'any') return true;
  if (kind === 'agent_id') return source.agentId === value || source.label === value;
  const pattern = parseRolePattern(value);
  return pattern !== undefined && isOfPattern(source, pattern);
}

/** The master that sends: a certain one, or the active one with the lowest id, so that every run chooses alike. */
export function chooseMaster(
  { master }: RouteSpec,
  roster: Roster,
): Result<RegisteredAgent, SkipReason> {
  const masters = roster.active.filter(({ role }) => role === 'master');
  const [lowest] = masters;
  if (master.rule === 'auto') return lowest === undefined ? err('no_eligible_master') : ok(lowest);
  const { value = '' } = master;
  const named = roster.agent(value) ?? theOnly(masters, value);
  if (named === undefined || named.role !== 'master') return err('master_not_found');
  return named.active ? ok(named) : err('master_inactive');
}

/**
 * The agent that gets the prompt. One that is named by its id gets it also when it is not active any more: the queue
 * keeps the prompt as blocked, where a person sees it.
 */
export function chooseTarget(
  { target }: RouteSpec,
  source: RegisteredAgent,
  roster: Roster,
): Result<RegisteredAgent, SkipReason> {
  const { rule, value = '' } = target;
  switch (rule) {
    case 'source':
      return source.active ? ok(source) : err('target_not_active');
    case 'explicit': {
      const named = roster.agent(value) ?? theOnly(roster.active, value);
      return named === undefined ? err('target_not_found') : ok(named);
    }
    case 'role': {
      const pattern = parseRolePattern(value);
      const found = pattern && roster.active.find((agent) => isOfPattern(agent, pattern));
      return found === undefined ? err('no_eligible_target') : ok(found);
    }
  }
}

/** Of several with one label none is meant: which of them, nobody said. */
function theOnly(agents: readonly RegisteredAgent[], label: string): RegisteredAgent | undefined {
  const [first, ...others] = agents.filter((agent) => agent.label === label);
  return others.length > 0 ? undefined : first;
}
