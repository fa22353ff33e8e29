import { invalid } from '../../../declare/managed/identifiers.ts';
import { PANE_STATES, type PaneState } from '../../../domain/states.ts';
import type { Params } from '../method.ts';

/** The shapes of the managed-session params. Each reader checks one field and names it in its refusal. */

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** A non-empty string. */
export function readText(params: Params, field: string): string {
  const value = params[field];
  if (typeof value !== 'string' || value === '') throw invalid(field, 'missing or empty');
  return value;
}

/** A string; null counts as absent, the empty string does not. */
export function readOptionalText(params: Params, field: string): string | undefined {
  const value = params[field] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw invalid(field, 'wrong type');
  return value;
}

/** An object; whatever is falsy, and the empty list, counts as absent. */
export function readOptionalObject(params: Params, field: string): Params {
  const value = params[field];
  if (!value || (Array.isArray(value) && value.length === 0)) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(field, 'wrong type');
  return value as Params;
}

/** One state; null and the empty string filter nothing. */
export function readState(params: Params): PaneState | undefined {
  const value = params['state'] ?? '';
  return value === '' ? undefined : toState(value);
}

/** One state or a list of them; null, the empty string and the empty list filter nothing. */
export function readStates(params: Params): readonly PaneState[] | undefined {
  const value = params['state'] ?? '';
  if (value === '') return undefined;
  const wanted: readonly unknown[] = Array.isArray(value) ? value : [value];
  return wanted.length === 0 ? undefined : wanted.map(toState);
}

function toState(value: unknown): PaneState {
  const state = PANE_STATES.find((known) => known === value);
  if (state !== undefined) return state;
  throw invalid('state', `must be one of ${PANE_STATES.join(', ')}`);
}

/** Never refused: whole numbers are brought into 1 to 200, anything else means 50. */
export function readLimit(params: Params): number {
  const value = params['limit'];
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) return DEFAULT_LIMIT;
  return Math.min(MAX_LIMIT, Math.max(1, number));
}

/** Truthiness as the contract's clients know it: empty lists and objects are false too. */
export function readFlag(params: Params, field: string): boolean {
  const value = params[field];
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}
