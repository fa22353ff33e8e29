import { toneOf } from './paint.ts';
import type { Column } from './table.ts';
import { renderAge } from './times.ts';

/** An agent on a pane of either origin. Managed ones carry all that is known of their pane besides. */
export interface AgentRow {
  readonly agent_id: string;
  readonly origin: 'managed' | 'adopted';
  readonly label: string;
  readonly role: string;
  readonly capability: string;
  readonly status: string;
  readonly state: string;
  readonly state_source: string | null;
  readonly state_confidence: string;
  readonly state_since: string | null;
  readonly container: string;
  /** `layout/slot`, or `session:window.pane` of an adopted one. */
  readonly place: string;
  readonly tmux_pane_id: string | null;
  readonly pid: number | null;
  readonly log_path: string | null;
  readonly started_at: string | null;
}

/** Columns of `get agents`. */
export function agentColumns(options: {
  readonly wide: boolean;
  readonly now: number;
}): readonly Column<AgentRow>[] {
  const narrow: readonly Column<AgentRow>[] = [
    { title: 'AGENT', cell: (agent) => agent.agent_id },
    { title: 'LABEL', cell: (agent) => agent.label },
    { title: 'ROLE', cell: (agent) => agent.role },
    { title: 'CAPABILITY', cell: (agent) => agent.capability },
    { title: 'ORIGIN', cell: (agent) => agent.origin },
    { title: 'STATE', cell: stateOf, tone: (agent) => toneOf(agent.state) },
    { title: 'SOURCE', cell: (agent) => agent.state_source ?? '' },
    { title: 'FOR', cell: (agent) => renderAge(agent.state_since, options.now), isAge: true },
    { title: 'STATUS', cell: (agent) => agent.status, tone: (agent) => toneOf(agent.status) },
    { title: 'CONTAINER', cell: (agent) => agent.container },
    { title: 'PANE', cell: (agent) => agent.place },
    { title: 'AGE', cell: (agent) => renderAge(agent.started_at, options.now), isAge: true },
  ];
  if (!options.wide) return narrow;
  return [
    ...narrow,
    { title: 'TMUX', cell: (agent) => agent.tmux_pane_id ?? '' },
    { title: 'PID', cell: (agent) => String(agent.pid ?? '') },
    { title: 'LOG', cell: (agent) => agent.log_path ?? '' },
  ];
}

/** What is little more than a guess says so. */
function stateOf({ state, state_confidence: confidence }: AgentRow): string {
  return confidence === 'low' && state !== 'unknown' ? `${state}?` : state;
}
