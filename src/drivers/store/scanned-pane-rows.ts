import type Database from 'better-sqlite3';
import type { ScannedPane } from '../../domain/found-pane.ts';
import type { ContainerId, Epoch, TmuxPaneId } from '../../domain/ids.ts';
import type { Store, Transaction } from '../../reconcile/ports.ts';
import type { Columns } from './columns.ts';

/**
 * Version 5 adds it. Names and places of a pane are columns like any other: what tmux renumbers does not become
 * another pane, and what another server calls by the same number is one.
 */
export const PANES_TABLE = `
CREATE TABLE panes (
  container TEXT NOT NULL,
  tmux_socket_path TEXT NOT NULL,
  epoch TEXT NOT NULL,
  tmux_pane_id TEXT NOT NULL,
  container_id TEXT NOT NULL,
  container_user TEXT NOT NULL,
  tmux_session_name TEXT NOT NULL,
  tmux_window_index INTEGER NOT NULL,
  tmux_pane_index INTEGER NOT NULL,
  pane_pid INTEGER NOT NULL,
  pane_tty TEXT NOT NULL,
  pane_current_command TEXT NOT NULL,
  pane_current_path TEXT NOT NULL,
  pane_title TEXT NOT NULL,
  pane_active INTEGER NOT NULL CHECK (pane_active IN (0, 1)),
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  first_seen_at INTEGER NOT NULL,
  last_scanned_at INTEGER NOT NULL,
  PRIMARY KEY (container, tmux_socket_path, epoch, tmux_pane_id)
) STRICT, WITHOUT ROWID;
`;

interface PaneRow {
  readonly container: ContainerId;
  readonly tmux_socket_path: string;
  readonly epoch: Epoch;
  readonly tmux_pane_id: TmuxPaneId;
  readonly container_id: string;
  readonly container_user: string;
  readonly tmux_session_name: string;
  readonly tmux_window_index: number;
  readonly tmux_pane_index: number;
  readonly pane_pid: number;
  readonly pane_tty: string;
  readonly pane_current_command: string;
  readonly pane_current_path: string;
  readonly pane_title: string;
  readonly pane_active: number;
  readonly active: number;
  readonly first_seen_at: number;
  readonly last_scanned_at: number;
}

interface ScannedPaneRows {
  readonly reads: Pick<Store, 'scannedPanes'>;
  readonly writes: Pick<Transaction, 'putScannedPane' | 'dropScannedPane'>;
}

/** Reads and writes of the table `panes`. */
export function openScannedPaneRows(db: Database.Database): ScannedPaneRows {
  const all = db.prepare<[], PaneRow>(`
    SELECT * FROM panes
    ORDER BY active DESC, container, tmux_socket_path, tmux_session_name, tmux_window_index, tmux_pane_index, epoch, tmux_pane_id`);
  const put = db.prepare<[Columns]>(`
    INSERT OR REPLACE INTO panes (
      container, tmux_socket_path, epoch, tmux_pane_id, container_id, container_user, tmux_session_name,
      tmux_window_index, tmux_pane_index, pane_pid, pane_tty, pane_current_command, pane_current_path, pane_title,
      pane_active, active, first_seen_at, last_scanned_at
    ) VALUES (
      @container, @tmux_socket_path, @epoch, @tmux_pane_id, @container_id, @container_user, @tmux_session_name,
      @tmux_window_index, @tmux_pane_index, @pane_pid, @pane_tty, @pane_current_command, @pane_current_path, @pane_title,
      @pane_active, @active, @first_seen_at, @last_scanned_at
    )`);
  const drop = db.prepare<[ContainerId, string, Epoch, TmuxPaneId]>(
    'DELETE FROM panes WHERE container = ? AND tmux_socket_path = ? AND epoch = ? AND tmux_pane_id = ?',
  );
  return {
    reads: { scannedPanes: () => all.all().map(toScannedPane) },
    writes: {
      putScannedPane: (pane) => {
        put.run(toColumns(pane));
      },
      dropScannedPane: ({ container, socket, epoch, pane }) => {
        drop.run(container, socket, epoch, pane);
      },
    },
  };
}

function toScannedPane(row: PaneRow): ScannedPane {
  return {
    container: row.container,
    containerId: row.container_id,
    user: row.container_user,
    socket: row.tmux_socket_path,
    epoch: row.epoch,
    pane: row.tmux_pane_id,
    session: row.tmux_session_name,
    windowIndex: row.tmux_window_index,
    paneIndex: row.tmux_pane_index,
    pid: row.pane_pid,
    tty: row.pane_tty,
    command: row.pane_current_command,
    workingDir: row.pane_current_path,
    title: row.pane_title,
    focused: row.pane_active === 1,
    active: row.active === 1,
    firstSeenAt: row.first_seen_at,
    lastScannedAt: row.last_scanned_at,
  };
}

function toColumns(pane: ScannedPane): Columns {
  return {
    container: pane.container,
    tmux_socket_path: pane.socket,
    epoch: pane.epoch,
    tmux_pane_id: pane.pane,
    container_id: pane.containerId,
    container_user: pane.user,
    tmux_session_name: pane.session,
    tmux_window_index: pane.windowIndex,
    tmux_pane_index: pane.paneIndex,
    pane_pid: pane.pid,
    pane_tty: pane.tty,
    pane_current_command: pane.command,
    pane_current_path: pane.workingDir,
    pane_title: pane.title,
    pane_active: pane.focused ? 1 : 0,
    active: pane.active ? 1 : 0,
    first_seen_at: pane.firstSeenAt,
    last_scanned_at: pane.lastScannedAt,
  };
}
