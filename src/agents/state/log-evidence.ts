import type { ClaimedState, Evidence } from '../../domain/agent-states.ts';
import type { LogEventType } from '../../domain/log-events.ts';
import type { LogNews } from './ports.ts';

/** What an event of a log says of its agent. Whatever is printed comes from someone who works. */
const CLAIMS: Readonly<Record<LogEventType, ClaimedState>> = {
  activity: 'working',
  error: 'working',
  test_failed: 'working',
  test_passed: 'working',
  swarm_member_reported: 'working',
  waiting_for_input: 'waiting_for_input',
  manual_review_needed: 'waiting_for_input',
  completed: 'idle',
  long_running: 'idle',
  pane_exited: 'exited',
};

const LIMIT = /\b(?:rate|usage) limit\b|\btoo many requests\b/i;

/** The claim of one event; `before` is what the log said last. `undefined` when it says nothing new. */
export function toLogEvidence(
  { type, at, ruleId, excerpt }: LogNews,
  before: Evidence | undefined,
): Evidence | undefined {
  // A silence after a question, or after a limit was hit, is what both are like.
  if (type === 'long_running' && isLasting(before)) return undefined;
  const isLimit = type === 'error' && LIMIT.test(excerpt);
  const state = isLimit ? 'rate_limited' : CLAIMS[type];
  return { source: 'log', state, at, detail: ruleId };
}

/** Events after which the screen may tell more: whoever prints has stopped. */
export function isQuietMoment({ type }: Pick<LogNews, 'type'>): boolean {
  return type === 'long_running' || type === 'waiting_for_input' || type === 'completed';
}

function isLasting(before: Evidence | undefined): boolean {
  return before?.state === 'waiting_for_input' || before?.state === 'rate_limited';
}
