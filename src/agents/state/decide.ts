import {
  type ClaimedState,
  type Confidence,
  EVIDENCE_SOURCES,
  type Evidence,
  type EvidenceSource,
  type Verdict,
} from '../../domain/agent-states.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const EVER = Number.POSITIVE_INFINITY;

type Fresh = Readonly<Record<ClaimedState, number>>;

/**
 * How long each claim holds by itself. Who works gives signs of it; what is waited for lasts. A hook that says
 * `working` may be the last one of a turn that was interrupted, which no program tells of.
 */
const FRESH_MS: Readonly<Record<EvidenceSource, Fresh>> = {
  hook: fresh({ working: 2 * MINUTE, waiting: 12 * HOUR, idle: 12 * HOUR, limited: 6 * HOUR }),
  process: fresh({ working: MINUTE, waiting: MINUTE, idle: MINUTE, limited: MINUTE }),
  screen: fresh({
    working: 20 * SECOND,
    waiting: 10 * MINUTE,
    idle: 10 * MINUTE,
    limited: 30 * MINUTE,
  }),
  log: fresh({
    working: 15 * SECOND,
    waiting: 10 * MINUTE,
    idle: 5 * MINUTE,
    limited: 30 * MINUTE,
  }),
};

/** Past its time, a claim is still repeated for as long again and again, as a guess. */
const STALE_FACTOR = 3;
/** What the screen shows differently after this time shortens what a hook has said for hours. */
const OPPOSED_HOOK_MS = 2 * MINUTE;
/** Sources notice one change at different moments; so much apart they do not contradict each other. */
const GRACE_MS = 3 * SECOND;

/**
 * What an agent is doing, from the newest claim of each source. An ended process decides, whatever else is said; then
 * the best source whose claim is fresh. What newer evidence contradicts is less certain; when nothing is fresh, the
 * newest claim is a guess for a while, and then nobody knows.
 */
export function decideState(evidence: readonly Evidence[], now: number): Verdict {
  const ranked = EVIDENCE_SOURCES.flatMap((source) =>
    evidence.filter((claim) => claim.source === source),
  );
  const ended = ranked.find(({ source, state }) => source === 'process' && state === 'exited');
  if (ended !== undefined) return toVerdict(ended, 'high');

  const decisive = ranked.find((claim) => ageOf(claim, now) < limitOf(claim, ranked, now));
  if (decisive !== undefined) {
    const base = baseOf(decisive);
    const isOpposed = opponents(decisive, ranked, now).length > 0;
    return toVerdict(decisive, isOpposed ? lower(base) : base);
  }
  const newest = ranked.toSorted((a, b) => b.at - a.at)[0];
  if (newest === undefined) return { state: 'unknown', confidence: 'low', detail: 'no evidence' };
  const isGuess = ageOf(newest, now) < FRESH_MS[newest.source][newest.state] * STALE_FACTOR;
  return toVerdict(newest, 'low', isGuess ? {} : { state: 'unknown' });
}

/** A clock that was set back must not keep a claim fresh for ever. */
function ageOf({ at }: Evidence, now: number): number {
  return Math.abs(now - at);
}

function limitOf(claim: Evidence, all: readonly Evidence[], now: number): number {
  const limit = FRESH_MS[claim.source][claim.state];
  if (claim.source !== 'hook') return limit;
  const isSeenOtherwise = opponents(claim, all, now).some(({ source }) => source === 'screen');
  return isSeenOtherwise ? Math.min(limit, OPPOSED_HOOK_MS) : limit;
}

/** Newer claims of others that say something else and are fresh themselves. */
function opponents(claim: Evidence, all: readonly Evidence[], now: number): readonly Evidence[] {
  return all.filter(
    (other) =>
      other.source !== claim.source &&
      other.state !== claim.state &&
      other.at > claim.at + GRACE_MS &&
      ageOf(other, now) < FRESH_MS[other.source][other.state],
  );
}

function baseOf({ source, state }: Evidence): Confidence {
  if (state === 'exited' || source === 'hook' || source === 'process') return 'high';
  return source === 'screen' ? 'medium' : 'low';
}

function lower(confidence: Confidence): Confidence {
  return confidence === 'high' ? 'medium' : 'low';
}

function toVerdict(
  { source, state, at, detail }: Evidence,
  confidence: Confidence,
  other: { readonly state?: 'unknown' } = {},
): Verdict {
  return { state, source, confidence, at, detail, ...other };
}

/** Nothing comes after an end but a new beginning, which is told of. */
function fresh(ms: Readonly<Record<'working' | 'waiting' | 'idle' | 'limited', number>>): Fresh {
  const { working, waiting, idle, limited } = ms;
  return { working, waiting_for_input: waiting, idle, rate_limited: limited, exited: EVER };
}
