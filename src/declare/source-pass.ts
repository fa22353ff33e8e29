import { AgentTowerError, type ManifestProblem } from '../domain/errors.ts';
import type { SourceConfig, SourceRead, SourceSnapshot } from './ports.ts';
import type { PassOutcome } from './source-status.ts';

export interface ApplyOptions {
  readonly confirmPrune?: number;
}

export type ApplyOutcome =
  | {
      readonly ok: true;
      readonly configured: number;
      readonly removed: number;
      readonly pruneBlocked?: string;
    }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[]; readonly message: string };

/**
 * Makes a snapshot the desired state, all or nothing. May throw instead of answering a refusal; must change nothing
 * when the snapshot says what is declared already.
 */
export type ApplySnapshot = (
  config: SourceConfig,
  snapshot: SourceSnapshot,
  options: ApplyOptions,
) => ApplyOutcome;

export interface PassContext {
  readonly config: SourceConfig;
  readonly options: ApplyOptions;
  readonly apply: ApplySnapshot;
}

/**
 * Applies what was read, even if it was applied before: what it declares may have been taken over, deleted or changed
 * by a template since. Never throws.
 */
export function applyRead(read: SourceRead, context: PassContext): PassOutcome {
  if (!read.ok) return { kind: 'unread', problem: read.problem };
  const { revision, rewrittenFrom } = read.snapshot;
  const fetched = { revision, ...(rewrittenFrom !== undefined && { rewrittenFrom }) };
  const outcome = applyGuarded(read.snapshot, context);
  if (!outcome.ok) {
    const { message, problems } = outcome;
    return { kind: 'refused', ...fetched, message, problems };
  }
  const { configured, removed, pruneBlocked } = outcome;
  const blocked = pruneBlocked === undefined ? {} : { pruneBlocked };
  return { kind: 'applied', ...fetched, configured, removed, ...blocked };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function applyGuarded(snapshot: SourceSnapshot, context: PassContext): ApplyOutcome {
  try {
    return context.apply(context.config, snapshot, context.options);
  } catch (error) {
    return { ok: false, message: messageOf(error), problems: problemsOf(error) };
  }
}

function problemsOf(error: unknown): readonly ManifestProblem[] {
  const isManifest = error instanceof AgentTowerError && error.code === 'manifest_invalid';
  return isManifest ? (error as AgentTowerError<'manifest_invalid'>).details.problems : [];
}
