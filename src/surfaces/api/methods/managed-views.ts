import type { CreatedLayout } from '../../../declare/managed/create.ts';
import type { ManagedLayout, ManagedPane, ManagedReader } from '../../../declare/managed/ports.ts';
import type { RecreatedPane } from '../../../declare/managed/recreate.ts';
import type { ContainerId } from '../../../domain/ids.ts';
import { CHAIN_LIMIT } from '../../../domain/states.ts';
import { toTimestamp } from '../../../lib/clock.ts';

/** Managed layouts and panes as the contract spells them: exactly these keys, no others. */

/** What the socket calls a container. */
export type WireId = (container: ContainerId) => string;

export function toCreatedView(created: CreatedLayout): object {
  return {
    layout_id: created.layout,
    state: created.state,
    intended_pane_count: created.intendedPanes,
    panes: created.panes.map(({ id, role, label, state }) => ({ pane_id: id, role, label, state })),
    replay: created.replay,
  };
}

export function toRecreatedView(recreated: RecreatedPane): object {
  return {
    pane_id: recreated.pane,
    predecessor_id: recreated.predecessor,
    chain_depth: recreated.chainDepth,
    state: recreated.state,
    replay: recreated.replay,
  };
}

export function toLayoutItem(layout: ManagedLayout, wireId: WireId): object {
  return {
    ...toLayoutHead(layout, wireId),
    ready_pane_count: layout.readyPanes,
    created_at: toTimestamp(layout.createdAt),
    origin: 'managed',
  };
}

export function toLayoutDetail(
  layout: ManagedLayout,
  panes: readonly ManagedPane[],
  wireId: WireId,
): object {
  return {
    ...toLayoutHead(layout, wireId),
    failed_stage: layout.failedStage ?? null,
    panes: panes.map((pane) => toPaneItem(pane, wireId)),
    created_at: toTimestamp(layout.createdAt),
    updated_at: toTimestamp(layout.updatedAt),
    origin: 'managed',
  };
}

export function toPaneItem(pane: ManagedPane, wireId: WireId): object {
  const { spec } = pane;
  return {
    pane_id: pane.id,
    layout_id: pane.layout,
    container_id: wireId(pane.container),
    role: spec.role,
    capability: spec.capability,
    label: spec.label,
    state: pane.state,
    tmux_session_name: pane.session,
    tmux_pane_index: pane.position,
    chain_depth: pane.chainDepth,
    agent_id: pane.wasRegistered && pane.state !== 'creating' ? pane.agentId : null,
    predecessor_id: pane.predecessorId ?? null,
    log_attached: pane.logAttached,
    origin: 'managed',
    ...(pane.failedStage && { failed_stage: pane.failedStage }),
  };
}

/** The panes this one was recreated from, newest first, as far as a chain can reach. */
export function toChain(pane: ManagedPane, managed: ManagedReader): readonly object[] {
  const chain: ManagedPane[] = [];
  const seen = new Set<string>([pane.id]);
  let id = pane.predecessorId;
  while (id !== undefined && !seen.has(id) && chain.length <= CHAIN_LIMIT) {
    seen.add(id);
    const link = managed.pane(id);
    if (link === undefined) break;
    chain.push(link);
    id = link.predecessorId;
  }
  return chain.map((link) => ({
    pane_id: link.id,
    state: link.state,
    chain_depth: link.chainDepth,
    predecessor_id: link.predecessorId ?? null,
  }));
}

function toLayoutHead({ id, container, spec, state }: ManagedLayout, wireId: WireId): object {
  return {
    layout_id: id,
    container_id: wireId(container),
    template_name: spec.template ?? '',
    state,
    intended_pane_count: spec.slots.length,
  };
}
