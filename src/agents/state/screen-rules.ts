import type { ClaimedState } from '../../domain/agent-states.ts';
import type { Capability } from '../../domain/agents.ts';

/** How a program's screen looks in one state. All patterns must be found among its last lines that are not empty. */
export interface ScreenRule {
  /** Program, state, and the version of the rule; shown as the evidence. */
  readonly id: string;
  readonly state: ClaimedState;
  /** So many lines from the end are looked at. */
  readonly lines: number;
  readonly all: readonly RegExp[];
}

/** A choice the person has to make: the first of several answers, marked. */
const CHOICE = /^\s*[│┃|]?\s*[❯›●>]\s*1\.\s/m;
const QUESTION = /\b(?:do you want|would you like|allow|apply this|trust|proceed|confirm)\b.*\?/im;

/**
 * The first rule that matches decides; when none does, nothing is concluded. `idle` is never the absence of something
 * else: a program that changed its looks must become unknown, not idle. Looks of Claude Code 2, Codex 0.12x and
 * Gemini CLI 0.2x.
 */
const CLAUDE: readonly ScreenRule[] = [
  { id: 'claude.question.v1', state: 'waiting_for_input', lines: 24, all: [CHOICE, QUESTION] },
  {
    id: 'claude.selection.v1',
    state: 'waiting_for_input',
    lines: 6,
    all: [/\benter to (?:select|confirm)\b.*\besc to (?:cancel|exit)\b/i],
  },
  {
    id: 'claude.interruptible.v1',
    state: 'working',
    lines: 12,
    all: [/\besc to interrupt\b/i],
  },
  {
    id: 'claude.spinner.v1',
    state: 'working',
    lines: 12,
    all: [/^\s*[·✢✳✶✻✽*]\s\S+…\s\((?:\d+[hms]\s?)+/m],
  },
  {
    id: 'claude.limit.v1',
    state: 'rate_limited',
    lines: 14,
    all: [/\b(?:usage|session|weekly|5-hour|opus) limit\b/i, /\breset(?:s|ting)?\b/i],
  },
  {
    id: 'claude.prompt.v1',
    state: 'idle',
    lines: 8,
    all: [/^\s*[│|]?\s*[❯>](?:\s|$)/m, /[─━]{10}/],
  },
];

const CODEX: readonly ScreenRule[] = [
  { id: 'codex.question.v1', state: 'waiting_for_input', lines: 24, all: [CHOICE, QUESTION] },
  {
    id: 'codex.working.v1',
    state: 'working',
    lines: 14,
    all: [/\(\s*(?:\d+[hms]\s?)+\s*[•·]\s*esc to interrupt\s*\)/i],
  },
  {
    id: 'codex.limit.v1',
    state: 'rate_limited',
    lines: 14,
    all: [/\bhit your usage limit\b/i],
  },
  {
    id: 'codex.prompt.v1',
    state: 'idle',
    lines: 6,
    all: [/^\s*[›▌](?:\s|$)/m, /(?:\d+% (?:context )?left|\? for shortcuts|⏎ send)/i],
  },
];

const GEMINI: readonly ScreenRule[] = [
  {
    id: 'gemini.confirmation.v1',
    state: 'waiting_for_input',
    lines: 24,
    all: [/\bwaiting for user confirmation\b/i],
  },
  { id: 'gemini.question.v1', state: 'waiting_for_input', lines: 24, all: [CHOICE, QUESTION] },
  {
    id: 'gemini.working.v1',
    state: 'working',
    lines: 16,
    all: [/\(esc to cancel(?:, (?:\d+[hms]\s?)+)?\)/i],
  },
  {
    id: 'gemini.limit.v1',
    state: 'rate_limited',
    lines: 16,
    all: [/\b(?:usage limit reached|quota (?:exceeded|limit)|resource has been exhausted)\b/i],
  },
  {
    id: 'gemini.prompt.v1',
    state: 'idle',
    lines: 10,
    all: [/^\s*[│|]?\s*>\s+Type your message/m],
  },
];

export const SCREEN_RULES: ReadonlyMap<Capability, readonly ScreenRule[]> = new Map([
  ['claude', CLAUDE],
  ['codex', CODEX],
  ['gemini', GEMINI],
]);

/** The first rule a screen fits, for a program whose looks are known. */
export function readScreen(capability: string, text: string): ScreenRule | undefined {
  const rules = SCREEN_RULES.get(capability as Capability) ?? [];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return rules.find(({ lines: count, all }) => {
    const end = lines.slice(-count).join('\n');
    return all.every((pattern) => pattern.test(end));
  });
}
