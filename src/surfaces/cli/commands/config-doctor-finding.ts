/** One row of `config doctor`. */
export interface Finding {
  readonly name:
    | 'socket_resolved'
    | 'socket_reachable'
    | 'daemon_status'
    | 'container_identity'
    | 'tmux_present'
    | 'tmux_pane_match';
  readonly status: 'pass' | 'warn' | 'fail' | 'info';
  /** For programs; absent where there is nothing to tell apart. */
  readonly code?: string;
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** A row that another one stands in the way of. */
export function unasked(name: Finding['name'], detail = 'the daemon could not be asked'): Finding {
  return { name, status: 'info', code: 'daemon_unavailable', detail };
}
