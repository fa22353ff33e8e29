import type { AgentDetailView } from '../../api/agent-protocol.ts';
import { paneOf } from './agent-rows.ts';
import { type DescribeLook, renderFields, renderSection } from './describe-layout.ts';
import { toneOf } from './paint.ts';
import { toPlainText } from './plain-text.ts';
import { renderAge } from './times.ts';

/** Everything known of one agent, and who said what of its state. */
export function renderAgent(agent: AgentDetailView, look: DescribeLook): readonly string[] {
  const { state, state_source: source, state_since: since } = agent;
  const evidence = agent.state_evidence.map(
    (each) =>
      `${each.source}  ${each.state}  ${toPlainText(each.detail)}  ${renderAge(each.at, look.now)} ago`,
  );
  return [
    ...renderFields([
      ['Agent', agent.agent_id],
      ['Label', toPlainText(agent.label)],
      ['Origin', agent.origin],
      ['Role', agent.role],
      ['Capability', agent.capability],
      ['State', look.paint(state, toneOf(state))],
      ['For', since === null ? '' : renderAge(since, look.now)],
      ['Source', source === null ? '' : `${source} (${toPlainText(agent.state_detail)})`],
      ['Confidence', agent.state_confidence],
      ['Container', agent.container_name],
      ['Pane', toPlainText(paneOf(agent))],
      ['tmux', agent.tmux_pane_id ?? ''],
      ['Socket', toPlainText(agent.tmux_socket_path)],
      ['PID', String(agent.pane_pid ?? '')],
      ['Project', toPlainText(agent.project_path)],
      ['Parent', agent.parent_agent_id ?? ''],
    ]),
    ...renderSection('Evidence, newest first', evidence, look),
  ];
}
