import type { Scope } from '../../../declare/managed/scope.ts';
import type { ScannedPane } from '../../../domain/found-pane.ts';
import { toTimestamp } from '../../../lib/clock.ts';
import type { PaneScan, PaneScanProblem } from '../../../reconcile/scan-panes.ts';
import type { Method } from '../method.ts';
import type { ListedPaneView, PaneListView, PaneScanView } from '../pane-scan-protocol.ts';
import { defineMethod } from '../params.ts';
import { withNewestContainers } from './newest-containers.ts';
import { onlyContainer } from './own-container.ts';
import type { Services } from './services.ts';

interface ScanParams {
  readonly container?: string;
}

interface ListParams extends ScanParams {
  readonly active_only?: boolean;
}

const CONTAINER = { type: 'string', minLength: 1 } as const;

/** Panes of every tmux server in reach, whoever made them, as the last scan saw them. */
export function paneScanMethods(services: Services): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    [
      'scan_panes',
      defineMethod<ScanParams>({
        access: 'own-container',
        schema: { type: 'object', properties: { container: CONTAINER } },
        run: async ({ container }, { scope }) => {
          const named = () => onlyContainer(scope, container, services);
          const only = await withNewestContainers(services, named);
          const problem = only === undefined ? undefined : services.containerProblem(only);
          if (problem?.code === 'docker_unavailable') throw problem;
          return toScanView(await services.paneScanner.scan(only), services.ids.uuid());
        },
      }),
    ],
    [
      'list_panes',
      defineMethod<ListParams>({
        access: 'own-container',
        schema: {
          type: 'object',
          properties: { container: CONTAINER, active_only: { type: 'boolean' } },
        },
        run: (params, { scope }) => list(params, scope, services),
      }),
    ],
  ]);
}

function list(
  { container, active_only: activeOnly = false }: ListParams,
  scope: Scope,
  services: Services,
): PaneListView {
  const only = onlyContainer(scope, container, services);
  const names = new Map(services.registry.list().map(({ key, name }) => [key, name]));
  return {
    filter: activeOnly ? 'active_only' : 'all',
    container_filter: container ?? null,
    panes: services.store
      .scannedPanes()
      .filter((pane) => only === undefined || pane.container === only)
      .filter(({ active }) => active || !activeOnly)
      .map((pane) => toListed(pane, names.get(pane.container) ?? pane.container)),
  };
}

function toScanView(scan: PaneScan, id: string): PaneScanView {
  const [first] = scan.problems;
  return {
    scan_id: id,
    started_at: toTimestamp(scan.startedAt),
    completed_at: toTimestamp(scan.completedAt),
    status: first === undefined ? 'ok' : 'degraded',
    containers_scanned: scan.containersScanned,
    sockets_scanned: scan.socketsScanned,
    panes_seen: scan.panesSeen,
    panes_newly_active: scan.newlyActive,
    panes_reconciled_to_inactive: scan.inactivated,
    containers_skipped_inactive: scan.skippedInactive,
    containers_tmux_unavailable: scan.tmuxUnavailable,
    error_code: first === undefined ? null : CODES[first.reason],
    error_message: first?.message ?? null,
    error_details: scan.problems.map(toProblemView),
  };
}

const CODES: Readonly<Record<PaneScanProblem['reason'], string>> = {
  TmuxTimeout: 'docker_exec_timeout',
  TmuxFailed: 'tmux_unavailable',
  TmuxMissing: 'tmux_unavailable',
  TmuxTooOld: 'tmux_unavailable',
  BenchUserUnresolved: 'bench_user_unresolved',
  EngineUnreachable: 'docker_exec_failed',
  OutputMalformed: 'output_malformed',
  PassFailed: 'internal_error',
  NotLookedYet: 'internal_error',
  Paused: 'docker_exec_failed',
  Truncated: 'output_malformed',
};

function toProblemView(problem: PaneScanProblem): PaneScanView['error_details'][number] {
  const { containerId, socket, reason, message, truncations } = problem;
  return {
    container_id: containerId,
    ...(socket !== undefined && { tmux_socket_path: socket }),
    error_code: CODES[reason],
    error_message: message,
    ...(truncations !== undefined && {
      pane_truncations: truncations.map(({ pane, field, originalLength }) => ({
        tmux_pane_id: pane,
        field,
        original_len: originalLength,
      })),
    }),
  };
}

function toListed(pane: ScannedPane, containerName: string): ListedPaneView {
  return {
    container_id: pane.containerId,
    tmux_socket_path: pane.socket,
    tmux_session_name: pane.session,
    tmux_window_index: pane.windowIndex,
    tmux_pane_index: pane.paneIndex,
    tmux_pane_id: pane.pane,
    container_name: containerName,
    container_user: pane.user,
    pane_pid: pane.pid,
    pane_tty: pane.tty,
    pane_current_command: pane.command,
    pane_current_path: pane.workingDir,
    pane_title: pane.title,
    pane_active: pane.focused,
    active: pane.active,
    first_seen_at: toTimestamp(pane.firstSeenAt),
    last_scanned_at: toTimestamp(pane.lastScannedAt),
  };
}
