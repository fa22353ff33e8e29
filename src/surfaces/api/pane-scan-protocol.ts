/** `scan_panes`. */
export interface PaneScanView {
  readonly scan_id: string;
  readonly started_at: string;
  readonly completed_at: string;
  readonly status: 'ok' | 'degraded';
  readonly containers_scanned: number;
  readonly sockets_scanned: number;
  readonly panes_seen: number;
  readonly panes_newly_active: number;
  readonly panes_reconciled_to_inactive: number;
  readonly containers_skipped_inactive: number;
  readonly containers_tmux_unavailable: number;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly error_details: readonly PaneScanProblemView[];
}

interface PaneScanProblemView {
  readonly container_id: string;
  readonly tmux_socket_path?: string;
  readonly error_code: string;
  readonly error_message: string;
  readonly pane_truncations?: readonly {
    readonly tmux_pane_id: string;
    readonly field: string;
    readonly original_len: number;
  }[];
}

/** One of `list_panes`. The first six fields are its key on the wire. */
export interface ListedPaneView {
  readonly container_id: string;
  readonly tmux_socket_path: string;
  readonly tmux_session_name: string;
  readonly tmux_window_index: number;
  readonly tmux_pane_index: number;
  readonly tmux_pane_id: string;
  readonly container_name: string;
  readonly container_user: string;
  readonly pane_pid: number;
  readonly pane_tty: string;
  readonly pane_current_command: string;
  readonly pane_current_path: string;
  readonly pane_title: string;
  /** The one of its window that is typed into. */
  readonly pane_active: boolean;
  /** There, as the last scan that could tell saw it. */
  readonly active: boolean;
  readonly first_seen_at: string;
  readonly last_scanned_at: string;
}

export interface PaneListView {
  readonly filter: 'all' | 'active_only';
  readonly container_filter: string | null;
  readonly panes: readonly ListedPaneView[];
}
