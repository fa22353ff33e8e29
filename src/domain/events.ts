import type { AgentState, Confidence } from './agent-states.ts';
import type { AgentId, LayoutId, PaneId } from './ids.ts';
import type { LogEventPayload, LogEventType } from './log-events.ts';
import type { FailedStage, LayoutState, PaneState } from './states.ts';

/**
 * The catalog: every event type with its payload. The `managed_*` types belong to the managed-session contract and
 * keep its shapes; the others tell what the declarative side did.
 */
export interface EventPayloads {
  managed_layout_created: {
    template_name: string;
    container_id: string;
    intended_pane_count: number;
  };
  managed_pane_created: {
    role: string;
    label: string;
    tmux_session_name: string;
    tmux_pane_index: number;
  };
  managed_pane_pending_marker_set: { marker_token: string };
  managed_pane_launch_command_exited: { exit_code: number; elapsed_ms: number };
  managed_pane_log_attach_failed: { reason: string };
  managed_pane_pending_marker_cleared: { marker_token: string };
  managed_pane_state_changed: {
    prev_state: PaneState;
    new_state: PaneState;
    failed_stage?: FailedStage;
  };
  managed_layout_state_changed: { prev_state: LayoutState; new_state: LayoutState };
  managed_pane_removed: { tmux_kill_succeeded: boolean };
  managed_pane_recreated: { predecessor_id: string; chain_depth: number };
  managed_layout_recovery_reattached: { reattached_pane_ids: readonly string[] };
  managed_layout_recovery_failed: {
    failed_pane_ids: readonly string[];
    failed_stage: 'recovery_reattach';
  };

  layout_configured: { name: string; generation: number; source: string };
  layout_removed: { name: string; reason: string };
  layout_suspended: { name: string; by: string; reason: string };
  layout_resumed: { name: string; by: string };
  /** The loop replaced an incarnation by itself, with the reason it had. */
  pane_replaced: { label: string; cause: string; replaces_pane_id: string };
  slot_held: { label: string; by: string; reason: string; until: string | null };
  slot_hold_ended: { label: string; by: string };
  slot_contested: { label: string; vanishings: number; advice: string };
  slot_crash_loop: { label: string; exits: number };
  slot_recovered: { label: string };
  source_applied: { source: string; revision: string; configured: number; removed: number };
  source_failed: { source: string; problem: string };
  source_recovered: { source: string };
  log_attachment_change: {
    attachment_id: string;
    agent_id: string;
    prior_status: string | null;
    new_status: string;
    prior_path: string | null;
    new_path: string;
    prior_pipe_target: null;
    source: string;
    socket_peer_uid: number;
  };
  /** A log outgrew what is kept of it, or was cut short, before it was read. */
  log_bytes_lost: {
    attachment_id: string;
    log_path: string;
    reason: 'truncated' | 'recreated';
    read_up_to: number;
    bytes_lost_at_least: number;
    is_exact: boolean;
  };
  source_history_rewritten: { source: string; from: string; to: string };

  agent_registered: { agent_id: string; label: string; role: string; outcome: string };
  agent_role_change: {
    agent_id: string;
    prior_role: string | null;
    new_role: string;
    confirm_provided: boolean;
    socket_peer_uid: number;
  };
  agent_inactive: { agent_id: string; label: string; reason: string };
  agent_state_changed: {
    label: string;
    prev_state: AgentState;
    new_state: AgentState;
    source: string | null;
    confidence: Confidence;
    detail: string;
  };
  queue_message_enqueued: {
    message_id: string;
    from_state: string | null;
    to_state: string;
    reason: string | null;
    operator: string | null;
    sender: string;
    target: string;
    excerpt: string;
  };
  queue_message_delivered: {
    message_id: string;
    from_state: string | null;
    to_state: string;
    reason: string | null;
    operator: string | null;
    sender: string;
    target: string;
    excerpt: string;
  };
  queue_message_blocked: {
    message_id: string;
    from_state: string | null;
    to_state: string;
    reason: string | null;
    operator: string | null;
    sender: string;
    target: string;
    excerpt: string;
  };
  queue_message_failed: {
    message_id: string;
    from_state: string | null;
    to_state: string;
    reason: string | null;
    operator: string | null;
    sender: string;
    target: string;
    excerpt: string;
  };
  queue_message_canceled: {
    message_id: string;
    from_state: string | null;
    to_state: string;
    reason: string | null;
    operator: string | null;
    sender: string;
    target: string;
    excerpt: string;
  };
  queue_message_approved: {
    message_id: string;
    from_state: string | null;
    to_state: string;
    reason: string | null;
    operator: string | null;
    sender: string;
    target: string;
    excerpt: string;
  };
  queue_message_delayed: {
    message_id: string;
    from_state: string | null;
    to_state: string;
    reason: string | null;
    operator: string | null;
    sender: string;
    target: string;
    excerpt: string;
  };
  route_created: { route_id: string; event_type: string };
  route_updated: { route_id: string; enabled: boolean };
  route_deleted: { route_id: string };
  route_matched: { route_id: string; event_id: number; message_id: string };
  route_skipped: { route_id: string; event_id: number; reason: string; detail: string };
  routing_toggled: { previous_value: string; current_value: string; operator: string };
}

type AllPayloads = EventPayloads & Readonly<Record<LogEventType, LogEventPayload>>;

export type EventType = keyof AllPayloads;
export type EventActor = 'operator' | 'daemon';

export type NewEvent = {
  readonly [Type in EventType]: {
    readonly type: Type;
    readonly actor: EventActor;
    /** Events of an agent have a sequence of their own, and name neither pane nor layout. */
    readonly agentId?: AgentId;
    readonly layoutId?: LayoutId;
    readonly paneId?: PaneId;
    readonly payload: AllPayloads[Type];
  };
}[EventType];

export interface StoredEvent {
  /** Strictly increasing over all events of this database. */
  readonly seq: number;
  readonly eventId: string;
  /** Contiguous from 0 per agent, per pane, or per layout for events that carry neither. */
  readonly sequence: number;
  readonly type: EventType;
  readonly actor: EventActor;
  readonly agentId?: AgentId;
  readonly layoutId?: LayoutId;
  readonly paneId?: PaneId;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970. For people; order is `seq`. */
  readonly at: number;
}

const SECRET_KEY =
  /TOKEN|SECRET|KEY|PASSWORD|PASSWD|PWD|AUTH|BEARER|CREDENTIAL|COOKIE|SESSION|PRIVATE|API/i;

/** Whether an environment variable of this name must never reach an event, a log or a screen. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

export const REDACTED = '<redacted>';

/** A copy of an environment that may be shown. */
export function redactEnv(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([key, value]) => [key, isSecretKey(key) ? REDACTED : value]),
  );
}
