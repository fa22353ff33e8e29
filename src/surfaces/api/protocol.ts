import type { AppliedObject } from '../../declare/applied-objects.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { ShownPlan } from '../../plan/plan-text.ts';
import type { QueueAuditView, RoutingStatusView } from './agent-protocol.ts';

/**
 * The wire: newline-delimited JSON over a unix socket. A request (`{id?, method, params?}`) is one line, an answer is
 * one line, and a connection may carry many. `id`, when given, is echoed on every line that answers it.
 */
export type Response =
  | { readonly id?: string | number; readonly ok: true; readonly result: unknown }
  | { readonly id?: string | number; readonly ok: false; readonly error: WireError };

/** A line that belongs to a stream opened by an earlier request (`events.watch`). */
export interface StreamLine {
  readonly id?: string | number;
  readonly event: EventView;
}

export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: unknown;
}

export const MAX_REQUEST_BYTES = 64 * 1024;
/** `manifest.*` carries whole files. */
export const MAX_MANIFEST_REQUEST_BYTES = 8 * 1024 * 1024;
/** `queue.send_input` carries a prompt of up to 64 KiB in base64. */
export const MAX_PROMPT_REQUEST_BYTES = 128 * 1024;

/** Results, by method. Times on the wire are RFC 3339 UTC with six fractional digits. */
export interface StatusResult {
  readonly alive: true;
  readonly pid: number;
  readonly start_time_utc: string;
  readonly uptime_seconds: number;
  readonly socket_path: string;
  readonly state_path: string;
  readonly schema_version: number;
  readonly daemon_version: string;
  readonly layouts: number;
  readonly panes: number;
  /** Containers that selectors chose and that could not get their layout; in a container, that one. */
  readonly left_out: readonly LeftOutView[];
  /** Who the daemon takes its caller for. A container is `null` when the daemon cannot tell which. */
  readonly caller: {
    readonly kind: 'host' | 'container';
    readonly container: string | null;
  };
  readonly events_reader: EventsReaderView;
  readonly events_persistence: EventsPersistenceView;
  /** `null` for a caller in a container. */
  readonly routing: RoutingStatusView | null;
  /** `null` for a caller in a container. */
  readonly queue_audit: QueueAuditView | null;
}

interface EventsReaderView {
  readonly running: boolean;
  readonly last_cycle_started_at: string | null;
  readonly last_cycle_duration_ms: number | null;
  readonly active_attachments: number;
  readonly attachments_in_failure: readonly {
    readonly attachment_id: string;
    readonly problem: string;
  }[];
}

interface EventsPersistenceView {
  /** What logs told could not be recorded the last time. */
  readonly degraded_sqlite: boolean;
  /** `events.jsonl` could not be written the last time. */
  readonly degraded_jsonl: boolean;
}

export interface ConditionView {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly last_transition_time: string;
  readonly observed_generation: number;
}

export interface HoldView {
  readonly by: string;
  readonly reason: string;
  readonly since: string;
  readonly until: string | null;
}

export interface PaneView {
  /** `m1` in `payments/m1`. */
  readonly slot: string;
  readonly label: string;
  readonly role: string;
  readonly capability: string;
  /** `missing` before the first incarnation and between two. */
  readonly state: string;
  readonly failed_stage: string | null;
  /** One word for a table: Ready, Starting, Backoff, CrashLoop, Held, Suspended, Completed, Failed, Unknown, … */
  readonly status: string;
  readonly pane_id: string | null;
  readonly tmux_pane_id: string | null;
  readonly agent_id: string | null;
  readonly pid: number | null;
  readonly restarts: number;
  readonly exit_code: number | null;
  /** What went wrong last, in words; null when nothing did. */
  readonly problem: string | null;
  readonly next_attempt_at: string | null;
  readonly log_path: string | null;
  readonly started_at: string | null;
  readonly held: HoldView | null;
  /** It runs something else than is declared, and is replaced when its turn comes. */
  readonly update_pending: boolean;
}

export interface LayoutView {
  readonly name: string;
  readonly layout_id: string;
  readonly container: string;
  readonly session: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly source: {
    readonly kind: string;
    readonly name: string;
    readonly path: string;
    readonly revision: string | null;
  };
  readonly generation: number;
  readonly observed_generation: number;
  readonly sync: string;
  readonly health: string;
  readonly state: string;
  readonly failed_stage: string | null;
  readonly desired_panes: number;
  readonly ready_panes: number;
  readonly deleting: boolean;
  readonly conditions: readonly ConditionView[];
  readonly panes: readonly PaneView[];
  readonly created_at: string;
  readonly updated_at: string;
}

export interface LayoutDetailView extends LayoutView {
  /** The declared spec with secret environment values redacted. */
  readonly spec: unknown;
  /** argv that shows the layout's session in a terminal on the host. */
  readonly attach: readonly string[];
  /** Containers that its selector chose and that could not get it. */
  readonly left_out: readonly LeftOutView[];
  /** Panes in the layout's session that are not ours: shown, never touched. */
  readonly unmanaged: readonly { readonly tmux_pane_id: string; readonly title: string }[];
  /** Newest first, at most 20. */
  readonly events: readonly EventView[];
}

export interface LeftOutView {
  readonly layout: string;
  readonly container: string;
  readonly message: string;
}

export interface ApplyResult {
  readonly objects: readonly AppliedObject[];
}

export interface PlanResult extends ShownPlan {
  readonly formatVersion: '1.0';
  readonly plan_id: string;
  readonly lineage: string;
  /** What a saved plan relies on: it is refused when any of this has moved. */
  readonly touched: readonly {
    readonly layout: string;
    readonly generation: number;
    readonly epoch: string | null;
  }[];
  /** Declared routes that would change; they do so at once. */
  readonly routes: readonly { readonly name: string; readonly action: string }[];
  /** Layouts that would be recorded anew, also those for which nothing is to be done now. */
  readonly layouts: readonly {
    readonly name: string;
    readonly container: string;
    readonly action: 'created' | 'configured';
  }[];
}

/** What `plan --out` writes and `apply FILE.plan` sends back. */
export interface SavedPlan {
  readonly plan: PlanResult;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly prune: boolean;
  readonly take_ownership: boolean;
  /** Files and directories below which it prunes. */
  readonly scope?: readonly string[] | undefined;
}

export interface SourceView {
  readonly name: string;
  readonly kind: 'directory' | 'git';
  readonly location: string;
  readonly branch: string | null;
  readonly path: string | null;
  readonly interval_seconds: number;
  readonly prune: boolean;
  readonly allow_empty: boolean;
  readonly origin: 'config' | 'command';
  readonly ready: boolean;
  readonly fetched_revision: string | null;
  readonly attempted_revision: string | null;
  readonly applied_revision: string | null;
  readonly last_error: string | null;
  readonly problems: readonly unknown[];
  readonly prune_blocked: string | null;
  /** Containers that selectors of it chose and that could not get the layout. */
  readonly left_out: readonly LeftOutView[];
  readonly consecutive_failures: number;
  readonly last_checked_at: string | null;
  readonly next_check_at: string | null;
  readonly layouts: number;
}

/** A container engine, as it answered last. */
export interface EngineView {
  readonly name: string;
  /** `unknown` before it answered for the first time. */
  readonly state: 'ok' | 'failed' | 'unknown';
  readonly code: string | null;
  /** What went wrong and what to do about it; empty when nothing did. */
  readonly message: string;
  /** Nobody asked for it, and it never answered: it was only found on PATH. */
  readonly unused: boolean;
}

export interface ContainerView {
  /** `local`, or the engine's 64 hexadecimal digits. */
  readonly id: string;
  /** What layouts call it. */
  readonly name: string;
  readonly engine: string;
  readonly image: string;
  /** `running`, `paused`, `exited`, `missing`, or `unknown` while its engine does not answer. */
  readonly state: string;
  readonly observed: boolean;
  readonly message: string;
  readonly layouts: number;
}

/** `scan_containers`. */
export interface ContainerScanView {
  readonly scan_id: string;
  readonly started_at: string;
  readonly completed_at: string;
  readonly status: 'ok' | 'degraded';
  readonly matched_count: number;
  readonly inactive_reconciled_count: number;
  readonly ignored_count: number;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly error_details: readonly {
    readonly container_id: string;
    readonly error_code: string;
    readonly error_message: string;
  }[];
}

/** One of `list_containers`. */
export interface ListedContainerView {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly status: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts: readonly {
    readonly source: string;
    readonly target: string;
    readonly type: string;
    readonly mode: 'rw' | 'ro';
    readonly rw: boolean;
  }[];
  /** Running or paused, as its engine says now. */
  readonly active: boolean;
  readonly first_seen_at: string;
  readonly last_scanned_at: string;
  readonly config_user: string | null;
  readonly working_dir: string | null;
}

export interface EventView {
  readonly seq: number;
  readonly event_id: string;
  readonly sequence: number;
  readonly event_type: string;
  readonly actor: string;
  readonly origin: 'managed' | 'agent';
  readonly agent_id: string | null;
  readonly layout_id: string | null;
  readonly pane_id: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly timestamp: string;
}
