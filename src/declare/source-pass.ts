import { AgentTowerError, type ManifestProblem } from '../domain/errors.ts';
import type { SourceConfig, SourceRead, SourceSnapshot, SourceStatus } from './ports.ts';
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
  readonly status: SourceStatus;
  /** Applied once since start. */
  readonly isLoaded: boolean;
  readonly options: ApplyOptions;
  readonly apply: ApplySnapshot;
}

/** Applies what was read, unless that is what is applied already. Never throws. */
export function applyRead(read: SourceRead, context: PassContext): PassOutcome {
  if (!read.ok) return { kind: 'unread', problem: read.problem };
  const { revision, rewrittenFrom } = read.snapshot;
  const fetched = { revision, ...(rewrittenFrom !== undefined && { rewrittenFrom }) };
  if (isSettled(revision, context)) return { kind: 'unchanged', ...fetched };
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

/** The first pass since start always applies: the program or the source's settings may be new. */
function isSettled(revision: string, { isLoaded, status, options }: PassContext): boolean {
  const { appliedRevision, attemptedRevision, pruneBlocked } = status;
  return (
    isLoaded &&
    options.confirmPrune === undefined &&
    appliedRevision === revision &&
    attemptedRevision === revision &&
    pruneBlocked === undefined
  );
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
