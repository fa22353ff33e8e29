import type { Finding, Progress } from './ports.ts';
import { BEFORE_LONG_RUNNING, CLASSIFIER_RULES, SYNTHETIC_RULES } from './rules.ts';

/** Times that decide what a passing of time tells. */
export interface Patience {
  /** Activity within this time of the first line is one event. */
  readonly activityWindowMs: number;
  /** A silence this long is told of. */
  readonly longRunningMs: number;
  /** A log this long silent, whose pane has ended, has said everything. */
  readonly paneExitedMs: number;
}

export const DEFAULT_PATIENCE: Patience = {
  activityWindowMs: 5_000,
  longRunningMs: 30_000,
  paneExitedMs: 30_000,
};

export interface Told {
  readonly findings: readonly Finding[];
  readonly progress: Progress;
}

/** What has come due by `now`: a window that closes, and a silence that has lasted. */
export function tellSilence(progress: Progress, now: number, patience: Patience): Told {
  const closed = closeWindow(progress, now, patience);
  const { lastOutputAt, isSilenceNews, window } = closed.progress;
  const isSilent = lastOutputAt !== undefined && now - lastOutputAt >= patience.longRunningMs;
  if (!isSilent || !isSilenceNews || window !== undefined) return closed;
  return {
    findings: [...closed.findings, synthetic('long_running', closed.progress)],
    progress: { ...closed.progress, isSilenceNews: false },
  };
}

/** When `tellSilence` is to be asked again; `undefined` when nothing will come due by itself. */
export function nextDue(progress: Progress, patience: Patience): number | undefined {
  const { window, lastOutputAt, isSilenceNews } = progress;
  if (window !== undefined) return window.startedAt + patience.activityWindowMs;
  if (!isSilenceNews || lastOutputAt === undefined) return undefined;
  return lastOutputAt + patience.longRunningMs;
}

/** The end of a pane: whatever was still being gathered, and then that. */
export function tellExit(progress: Progress, now: number): Told {
  const { findings, progress: closed } = endWindow(progress, now);
  return {
    findings: [...findings, synthetic('pane_exited', closed)],
    progress: { ...closed, isSilenceNews: false },
  };
}

/** The activity event of a window whose time has passed. */
export function closeWindow(progress: Progress, now: number, patience: Patience): Told {
  const { window } = progress;
  if (window === undefined) return { findings: [], progress };
  // A clock that was set back must not hold a window open for ever.
  const age = now - window.startedAt;
  if (age >= 0 && age < patience.activityWindowMs) return { findings: [], progress };
  return endWindow(progress, now);
}

function endWindow(progress: Progress, now: number): Told {
  const { window, ...rest } = progress;
  if (window === undefined) return { findings: [], progress };
  const { id, startedAt, count, span, excerpt } = window;
  const endedAt = Math.max(startedAt, now);
  const debounce = { windowId: id, count, startedAt, endedAt };
  return {
    findings: [{ type: 'activity', ruleId: ACTIVITY_RULE, span, excerpt, debounce }],
    progress: { ...rest, isSilenceNews: BEFORE_LONG_RUNNING.has('activity') },
  };
}

const ACTIVITY_RULE = CLASSIFIER_RULES.find(({ type }) => type === 'activity')?.id ?? '';

function synthetic(type: keyof typeof SYNTHETIC_RULES, { offset, line }: Progress): Finding {
  const span = { byteStart: offset, byteEnd: offset, lineStart: line, lineEnd: line };
  return { type, ruleId: SYNTHETIC_RULES[type], span, excerpt: '' };
}
