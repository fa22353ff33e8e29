import type { SavedPlan } from '../api/protocol.ts';
import { UsageError } from './usage-error.ts';

/** A saved plan as the text of a file. */
export function renderSavedPlan(plan: SavedPlan): string {
  return `${JSON.stringify(plan, undefined, 2)}\n`;
}

/** Parses what `plan --out` wrote. Another major version of the format is refused. */
export function parseSavedPlan(path: string, text: string): SavedPlan {
  const saved = parseJson(text);
  if (!isSavedPlan(saved)) {
    throw new UsageError(
      `${path} is not a saved plan: write one with agenttower plan -f … --out FILE.plan, or apply manifests with -f`,
    );
  }
  if (!saved.plan.formatVersion.startsWith('1.')) {
    throw new UsageError(
      `${path} has plan format ${saved.plan.formatVersion}, and this program reads 1.x: make the plan anew`,
    );
  }
  return saved;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isSavedPlan(value: unknown): value is SavedPlan {
  if (typeof value !== 'object' || value === null) return false;
  const { plan, files } = value as Partial<SavedPlan>;
  if (!Array.isArray(files) || typeof plan !== 'object' || plan === null) return false;
  return typeof plan.plan_id === 'string' && typeof plan.formatVersion === 'string';
}
