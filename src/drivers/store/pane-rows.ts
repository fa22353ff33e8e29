import type { AgentId, Epoch, PaneId, SlotId, TmuxPaneId } from '../../domain/ids.ts';
import type { PaneRecord } from '../../domain/records.ts';
import type { SlotSpec } from '../../domain/spec.ts';
import type { FailedStage, PaneState } from '../../domain/states.ts';
import type { PanePatch } from '../../reconcile/ports.ts';
import { type Encoders, optional, plain } from './columns.ts';
import { readJson, writeJson } from './json-text.ts';

export interface PaneRow {
  readonly id: PaneId;
  readonly slot_id: SlotId;
  readonly session: string;
  readonly state: PaneState;
  readonly failed_stage: FailedStage | null;
  readonly spec_json: string;
  readonly replace_hash: string;
  readonly marker_token: string | null;
  readonly epoch: Epoch | null;
  readonly tmux_pane_id: TmuxPaneId | null;
  readonly pid: number | null;
  readonly agent_id: AgentId;
  readonly log_path: string | null;
  readonly replaces_pane_id: PaneId | null;
  readonly attempts: number;
  readonly retry_at: number | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly ready_at: number | null;
  readonly ended_at: number | null;
  readonly exit_code: number | null;
  readonly exit_signal: string | null;
  readonly problem: string | null;
}

/** A row of `managed_pane`, as a value. */
export function toPaneRecord(row: PaneRow): PaneRecord {
  return {
    id: row.id,
    state: row.state,
    ...optional('failedStage', row.failed_stage),
    spec: readJson(row.spec_json) as SlotSpec,
    replaceHash: row.replace_hash,
    session: row.session,
    ...optional('markerToken', row.marker_token),
    ...optional('epoch', row.epoch),
    ...optional('tmuxPaneId', row.tmux_pane_id),
    ...optional('pid', row.pid),
    agentId: row.agent_id,
    ...optional('logPath', row.log_path),
    ...optional('replacesPaneId', row.replaces_pane_id),
    attempts: row.attempts,
    ...optional('retryAt', row.retry_at),
    createdAt: row.created_at,
    ...optional('startedAt', row.started_at),
    ...optional('readyAt', row.ready_at),
    ...optional('endedAt', row.ended_at),
    ...optional('exitCode', row.exit_code),
    ...optional('exitSignal', row.exit_signal),
    ...optional('problem', row.problem),
  };
}

/** Where each field of a pane is kept. */
export const PANE_COLUMNS: Encoders<PanePatch> = {
  state: plain('state'),
  failedStage: plain('failed_stage'),
  spec: (spec) => ({ label: spec?.label ?? null, spec_json: spec ? writeJson(spec) : null }),
  replaceHash: plain('replace_hash'),
  markerToken: plain('marker_token'),
  epoch: plain('epoch'),
  tmuxPaneId: plain('tmux_pane_id'),
  pid: plain('pid'),
  logPath: plain('log_path'),
  attempts: plain('attempts'),
  retryAt: plain('retry_at'),
  startedAt: plain('started_at'),
  readyAt: plain('ready_at'),
  endedAt: plain('ended_at'),
  exitCode: plain('exit_code'),
  exitSignal: plain('exit_signal'),
  problem: plain('problem'),
};
