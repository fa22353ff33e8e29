import type { RegisteredAgent } from '../../../agents/ports.ts';
import type { StateRecord } from '../../../domain/agent-states.ts';
import { permissionsOf } from '../../../domain/agents.ts';
import type { AgentId, ContainerId } from '../../../domain/ids.ts';
import { toTimestamp } from '../../../lib/clock.ts';
import type { AgentView, PermissionsView } from '../agent-protocol.ts';

interface Names {
  readonly containerId: (container: ContainerId) => string;
  /** Whom the tmux servers in the container belong to. */
  readonly benchUser: (container: ContainerId) => string;
  readonly ownSocket: (container: ContainerId) => string;
  readonly stateOf: (agent: AgentId) => StateRecord | undefined;
}

export function toAgentView(agent: RegisteredAgent, names: Names): AgentView {
  return {
    agent_id: agent.agentId,
    origin: agent.origin,
    container_id: names.containerId(agent.container),
    container_name: agent.container,
    container_user: names.benchUser(agent.container),
    tmux_socket_path: agent.socket ?? names.ownSocket(agent.container),
    tmux_session_name: agent.session,
    tmux_window_index: agent.windowIndex,
    tmux_pane_index: agent.paneIndex,
    tmux_pane_id: agent.tmuxPaneId ?? null,
    pane_pid: agent.pid ?? null,
    cwd: agent.workingDir ?? '',
    role: agent.role,
    capability: agent.capability,
    label: agent.label,
    project_path: agent.projectPath,
    parent_agent_id: agent.parent ?? null,
    effective_permissions: toPermissionsView(permissionsOf(agent.role)),
    created_at: toTimestamp(agent.createdAt),
    last_registered_at: toTimestamp(agent.registeredAt),
    last_seen_at: agent.seenAt === undefined ? null : toTimestamp(agent.seenAt),
    active: agent.active,
    pane_id: agent.paneId ?? null,
    ...toStateView(agent, names.stateOf(agent.agentId)),
  };
}

/** A pane that is gone is told of at once, whatever was last concluded. */
function toStateView({ active }: RegisteredAgent, known: StateRecord | undefined) {
  const isKnown = active || known?.state === 'exited';
  const { state, source, confidence, since, detail } = (isKnown ? known : ENDED) ?? UNKNOWN;
  return {
    state,
    state_source: source ?? null,
    state_confidence: confidence,
    state_since: since === undefined ? null : toTimestamp(since),
    state_detail: detail,
  };
}

type Shown = Omit<StateRecord, 'since'> & Partial<Pick<StateRecord, 'since'>>;

const ENDED: Shown = {
  state: 'exited',
  source: 'process',
  confidence: 'high',
  detail: 'its pane is gone',
};
const UNKNOWN: Shown = { state: 'unknown', confidence: 'low', detail: 'no evidence' };

export function toPermissionsView({
  canSend,
  canReceive,
  canSendTo,
}: ReturnType<typeof permissionsOf>): PermissionsView {
  return { can_send: canSend, can_receive: canReceive, can_send_to_roles: canSendTo };
}
