import type { ErrorCode } from '../../domain/errors.ts';

/** What the whole command line ends with. Scripts rely on these numbers. */
export const EXIT = {
  done: 0,
  failed: 1,
  changes: 2,
  usage: 3,
  precondition: 4,
  notReady: 5,
  refused: 6,
  unreachable: 7,
  timedOut: 124,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code an error of the closed table ends a command with. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return EXIT_BY_ERROR[code] ?? EXIT.failed;
}

const EXIT_BY_ERROR: Readonly<Record<ErrorCode, ExitCode>> = {
  malformed_request: EXIT.failed,
  bad_json: EXIT.failed,
  bad_request: EXIT.failed,
  request_too_large: EXIT.usage,
  unknown_method: EXIT.failed,
  internal_error: EXIT.failed,
  shutting_down: EXIT.unreachable,
  validation_failed: EXIT.usage,
  host_only: EXIT.refused,
  app_session_required: EXIT.refused,
  app_session_expired: EXIT.refused,

  manifest_invalid: EXIT.usage,
  layout_not_found: EXIT.failed,
  slot_not_found: EXIT.failed,
  layout_ambiguous: EXIT.usage,
  ownership_conflict: EXIT.refused,
  owned_by_source: EXIT.refused,
  prune_blocked: EXIT.refused,
  plan_stale: EXIT.precondition,
  plan_incomplete: EXIT.failed,
  suspended: EXIT.refused,
  source_not_found: EXIT.failed,
  source_exists: EXIT.precondition,
  source_failed: EXIT.failed,
  session_name_taken: EXIT.refused,
  label_taken: EXIT.refused,

  managed_template_not_found: EXIT.usage,
  managed_launch_command_not_found: EXIT.usage,
  managed_session_name_conflict: EXIT.refused,
  managed_pane_label_conflict: EXIT.refused,
  managed_layout_capacity_exceeded: EXIT.refused,
  container_not_found: EXIT.failed,
  container_inactive: EXIT.precondition,
  docker_unavailable: EXIT.failed,
  docker_permission_denied: EXIT.refused,
  docker_timeout: EXIT.failed,
  docker_failed: EXIT.failed,
  docker_malformed: EXIT.failed,
  managed_layout_not_found: EXIT.failed,
  managed_pane_not_found: EXIT.failed,
  managed_pane_protected_adopted: EXIT.refused,
  managed_pane_illegal_transition: EXIT.precondition,
  managed_pane_illegal_recreate_source: EXIT.precondition,
  managed_pane_recreate_chain_too_deep: EXIT.refused,
  managed_pane_concurrent_recreate: EXIT.precondition,
  not_implemented: EXIT.failed,

  config_invalid: EXIT.usage,
  path_unsafe: EXIT.refused,
  database_newer: EXIT.failed,
  database_unusable: EXIT.failed,
  daemon_running: EXIT.precondition,
  daemon_unreachable: EXIT.unreachable,
};
