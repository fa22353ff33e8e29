import type { ListedPaneView } from '../../api/pane-scan-protocol.ts';
import { type CommandContext, printJson, printLines } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { toPlainText } from '../render/plain-text.ts';

/** Has the panes of every tmux server looked at. Ends with `notReady` when some of them could not be seen. */
export async function scanPanes(
  context: CommandContext,
  { container, json }: { readonly container?: string; readonly json?: boolean },
): Promise<ExitCode> {
  const result = await withDaemon(context, (client) =>
    callDaemon(client, 'scan_panes', { container }),
  );
  const durationMs = Date.parse(result.completed_at) - Date.parse(result.started_at);
  if (json === true) printJson(context, { ok: true, result });
  else {
    printLines(context, [
      `scan_id=${result.scan_id}`,
      `status=${result.status}`,
      `containers=${result.containers_scanned}`,
      `sockets=${result.sockets_scanned}`,
      `panes_seen=${result.panes_seen}`,
      `newly_active=${result.panes_newly_active}`,
      `inactive_reconciled=${result.panes_reconciled_to_inactive}`,
      `skipped_inactive=${result.containers_skipped_inactive}`,
      `tmux_unavailable=${result.containers_tmux_unavailable}`,
      `duration_ms=${durationMs}`,
      ...result.error_details.map(({ error_message: said }) => `problem=${toPlainText(said)}`),
    ]);
  }
  return result.status === 'ok' ? EXIT.done : EXIT.notReady;
}

/** The panes that scans have found, as tab-separated lines. */
export async function listPanes(
  context: CommandContext,
  options: {
    readonly activeOnly?: boolean;
    readonly container?: string;
    readonly json?: boolean;
  },
): Promise<ExitCode> {
  const params = { active_only: options.activeOnly, container: options.container };
  const result = await withDaemon(context, (client) => callDaemon(client, 'list_panes', params));
  if (options.json === true) printJson(context, { ok: true, result });
  else printLines(context, [TITLES, ...result.panes.map(toLine)]);
  return EXIT.done;
}

const TITLES = [
  'ACTIVE',
  'FOCUSED',
  'CONTAINER',
  'SOCKET',
  'SESSION',
  'W',
  'P',
  'PANE_ID',
  'PID',
  'TTY',
  'COMMAND',
  'CWD',
  'LAST_SCANNED',
].join('\t');

function toLine(pane: ListedPaneView): string {
  const cells = [
    pane.active ? '1' : '0',
    pane.pane_active ? '1' : '0',
    pane.container_name,
    pane.tmux_socket_path,
    pane.tmux_session_name,
    String(pane.tmux_window_index),
    String(pane.tmux_pane_index),
    pane.tmux_pane_id,
    String(pane.pane_pid),
    pane.pane_tty,
    pane.pane_current_command,
    pane.pane_current_path,
    pane.last_scanned_at,
  ];
  return cells.map((cell) => toPlainText(cell).replaceAll(/[\t\n]/g, ' ')).join('\t');
}
