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
  schema_version: 1,
  daemon_version: '1.2.3',
  layouts: 1,
  panes: 2,
  caller: { kind: 'host', container: null },
};
