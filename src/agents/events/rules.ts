import type { LogEventType } from '../../domain/log-events.ts';

export interface ClassifierRule {
  readonly id: string;
  readonly type: LogEventType;
  /** The lowest number that matches decides. */
  readonly priority: number;
  /** Searched for in a rendered line. */
  readonly pattern: RegExp;
}

/** The first rule that matches a line names its type; the last one matches every line that is not empty. */
export const CLASSIFIER_RULES: readonly ClassifierRule[] = [
  rule(10, 'swarm_member.v1', 'swarm_member_reported', [
    /^AGENTTOWER_SWARM_MEMBER parent=agt_[0-9a-f]{12} pane=%[0-9]+ /,
    /label=[^ \t\r\f\v]+ capability=[^ \t\r\f\v]+ purpose=.{1,256}$/,
  ]),
  rule(20, 'manual_review.v1', 'manual_review_needed', [
    /(?:^|\s)(?:(?:MANUAL[_-]REVIEW|REVIEW[_-]REQUIRED)\b|TODO\(human\))/,
  ]),
  rule(30, 'error.traceback.v1', 'error', [/^Traceback \(most recent call last\):/]),
  rule(31, 'error.line.v1', 'error', [/^(?:Error|ERROR|Exception)[: ]/]),
  rule(40, 'test_failed.pytest.v1', 'test_failed', [/^(?:FAILED|ERROR) \S+::\S+/]),
  rule(41, 'test_failed.generic.v1', 'test_failed', [/\b(?:test failed|tests failed|FAIL)\b/]),
  rule(50, 'test_passed.pytest.v1', 'test_passed', [/^=+ \d+ passed(?: in [\d.]+s)? =+$/]),
  rule(51, 'test_passed.generic.v1', 'test_passed', [/\b(?:all tests passed|tests passed)\b/]),
  rule(60, 'completed.v1', 'completed', [
    /(?:^|\s)(?:DONE|completed successfully|task completed|build succeeded)/i,
  ]),
  rule(70, 'waiting_for_input.v1', 'waiting_for_input', [
    /(?:\?| \[Y\/n\]| \(yes\/no\)|>>>|>[ \u00a0])[ \t\u00a0]*$/,
  ]),
  rule(999, 'activity.fallback.v1', 'activity', [/./]),
];

/** Events that no line tells of. */
export const SYNTHETIC_RULES = {
  pane_exited: 'pane_exited.synth.v1',
  long_running: 'long_running.synth.v1',
} as const;

/** What a silence may follow and be worth telling of. */
export const BEFORE_LONG_RUNNING: ReadonlySet<LogEventType> = new Set([
  'activity',
  'error',
  'test_failed',
  'manual_review_needed',
  'swarm_member_reported',
]);

/** The rule that decides about a rendered line; none for an empty one. */
export function classifyLine(line: string): ClassifierRule | undefined {
  return CLASSIFIER_RULES.find(({ pattern }) => pattern.test(line));
}

/**
 * Finds, in many lines at once and much faster than the rules would, what a line must hold to match any of those
 * from 10 to 60. Latin-1 text, not UTF-8: the rules' own words are ASCII.
 */
export const RULE_WORDS = new RegExp(
  [
    'AGENTTOWER_SWARM_MEMBER|REVIEW|TODO\\(human|Traceback|E(?:rror|RROR|xception)|FAIL|tests? failed| passed',
    ...['done', 'completed', 'succeeded'].map(inAnyCase),
  ].join('|'),
  'g',
);

function inAnyCase(word: string): string {
  return Array.from(word, (letter) => `[${letter}${letter.toUpperCase()}]`).join('');
}

function rule(
  priority: number,
  id: string,
  type: LogEventType,
  parts: readonly RegExp[],
): ClassifierRule {
  const flags = parts[0]?.flags ?? '';
  const pattern = new RegExp(parts.map(({ source }) => source).join(''), flags);
  return { id, type, priority, pattern };
}
