import type { LayoutId, PaneId } from './ids.ts';
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
  source_history_rewritten: { source: string; from: string; to: string };
}

export type EventType = keyof EventPayloads;
export type EventActor = 'operator' | 'daemon';

export type NewEvent = {
  readonly [Type in EventType]: {
    readonly type: Type;
    readonly actor: EventActor;
    readonly layoutId?: LayoutId;
    readonly paneId?: PaneId;
    readonly payload: EventPayloads[Type];
  };
}[EventType];

export interface StoredEvent {
  /** Strictly increasing over all events of this database. */
  readonly seq: number;
  readonly eventId: string;
  /** Contiguous from 0 per pane, or per layout for events that carry no pane. */
  readonly sequence: number;
  readonly type: EventType;
  readonly actor: EventActor;
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
