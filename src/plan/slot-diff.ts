import { isSecretKey, REDACTED } from '../domain/events.ts';
import { LIVE_FIELDS, REPLACE_FIELDS, type SlotSpec } from '../domain/spec.ts';
import { canonicalJson } from '../lib/hash.ts';

/** One field that is to change; values of secret environment variables are redacted. */
export interface FieldChange {
  readonly field: string;
  readonly old: unknown;
  readonly new: unknown;
}

/** Changes that need a new process. `env` is told apart by variable. */
export function diffReplaceFields(old: SlotSpec, wanted: SlotSpec): readonly FieldChange[] {
  return REPLACE_FIELDS.flatMap((field) =>
    field === 'env' ? diffEnv(old.env, wanted.env) : diffField(old, wanted, field),
  );
}

/** Changes that are made on the living pane. */
export function diffLiveFields(old: SlotSpec, wanted: SlotSpec): readonly FieldChange[] {
  return LIVE_FIELDS.flatMap((field) =>
    field === 'settleMs' ? diffSettle(old, wanted) : diffField(old, wanted, field),
  );
}

/** Called and written as in a manifest. */
function diffSettle(old: SlotSpec, wanted: SlotSpec): readonly FieldChange[] {
  if (old.settleMs === wanted.settleMs) return [];
  return [{ field: 'settle', old: `${old.settleMs}ms`, new: `${wanted.settleMs}ms` }];
}

function diffField(old: SlotSpec, wanted: SlotSpec, field: keyof SlotSpec): readonly FieldChange[] {
  if (old[field] === wanted[field]) return [];
  if (canonicalJson(old[field] ?? null) === canonicalJson(wanted[field] ?? null)) return [];
  return [{ field, old: old[field], new: wanted[field] }];
}

function diffEnv(old: SlotSpec['env'], wanted: SlotSpec['env']): readonly FieldChange[] {
  const keys = [...new Set([...Object.keys(old), ...Object.keys(wanted)])].toSorted();
  return keys
    .filter((key) => old[key] !== wanted[key])
    .map((key) => ({
      field: `env.${key}`,
      old: shown(key, old[key]),
      new: shown(key, wanted[key]),
    }));
}

function shown(key: string, value: string | undefined): string | undefined {
  return value !== undefined && isSecretKey(key) ? REDACTED : value;
}
