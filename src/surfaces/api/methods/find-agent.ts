import type { AgentStore, RegisteredAgent } from '../../../agents/ports.ts';
import { resolveTarget } from '../../../agents/queue.ts';
import { requireAgent } from '../../../agents/registry.ts';
import { hostOnly, type Scope } from '../../../declare/managed/scope.ts';
import { refuse } from '../../../domain/errors.ts';
import type { LayoutRecord, SlotRecord } from '../../../domain/records.ts';
import { findWithin, layoutsWithin } from './own-container.ts';
import type { Services } from './services.ts';

/**
 * The agent a caller means, among those it may reach: by id, label, LAYOUT/SLOT, CONTAINER/LAYOUT/SLOT, or
 * CONTAINER/LABEL where no layout of that name has such a slot. One in a container is told of no id but those of its
 * own, and a label that only others have is a label nobody has.
 * @throws {AgentTowerError} `host_only`, `agent_not_found`, `target_label_ambiguous`, `layout_not_found`,
 * `layout_ambiguous`, `slot_not_found`.
 */
export function targetWithin(scope: Scope, target: string, services: Services): RegisteredAgent {
  const { store } = services.agents;
  if (scope.kind === 'container' && scope.container === undefined) throw hostOnly();
  const [first = '', second, third, ...rest] = target.split('/');
  if (second !== undefined && rest.length === 0) {
    return third === undefined
      ? findByTwo(scope, [first, second], services)
      : agentOf(findWithin(scope, { name: second, container: first }, services), third, store);
  }
  if (scope.kind === 'host') return resolveTarget(target, store);
  if (target.startsWith('agt_') && store.registry.agent(target)?.container !== scope.container) {
    throw hostOnly();
  }
  return labelledIn(scope.container, target, store);
}

/** LAYOUT/SLOT, before CONTAINER/LABEL. */
function findByTwo(
  scope: Scope,
  [first, second]: readonly [string, string],
  services: Services,
): RegisteredAgent {
  const { store } = services.agents;
  const isSlot = layoutsWithin(scope, services.store.layouts()).some(
    (layout) => layout.spec.name === first && slotOf(layout, second) !== undefined,
  );
  const container = services.resolveContainer(first);
  const isOwn = scope.kind === 'host' || container === scope.container;
  if (!isSlot && container !== undefined && isOwn) return labelledIn(container, second, store);
  return agentOf(findWithin(scope, { name: first }, services), second, store);
}

function labelledIn(
  container: string | undefined,
  label: string,
  { registry }: AgentStore,
): RegisteredAgent {
  const isThere = (agent: RegisteredAgent | undefined) => agent?.container === container;
  const agent = (id: string) => [registry.agent(id)].find(isThere);
  const labelled = (text: string) => registry.labelled(text).filter(isThere);
  return resolveTarget(label, { registry: { ...registry, agent, labelled } });
}

function agentOf(layout: LayoutRecord, slot: string, store: AgentStore): RegisteredAgent {
  const pane = slotOf(layout, slot)?.pane;
  if (pane !== undefined) return requireAgent(pane.agentId, store);
  const known = layout.slots.map(({ key }) => key);
  const { name } = layout.spec;
  throw refuse(
    'slot_not_found',
    `layout ${name} has no slot ${slot} with a pane; there are ${known.join(', ') || 'none'}`,
    { layout: name, slot, known },
  );
}

function slotOf({ slots }: LayoutRecord, slot: string): SlotRecord | undefined {
  return slots.find(({ key, spec }) => key === slot || spec.label === slot);
}
