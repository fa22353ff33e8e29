import { expect, test } from 'vitest';
import {
  AgentTowerError,
  type ErrorCode,
  type ErrorDetails,
  refuse,
} from '../../src/domain/errors.ts';

/** One of each; a code without its example does not compile. */
const EXAMPLES: { readonly [Code in ErrorCode]: ErrorDetails[Code] } = {
  malformed_request: {},
  bad_json: {},
  bad_request: {},
  request_too_large: { limit_bytes: 65_536 },
  unknown_method: { method: 'pnig' },
  internal_error: {},
  shutting_down: {},
  validation_failed: { field: 'name', reason: 'missing or empty' },
  host_only: {},
  app_session_required: {},
  app_session_expired: {},
  manifest_invalid: { problems: [{ file: 'a.yaml', line: 1, column: 2, message: 'no' }] },
  layout_not_found: { name: 'web', known: [] },
  slot_not_found: { layout: 'web', slot: 'm9', known: ['m1'] },
  layout_ambiguous: { name: 'web', containers: ['local', 'bench'] },
  ownership_conflict: { layout: 'web', owner: 'apply', claimant: 'git:fleet' },
  owned_by_source: { layout: 'web', source: 'fleet', path: 'a.yaml:1', alternatives: [] },
  prune_blocked: { source: 'fleet', would_kill: 9, allowed: 3 },
  plan_stale: { moved: ['local/web'] },
  plan_incomplete: { containers: ['local'] },
  suspended: { layout: 'web', by: 'ann' },
  source_not_found: { name: 'fleet', known: [] },
  source_exists: { name: 'fleet' },
  source_failed: { name: 'fleet', problem: 'no' },
  session_name_taken: { container: 'local', session: 'web', owner: 'other' },
  label_taken: { container: 'local', label: 'm1', owner: 'web/m1' },
  managed_template_not_found: { template_name: '9m' },
  managed_launch_command_not_found: { profile_name: 'codex' },
  managed_session_name_conflict: { container_id: 'local', tmux_session_name: 'web' },
  managed_pane_label_conflict: { container_id: 'local', label: 'm1' },
  managed_layout_capacity_exceeded: { current_count: 40, limit: 40 },
  container_not_found: { container_id: 'bench' },
  managed_layout_not_found: { layout_id: 'x' },
  managed_pane_not_found: { pane_id: 'x' },
  managed_pane_protected_adopted: { agent_id: 'agt_x', is_adopted: true },
  managed_pane_illegal_transition: {
    pane_id: 'x',
    current_state: 'removed',
    requested_action: 'remove',
  },
  managed_pane_illegal_recreate_source: { predecessor_pane_id: 'x', current_state: 'ready' },
  managed_pane_recreate_chain_too_deep: {
    predecessor_pane_id: 'x',
    predecessor_chain_depth: 5,
    limit: 5,
  },
  managed_pane_concurrent_recreate: {
    predecessor_pane_id: 'x',
    in_flight_successor_pane_id: 'y',
  },
  not_implemented: { reserved_since: '1' },
  agent_not_found: { target: 's1' },
  agent_inactive: { agent_id: 'agt_x' },
  pane_unknown_to_daemon: {},
  pane_ambiguous: { sockets: ['/tmp/a', '/tmp/b'] },
  not_in_tmux: {},
  parent_not_found: { parent_agent_id: 'agt_x' },
  parent_inactive: { parent_agent_id: 'agt_x' },
  parent_role_invalid: { parent_agent_id: 'agt_x' },
  parent_role_mismatch: { role: 'slave' },
  parent_immutable: { agent_id: 'agt_x' },
  swarm_parent_required: {},
  swarm_role_via_set_role_rejected: {},
  master_via_register_self_rejected: {},
  master_confirm_required: {},
  value_out_of_set: { field: 'role', value: 'boss', allowed: ['master'] },
  field_too_long: { field: 'label', max: 64 },
  project_path_invalid: { project_path: 'a/../b' },
  unknown_filter: { filter: 'rol' },
  sender_not_in_pane: {},
  sender_role_not_permitted: { agent_id: 'agt_x' },
  target_label_ambiguous: { label: 's1', agent_ids: ['agt_x', 'agt_y'] },
  body_empty: {},
  body_invalid_encoding: {},
  body_invalid_chars: {},
  body_too_large: { limit_bytes: 65_536, actual_bytes: 65_537 },
  message_id_not_found: { message_id: 'x' },
  operator_pane_inactive: { agent_id: 'agt_x' },
  terminal_state_cannot_change: { message_id: 'x', state: 'failed' },
  delivery_in_progress: { message_id: 'x' },
  approval_not_applicable: { message_id: 'x', reason: 'kill_switch_off' },
  delay_not_applicable: { message_id: 'x', state: 'blocked' },
  since_invalid_format: { since: 'yesterday' },
  queue_origin_invalid: { origin: 'x' },
  routing_toggle_host_only: {},
  route_event_type_invalid: { event_type: 'x', allowed: ['error'] },
  route_master_rule_invalid: { reason: 'x' },
  route_target_rule_invalid: { reason: 'x' },
  route_source_scope_invalid: { reason: 'x' },
  route_template_invalid: { reason: 'x' },
  route_id_not_found: { route_id: 'x' },
  log_path_invalid: { path: 'x', reason: 'is not absolute' },
  log_path_not_host_visible: { path: '/x', container: 'bench' },
  log_path_in_use: { path: '/x', agent_id: 'agt_0123456789ab' },
  pipe_pane_failed: { agent_id: 'agt_0123456789ab', problem: 'it is gone' },
  attachment_not_found: { agent_id: 'agt_0123456789ab' },
  log_file_missing: { path: '/x' },
  events_filter_invalid: { field: 'since', reason: 'is no time' },
  events_invalid_cursor: {},
  events_session_unknown: {},
  events_session_expired: {},
  config_invalid: { file: 'config.toml', problems: [] },
  path_unsafe: { path: '/x', problem: 'it is a link' },
  database_newer: { path: '/x', found: 2, supported: 1 },
  database_unusable: { path: '/x', problem: 'disk full' },
  daemon_running: { lock: '/x' },
  daemon_unreachable: { socket: '/x' },
};

test.each(Object.keys(EXAMPLES) as ErrorCode[])('%s carries its details to the wire', (code) => {
  const error = refuse(code, 'what happened', EXAMPLES[code]);
  expect(error).toBeInstanceOf(AgentTowerError);
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.code, error.message]).toEqual([
    'AgentTowerError',
    code,
    'what happened',
  ]);
  expect(error.details).toBe(EXAMPLES[code]);
  expect(JSON.parse(JSON.stringify(error.details))).toEqual(EXAMPLES[code]);
  expect('cause' in error).toBe(false);
});

test('an error keeps what caused it', () => {
  const cause = new Error('ENOSPC');
  const error = new AgentTowerError('internal_error', 'no', { details: {}, cause });
  expect(error.cause).toBe(cause);
});
