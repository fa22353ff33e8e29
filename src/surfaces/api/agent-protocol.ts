import type { AttachedView } from './log-protocol.ts';

/** Agents and prompts on the wire. */

export interface PermissionsView {
  readonly can_send: boolean;
  readonly can_receive: boolean;
  readonly can_send_to_roles: readonly string[];
}

/** The six fields by which a pane is named. Server and `%N` are its identity; the rest is where it stood when asked. */
export interface PaneKeyView {
  readonly container_id?: string | undefined;
  readonly tmux_socket_path?: string | undefined;
  readonly tmux_session_name?: string | undefined;
  readonly tmux_window_index?: number | undefined;
  readonly tmux_pane_index?: number | undefined;
  readonly tmux_pane_id?: string | undefined;
}

/** Who calls, when it is not the host: the pane the caller is in. */
export interface CallerPaneView {
  readonly agent_id?: string | undefined;
  readonly pane_composite_key: PaneKeyView;
}

export interface AgentView {
  readonly agent_id: string;
  readonly origin: 'managed' | 'adopted';
  readonly container_id: string;
  readonly container_name: string;
  /** Whom the tmux servers there belong to. */
  readonly container_user: string;
  readonly tmux_socket_path: string;
  readonly tmux_session_name: string;
  readonly tmux_window_index: number;
  readonly tmux_pane_index: number;
  readonly tmux_pane_id: string | null;
  readonly pane_pid: number | null;
  readonly cwd: string;
  readonly role: string;
  readonly capability: string;
  readonly label: string;
  readonly project_path: string;
  readonly parent_agent_id: string | null;
  readonly effective_permissions: PermissionsView;
  readonly created_at: string;
  readonly last_registered_at: string;
  readonly last_seen_at: string | null;
  readonly active: boolean;
  /** The managed incarnation; null for adopted agents. */
  readonly pane_id: string | null;
  /** What it is doing, who says so, and how sure that is. */
  readonly state: string;
  readonly state_source: string | null;
  readonly state_confidence: string;
  readonly state_since: string | null;
  readonly state_detail: string;
}

export interface AgentDetailView extends AgentView {
  /** The newest that each source said, newest first. */
  readonly state_evidence: readonly EvidenceView[];
}

export interface EvidenceView {
  readonly source: string;
  readonly state: string;
  readonly at: string;
  readonly detail: string;
}

/** What a hook was taken for; both null when its pane is no agent's. */
export interface HeardView {
  readonly agent_id: string | null;
  readonly state: string | null;
}

export interface RegisteredView extends AgentView {
  readonly created_or_reactivated: 'created' | 'reactivated' | 'updated';
  /** When a log was asked for too. */
  readonly attach_log?: AttachedView;
}

export interface AgentChangeView {
  readonly agent_id: string;
  readonly field: string;
  readonly prior_value: string;
  readonly new_value: string;
  readonly effective_permissions: PermissionsView;
  readonly audit_appended: boolean;
}

export interface CorrespondentView {
  readonly agent_id: string;
  readonly label: string;
  readonly role: string;
  readonly capability: string | null;
}

export interface MessageView {
  readonly message_id: string;
  readonly state: string;
  readonly block_reason: string | null;
  readonly failure_reason: string | null;
  /** `pasted`, `submitted`, `uncertain`; null before the paste. */
  readonly submission: string | null;
  readonly sender: CorrespondentView;
  readonly target: CorrespondentView;
  readonly envelope_size_bytes: number;
  readonly envelope_body_sha256: string;
  readonly enqueued_at: string;
  readonly delivery_attempt_started_at: string | null;
  readonly delivered_at: string | null;
  readonly failed_at: string | null;
  readonly canceled_at: string | null;
  readonly last_updated_at: string;
  readonly operator_action: string | null;
  readonly operator_action_at: string | null;
  readonly operator_action_by: string | null;
  readonly origin: 'direct' | 'route';
  readonly route_id: string | null;
  readonly event_id: number | null;
  /** The beginning of the body, redacted. The body itself is never shown. */
  readonly excerpt: string;
}

export interface SentView extends MessageView {
  readonly waited_to_terminal: boolean;
}

export interface RoutingView {
  readonly value: 'enabled' | 'disabled';
  readonly last_updated_at: string;
  readonly last_updated_by: string;
}

export interface RoutingChangeView {
  readonly previous_value: string;
  readonly current_value: string;
  readonly changed: boolean;
  readonly last_updated_at: string;
  readonly last_updated_by: string;
}

export interface RouteView {
  readonly route_id: string;
  /** Of a route that a manifest declares. */
  readonly name: string | null;
  readonly event_type: string;
  readonly source_scope: { readonly kind: string; readonly value: string | null };
  readonly target_rule: string;
  readonly target_value: string | null;
  readonly master_rule: string;
  readonly master_value: string | null;
  readonly template: string;
  readonly enabled: boolean;
  readonly last_consumed_event_id: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface RouteDetailView extends RouteView {
  /** Since the daemon started. */
  readonly runtime: {
    readonly last_routing_cycle_at: string | null;
    readonly events_consumed: number;
    readonly last_skip_reason: string | null;
    readonly last_skip_at: string | null;
  };
}

export interface RoutingStatusView extends RoutingView {
  readonly routes_total: number;
  readonly routes_enabled: number;
  readonly routes_disabled: number;
  /** The last time a route took an event, since the daemon started. */
  readonly last_routing_cycle_at: string | null;
  readonly events_consumed_total: number;
  readonly skips_by_reason: Readonly<Record<string, number>>;
  readonly most_stalled_route: { readonly route_id: string; readonly lag: number } | null;
  readonly routing_worker_degraded: boolean;
  readonly degraded_routing_audit_persistence: boolean;
}

/** The audit of prompts and routes stands in the database; this is how its copy in `events.jsonl` is. */
export interface QueueAuditView {
  /** The file could not be written the last time. */
  readonly degraded: boolean;
  /** Events it has not been told yet. */
  readonly pending_rows: number;
  readonly last_failure_exc_class: string | null;
}

export interface RouteOperationView {
  readonly route_id: string;
  readonly operation: 'removed' | 'enabled' | 'disabled';
  readonly at: string;
}
