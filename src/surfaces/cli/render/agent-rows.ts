import type { AgentView } from '../../api/agent-protocol.ts';
import { toPlainText } from './plain-text.ts';

const TITLES = [
  'AGENT_ID',
  'LABEL',
  'ROLE',
  'CAPABILITY',
  'CONTAINER',
  'PANE',
  'PROJECT',
  'PARENT',
  'ACTIVE',
];

/** Agents as tab-separated values that scripts may rely on; columns are only ever added at the end. */
export function agentRows(agents: readonly AgentView[]): readonly string[] {
  const rows = agents.map((agent) => [
    agent.agent_id,
    agent.label,
    agent.role,
    agent.capability,
    agent.container_id.slice(0, 12),
    paneOf(agent),
    agent.project_path,
    agent.parent_agent_id ?? '-',
    String(agent.active),
  ]);
  return [TITLES, ...rows].map((cells) => cells.map(toPlainText).join('\t'));
}

/** `session:window.pane`, where the pane stood when it was last seen. */
export function paneOf(agent: AgentView): string {
  const { tmux_session_name: session, tmux_window_index: window, tmux_pane_index: pane } = agent;
  return `${session}:${window}.${pane}`;
}

/** One agent in a sentence. */
export function agentLine(agent: AgentView): string {
  const label = agent.label === '' ? '' : ` "${agent.label}"`;
  const pane = agent.tmux_pane_id ?? paneOf(agent);
  return toPlainText(`agent/${agent.agent_id}${label} ${agent.role} on ${pane}`);
}
