import { type ContainerId, type LayoutId, tmuxSessionName } from '../../domain/ids.ts';
import type { LayoutRecord, SlotRecord, SourceKind } from '../../domain/records.ts';
import { type LayoutSpec, specHash } from '../../domain/spec.ts';
import type { FailedStage, LayoutState } from '../../domain/states.ts';
import type { Condition, Health, Sync } from '../../domain/status.ts';
import type { LayoutPatch } from '../../reconcile/ports.ts';
import { type Encoders, optional, plain } from './columns.ts';
import { readJson, writeJson } from './json-text.ts';

export interface LayoutRow {
  readonly id: LayoutId;
  readonly container: ContainerId;
  readonly spec_json: string;
  readonly source_kind: SourceKind;
  readonly source_name: string;
  readonly source_path: string;
  readonly source_revision: string | null;
  readonly generation: number;
  readonly observed_generation: number;
  readonly state: LayoutState;
  readonly failed_stage: FailedStage | null;
  readonly sync: Sync;
  readonly health: Health;
  readonly conditions_json: string;
  readonly deleting_reason: 'NoLongerDeclared' | 'DeleteRequested' | null;
  readonly deleting_at: number | null;
  readonly suspended_json: string | null;
  readonly arranged: string | null;
  readonly prune_blocked: string | null;
  readonly ownership_conflict: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

/** A row of `managed_layout` and its slots, as a value. */
export function toLayoutRecord(row: LayoutRow, slots: readonly SlotRecord[]): LayoutRecord {
  return {
    id: row.id,
    container: row.container,
    spec: readJson(row.spec_json) as LayoutSpec,
    source: {
      kind: row.source_kind,
      name: row.source_name,
      path: row.source_path,
      ...optional('revision', row.source_revision),
    },
    generation: row.generation,
    observedGeneration: row.observed_generation,
    state: row.state,
    ...optional('failedStage', row.failed_stage),
    sync: row.sync,
    health: row.health,
    conditions: readJson(row.conditions_json) as readonly Condition[],
    ...toDeleting(row),
    ...toSuspended(row),
    ...optional('arranged', row.arranged),
    ...optional('pruneBlocked', row.prune_blocked),
    ...optional('ownershipConflict', row.ownership_conflict),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    slots,
  };
}

/** Where each field of a layout is kept. */
export const LAYOUT_COLUMNS: Encoders<LayoutPatch> = {
  spec: (spec) =>
    spec === undefined
      ? { spec_json: null }
      : {
          name: spec.name,
          tmux_session: tmuxSessionName(spec.session),
          spec_json: writeJson(spec),
          spec_hash: specHash(spec),
        },
  source: (source) => ({
    source_kind: source?.kind ?? null,
    source_name: source?.name ?? null,
    source_path: source?.path ?? null,
    source_revision: source?.revision ?? null,
  }),
  generation: plain('generation'),
  observedGeneration: plain('observed_generation'),
  state: plain('state'),
  failedStage: plain('failed_stage'),
  sync: plain('sync'),
  health: plain('health'),
  conditions: (conditions) => ({ conditions_json: conditions ? writeJson(conditions) : null }),
  deleting: (deleting) => ({
    deleting_reason: deleting?.reason ?? null,
    deleting_at: deleting?.at ?? null,
  }),
  suspended: (suspended) => ({ suspended_json: suspended ? writeJson(suspended) : null }),
  arranged: plain('arranged'),
  pruneBlocked: plain('prune_blocked'),
  ownershipConflict: plain('ownership_conflict'),
};

function toDeleting(row: LayoutRow): Pick<LayoutRecord, 'deleting'> {
  if (row.deleting_reason === null || row.deleting_at === null) return {};
  return { deleting: { reason: row.deleting_reason, at: row.deleting_at } };
}

function toSuspended(row: LayoutRow): Pick<LayoutRecord, 'suspended'> {
  if (row.suspended_json === null) return {};
  return { suspended: readJson(row.suspended_json) as NonNullable<LayoutRecord['suspended']> };
}
