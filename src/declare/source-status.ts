import type { ManifestProblem } from '../domain/errors.ts';
import type { NewEvent } from '../domain/events.ts';
import { canonicalJson } from '../lib/hash.ts';
import type { SourceStatus } from './ports.ts';

/** What one pass over a source came to. */
export type PassOutcome =
  /** It could not be read: nothing is known about it, what it last held keeps running. */
  | { readonly kind: 'unread'; readonly problem: string }
  /** It was read, and what it holds was not accepted: frozen at the last good revision. */
  | (Fetched & {
      readonly kind: 'refused';
      readonly message: string;
      readonly problems: readonly ManifestProblem[];
    })
  | (Fetched & {
      readonly kind: 'applied';
      readonly configured: number;
      readonly removed: number;
      readonly pruneBlocked?: string;
    });

interface Fetched {
  readonly revision: string;
  readonly rewrittenFrom?: string;
}

export interface Transition {
  readonly status: SourceStatus;
  readonly events: readonly NewEvent[];
}

export const UNTRIED: SourceStatus = { problems: [], consecutiveFailures: 0 };

/** Problems kept in a status; a broken generator can make thousands. */
const MAX_PROBLEMS = 50;
const MAX_MESSAGE = 2_000;

/**
 * The status after a pass, with the events that tell what changed. `told` holds the problems an event already told
 * since the source was last well.
 */
export function computeTransition(
  before: SourceStatus,
  outcome: PassOutcome,
  context: { readonly source: string; readonly now: number; readonly told: ReadonlySet<string> },
): Transition {
  const status = { ...nextStatus(before, outcome, context.now), lastCheckedAt: context.now };
  return { status, events: [...eventsOf(before, status, outcome, context)] };
}

/** Whether two statuses differ in more than the time of the last look and the count of the same failure. */
export function isSameStatus(a: SourceStatus, b: SourceStatus): boolean {
  return canonicalJson(lasting(a)) === canonicalJson(lasting(b));
}

function nextStatus(before: SourceStatus, outcome: PassOutcome, now: number): SourceStatus {
  switch (outcome.kind) {
    case 'unread':
      return { ...failed(before, outcome.problem), problems: [] };
    case 'refused':
      return {
        ...failed(before, renderRefusal(outcome)),
        fetchedRevision: outcome.revision,
        attemptedRevision: outcome.revision,
        problems: outcome.problems.slice(0, MAX_PROBLEMS),
      };
    case 'applied':
      return applied(before, outcome, now);
  }
}

function failed(before: SourceStatus, problem: string): SourceStatus {
  const lastError = problem.slice(0, MAX_MESSAGE);
  return { ...before, lastError, consecutiveFailures: before.consecutiveFailures + 1 };
}

function well(before: SourceStatus): SourceStatus {
  const { lastError: _cured, ...rest } = before;
  return { ...rest, problems: [], consecutiveFailures: 0 };
}

function applied(
  before: SourceStatus,
  outcome: Extract<PassOutcome, { kind: 'applied' }>,
  now: number,
): SourceStatus {
  const { pruneBlocked: _decidedAnew, ...rest } = well(before);
  return {
    ...rest,
    fetchedRevision: outcome.revision,
    attemptedRevision: outcome.revision,
    appliedRevision: outcome.revision,
    ...(outcome.pruneBlocked !== undefined && { pruneBlocked: outcome.pruneBlocked }),
    ...(hasEffect(before, outcome) && { lastAppliedAt: now }),
  };
}

function hasEffect(
  before: SourceStatus,
  outcome: Extract<PassOutcome, { kind: 'applied' }>,
): boolean {
  return (
    before.appliedRevision !== outcome.revision || outcome.configured > 0 || outcome.removed > 0
  );
}

function* eventsOf(
  before: SourceStatus,
  after: SourceStatus,
  outcome: PassOutcome,
  { source, told }: { readonly source: string; readonly told: ReadonlySet<string> },
): Generator<NewEvent> {
  const actor = 'daemon';
  // A reader may name the same rewrite again; it is news only while the old revision is the last one recorded.
  if (outcome.kind !== 'unread' && isNewRewrite(before, outcome)) {
    const payload = { source, from: outcome.rewrittenFrom ?? '', to: outcome.revision };
    yield { type: 'source_history_rewritten', actor, payload };
  }
  if (after.lastError !== undefined) {
    if (told.has(after.lastError)) return;
    yield { type: 'source_failed', actor, payload: { source, problem: after.lastError } };
    return;
  }
  if (before.lastError !== undefined) {
    yield { type: 'source_recovered', actor, payload: { source } };
  }
  if (outcome.kind === 'applied' && hasEffect(before, outcome)) {
    const { revision, configured, removed } = outcome;
    yield {
      type: 'source_applied',
      actor,
      payload: { source, revision, configured, removed },
    };
  }
}

function isNewRewrite(before: SourceStatus, { rewrittenFrom }: Fetched): boolean {
  return rewrittenFrom !== undefined && before.fetchedRevision === rewrittenFrom;
}

/** One line: the first problem with its place, and how many more there are. No line of the file: it may hold a secret. */
function renderRefusal(outcome: Extract<PassOutcome, { kind: 'refused' }>): string {
  const [first, ...rest] = outcome.problems;
  if (first === undefined) return outcome.message;
  const place = [first.file, first.line, first.column].filter((part) => part !== undefined);
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  return `${place.join(':')}: ${first.message}${more}`;
}

function lasting(status: SourceStatus): Partial<SourceStatus> {
  const { lastCheckedAt: _seen, consecutiveFailures: _counted, ...rest } = status;
  return rest;
}
