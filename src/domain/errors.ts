/**
 * The closed table of error codes with their typed details, and the one error class that carries them.
 * A code is for programs, the message is for a person: what happened, to what, and what to do next.
 */
export interface ErrorDetails {
  // Socket framing and dispatch
  malformed_request: Record<string, never>;
  bad_json: Record<string, never>;
  bad_request: Record<string, never> | { field: string; reason: string };
  request_too_large: { limit_bytes: number };
  unknown_method: { method: string };
  internal_error: Record<string, never>;
  shutting_down: Record<string, never>;
  validation_failed: { field: string; reason: string };
  host_only: Record<string, never>;
  app_session_required: Record<string, never>;
  app_session_expired: Record<string, never>;

  // Declared layouts
  manifest_invalid: { problems: readonly ManifestProblem[] };
  layout_not_found: { name: string; container?: string; known: readonly string[] };
  slot_not_found: { layout: string; slot: string; known: readonly string[] };
  layout_ambiguous: { name: string; containers: readonly string[] };
  ownership_conflict: { layout: string; owner: string; claimant: string };
  owned_by_source: {
    layout: string;
    source: string;
    path: string;
    alternatives: readonly string[];
  };
  prune_blocked: { source: string; would_kill: number; allowed: number };
  plan_stale: { moved: readonly string[] };
  plan_incomplete: { containers: readonly string[] };
  suspended: { layout: string; by: string };
  source_not_found: { name: string; known: readonly string[] };
  source_exists: { name: string };
  source_failed: { name: string; problem: string };
  session_name_taken: { container: string; session: string; owner: string };
  label_taken: { container: string; label: string; owner: string };

  // Managed sessions
  managed_template_not_found: { template_name: string; known_templates?: readonly string[] };
  managed_launch_command_not_found: { profile_name: string; known_profiles?: readonly string[] };
  managed_session_name_conflict: { container_id: string; tmux_session_name: string };
  managed_pane_label_conflict: { container_id: string; label: string };
  managed_layout_capacity_exceeded: { current_count: number; limit: number };
  container_not_found: { container_id: string };
  /** Known to be stopped, paused or gone. */
  container_inactive: { container_id: string };

  // Container engines
  docker_unavailable: Record<string, never>;
  docker_permission_denied: Record<string, never>;
  docker_timeout: Record<string, never>;
  docker_failed: Record<string, never>;
  docker_malformed: Record<string, never>;

  // Managed layouts and panes
  managed_layout_not_found: { layout_id: string };
  managed_pane_not_found: { pane_id: string };
  managed_pane_protected_adopted: { agent_id: string; is_adopted: true };
  managed_pane_illegal_transition: {
    pane_id: string;
    current_state: string;
    requested_action: 'remove' | 'recreate' | 'promote_from_adopted';
  };
  managed_pane_illegal_recreate_source: { predecessor_pane_id: string; current_state: string };
  managed_pane_recreate_chain_too_deep: {
    predecessor_pane_id: string;
    predecessor_chain_depth: number;
    limit: number;
  };
  managed_pane_concurrent_recreate: {
    predecessor_pane_id: string;
    in_flight_successor_pane_id: string;
  };
  not_implemented: { reserved_since: string };

  // Agents
  agent_not_found: { target: string };
  agent_inactive: { agent_id: string };
  pane_unknown_to_daemon: Record<string, never>;
  pane_ambiguous: { sockets: readonly string[] };
  not_in_tmux: Record<string, never>;
  parent_not_found: { parent_agent_id: string };
  parent_inactive: { parent_agent_id: string };
  parent_role_invalid: { parent_agent_id: string };
  parent_role_mismatch: { role: string };
  parent_immutable: { agent_id: string };
  swarm_parent_required: Record<string, never>;
  swarm_role_via_set_role_rejected: Record<string, never>;
  master_via_register_self_rejected: Record<string, never>;
  master_confirm_required: Record<string, never>;
  value_out_of_set: { field: string; value: string; allowed: readonly string[] };
  field_too_long: { field: string; max: number };
  project_path_invalid: { project_path: string };
  unknown_filter: { filter: string };
  schema_version_newer: { client_schema_version: number; daemon_schema_version: number };

  // Logs and what they tell
  log_path_invalid: { path: string; reason: string };
  log_path_not_host_visible: { path: string; container: string };
  log_path_in_use: { path: string; agent_id: string };
  pipe_pane_failed: { agent_id: string; problem: string };
  attachment_not_found: { agent_id: string };
  log_file_missing: { path: string };
  events_filter_invalid: { field: string; reason: string };
  events_invalid_cursor: Record<string, never>;
  events_session_unknown: Record<string, never>;
  events_session_expired: Record<string, never>;

  // Prompts
  sender_not_in_pane: Record<string, never>;
  sender_role_not_permitted: { agent_id: string };
  target_label_ambiguous: { label: string; agent_ids: readonly string[] };
  body_empty: Record<string, never>;
  body_invalid_encoding: Record<string, never>;
  body_invalid_chars: Record<string, never>;
  body_too_large: { limit_bytes: number; actual_bytes: number };
  message_id_not_found: { message_id: string };
  operator_pane_inactive: { agent_id: string };
  terminal_state_cannot_change: { message_id: string; state: string };
  delivery_in_progress: { message_id: string };
  approval_not_applicable: { message_id: string; reason: string };
  delay_not_applicable: { message_id: string; state: string };
  since_invalid_format: { since: string };
  queue_origin_invalid: { origin: string };
  routing_toggle_host_only: Record<string, never>;

  // Routes
  route_event_type_invalid: { event_type: string; allowed: readonly string[] };
  route_master_rule_invalid: { reason: string };
  route_target_rule_invalid: { reason: string };
  route_source_scope_invalid: { reason: string };
  route_template_invalid: { reason: string };
  route_id_not_found: { route_id: string };

  // The machine
  config_invalid: { file: string; problems: readonly ManifestProblem[] };
  path_unsafe: { path: string; problem: string };
  database_newer: { path: string; found: number; supported: number };
  database_unusable: { path: string; problem: string };
  daemon_running: { lock: string; pid?: number };
  daemon_unreachable: { socket: string };
}

/** One mistake in a file an operator wrote. Lines and columns count from 1. */
export interface ManifestProblem {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The offending line itself, without its line break. */
  readonly text?: string;
  readonly message: string;
  /** What was probably meant: the nearest key or value. */
  readonly hint?: string;
}

export type ErrorCode = keyof ErrorDetails;

export class AgentTowerError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly details: ErrorDetails[Code];

  constructor(
    code: Code,
    message: string,
    options: { details: ErrorDetails[Code]; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AgentTowerError';
    this.code = code;
    this.details = options.details;
  }
}

/** Shorthand that reads as a sentence at the place where something is refused. */
export function refuse<Code extends ErrorCode>(
  code: Code,
  message: string,
  details: ErrorDetails[Code],
): AgentTowerError<Code> {
  return new AgentTowerError(code, message, { details });
}
