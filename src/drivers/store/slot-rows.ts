import type { Epoch, SlotId } from '../../domain/ids.ts';
import type { Hold, PaneRecord, SlotRecord } from '../../domain/records.ts';
import type { SlotSpec } from '../../domain/spec.ts';
import type { SlotPatch } from '../../reconcile/ports.ts';
import { type Encoders, flag, optional, plain } from './columns.ts';
import { readJson, writeJson } from './json-text.ts';

export interface SlotRow {
  readonly id: SlotId;
  readonly slot_key: string;
  readonly spec_json: string;
  readonly declared: number;
  readonly hold_json: string | null;
  readonly restart_requested: number;
  readonly failures: number;
  readonly next_attempt_at: number | null;
  readonly exits_json: string;
  readonly vanishings_json: string;
  readonly restarts: number;
  readonly fence_epoch: Epoch | null;
  readonly fence_value: string | null;
}

/** A row of `slot` and its pane, as a value. */
export function toSlotRecord(row: SlotRow, pane: PaneRecord | undefined): SlotRecord {
  return {
    id: row.id,
    key: row.slot_key,
    spec: readJson(row.spec_json) as SlotSpec,
    declared: row.declared === 1,
    ...(row.hold_json === null ? {} : { hold: readJson(row.hold_json) as Hold }),
    restartRequested: row.restart_requested === 1,
    failures: row.failures,
    ...optional('nextAttemptAt', row.next_attempt_at),
    exits: readJson(row.exits_json) as readonly number[],
    vanishings: readJson(row.vanishings_json) as readonly number[],
    restarts: row.restarts,
    ...toFence(row),
    ...(pane === undefined ? {} : { pane }),
  };
}

/** Where each field of a slot is kept. */
export const SLOT_COLUMNS: Encoders<SlotPatch> = {
  spec: (spec) => ({ slot_key: spec?.key ?? null, spec_json: spec ? writeJson(spec) : null }),
  position: plain('position'),
  declared: flag('declared'),
  hold: (hold) => ({ hold_json: hold ? writeJson(hold) : null }),
  restartRequested: flag('restart_requested'),
  failures: plain('failures'),
  nextAttemptAt: plain('next_attempt_at'),
  exits: (exits) => ({ exits_json: exits ? writeJson(exits) : null }),
  vanishings: (vanishings) => ({ vanishings_json: vanishings ? writeJson(vanishings) : null }),
  restarts: plain('restarts'),
  fence: (fence) => ({ fence_epoch: fence?.epoch ?? null, fence_value: fence?.value ?? null }),
};

function toFence(row: SlotRow): Pick<SlotRecord, 'fence'> {
  if (row.fence_epoch === null || row.fence_value === null) return {};
  return { fence: { epoch: row.fence_epoch, value: row.fence_value } };
}
