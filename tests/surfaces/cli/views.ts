import type { AgentView } from '../../../src/surfaces/api/agent-protocol.ts';
import type {
  ConditionView,
  EventView,
  LayoutDetailView,
  LayoutView,
  PaneView,
  SourceView,
  StatusResult,
} from '../../../src/surfaces/api/protocol.ts';

/** Wire views for tests, ready and healthy unless said otherwise. */

const CREATED = '2026-01-02T10:00:00.000000Z';

export function condition(type: string, given: Partial<ConditionView> = {}): ConditionView {
  return {
    type,
    status: 'True',
    reason: type,
    message: '',
    last_transition_time: CREATED,
    observed_generation: 1,
    ...given,
  };
}

export function pane(slot: string, given: Partial<PaneView> = {}): PaneView {
  return {
    slot,
    label: `payments-${slot}`,
    role: slot.startsWith('m') ? 'master' : 'slave',
    capability: 'claude',
    state: 'ready',
    failed_stage: null,
    status: 'Ready',
    pane_id: `pane-${slot}`,
    tmux_pane_id: '%1',
    agent_id: `agt_${slot}`,
    pid: 4_242,
    restarts: 0,
    exit_code: null,
    problem: null,
    next_attempt_at: null,
    log_path: `/state/logs/${slot}.log`,
    started_at: '2026-01-02T11:59:30.000000Z',
    held: null,
    update_pending: false,
    ...given,
  };
}

export function layout(name: string, given: Partial<LayoutView> = {}): LayoutView {
  const panes = given.panes ?? [pane('m1'), pane('s1')];
  return {
    name,
    layout_id: `id-${name}`,
    container: 'local',
    session: name,
    labels: { team: name },
    source: { kind: 'apply', name: 'apply', path: 'team.yaml:1', revision: null },
    generation: 1,
    observed_generation: 1,
    sync: 'Synced',
    health: 'Healthy',
    state: 'ready',
    failed_stage: null,
    desired_panes: panes.length,
    ready_panes: panes.filter((each) => each.status === 'Ready').length,
    deleting: false,
    conditions: [condition('Ready', { reason: 'AllReady', message: '2 of 2 panes' })],
    panes,
    created_at: CREATED,
    updated_at: CREATED,
    ...given,
  };
}

export function detail(name: string, given: Partial<LayoutDetailView> = {}): LayoutDetailView {
  return {
    ...layout(name, given),
    spec: {},
    attach: ['tmux', '-L', 'agenttower', 'attach-session', '-t', `=${name}`],
    left_out: [],
    unmanaged: [],
    events: [],
    ...given,
  };
}

export function event(seq: number, given: Partial<EventView> = {}): EventView {
  return {
    seq,
    event_id: `event-${seq}`,
    sequence: seq,
    event_type: 'layout_configured',
    actor: 'operator',
    origin: 'managed',
    agent_id: null,
    layout_id: 'id-payments',
    pane_id: null,
    payload: { name: 'payments', generation: 1 },
    timestamp: '2026-01-02T11:59:00.000000Z',
    ...given,
  };
}

export function source(name: string, given: Partial<SourceView> = {}): SourceView {
  return {
    name,
    kind: 'git',
    location: 'https://example.com/agents.git',
    branch: 'main',
    path: 'clusters/dev',
    interval_seconds: 60,
    prune: true,
    allow_empty: false,
    origin: 'command',
    ready: true,
    fetched_revision: 'main@sha1:0123456789abcdef0123456789abcdef01234567',
    attempted_revision: 'main@sha1:0123456789abcdef0123456789abcdef01234567',
    applied_revision: 'main@sha1:0123456789abcdef0123456789abcdef01234567',
    last_error: null,
    problems: [],
    prune_blocked: null,
    left_out: [],
    consecutive_failures: 0,
    last_checked_at: '2026-01-02T11:59:50.000000Z',
    next_check_at: '2026-01-02T12:00:50.000000Z',
    layouts: 2,
    ...given,
  };
}

export const DAEMON_STATUS: StatusResult = {
  alive: true,
  pid: 77,
  start_time_utc: CREATED,
  uptime_seconds: 7_200,
  socket_path: '/state/agenttowerd.sock',
  state_path: '/state/agenttower.sqlite3',
  events_reader: {
    running: true,
    last_cycle_started_at: null,
    last_cycle_duration_ms: null,
    active_attachments: 0,
    attachments_in_failure: [],
  },
  left_out: [],
  events_persistence: { degraded_sqlite: false, degraded_jsonl: false },
  queue_audit: { degraded: false, pending_rows: 0, last_failure_exc_class: null },
  routing: {
    value: 'enabled',
    last_updated_at: CREATED,
    last_updated_by: '(daemon-init)',
    routes_total: 0,
    routes_enabled: 0,
    routes_disabled: 0,
    last_routing_cycle_at: null,
    events_consumed_total: 0,
    skips_by_reason: {},
    most_stalled_route: null,
    routing_worker_degraded: false,
    degraded_routing_audit_persistence: false,
  },
  schema_version: 1,
  daemon_version: '1.2.3',
  layouts: 1,
  panes: 2,
  caller: { kind: 'host', container: null },
};

/** An agent on a pane that belongs to a person. */
export const adoptedAgent: AgentView = {
  agent_id: 'agt_0123456789ab',
  origin: 'adopted',
  container_id: 'local',
  container_name: 'local',
  container_user: 'dev',
  tmux_socket_path: '/tmp/tmux-1000/default',
  tmux_session_name: 'work',
  tmux_window_index: 0,
  tmux_pane_index: 1,
  tmux_pane_id: '%7',
  pane_pid: 77,
  cwd: '/srv',
  role: 'slave',
  capability: 'claude',
  label: 'reviewer',
  project_path: '',
  parent_agent_id: null,
  effective_permissions: { can_send: false, can_receive: true, can_send_to_roles: [] },
  created_at: '2026-01-02T10:00:00.000000Z',
  last_registered_at: '2026-01-02T10:00:00.000000Z',
  last_seen_at: null,
  active: true,
  pane_id: null,
  state: 'working',
  state_source: 'hook',
  state_confidence: 'high',
  state_since: '2026-01-02T11:57:00.000000Z',
  state_detail: 'PreToolUse Bash',
};
