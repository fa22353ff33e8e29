import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyPiece, LINE_BYTES } from '../../../src/agents/events/classify.ts';
import { toExcerpt } from '../../../src/agents/events/excerpt.ts';
import type { Finding, Progress } from '../../../src/agents/events/ports.ts';
import { UNREAD } from '../../../src/agents/events/progress.ts';
import { CLASSIFIER_RULES, classifyLine, RULE_WORDS } from '../../../src/agents/events/rules.ts';
import { DEFAULT_PATIENCE } from '../../../src/agents/events/silence.ts';
import { LineRenderer } from '../../../src/agents/logs/line-renderer.ts';

const OPTIONS = { patience: DEFAULT_PATIENCE, maxFindings: 1_000, newWindowId: () => 'w' };

/** Everything a log tells that is read in pieces of so many bytes, all at one moment. */
function read(log: Buffer, pieceBytes: number, maxFindings = 1_000) {
  const findings: Finding[] = [];
  let progress: Progress = UNREAD;
  for (;;) {
    const piece = log.subarray(progress.offset, progress.offset + pieceBytes);
    const rendered = new LineRenderer(LINE_BYTES);
    rendered.write(piece);
    const before = progress.offset;
    const told = classifyPiece(
      progress,
      { rendered, rawBytes: piece.length, now: 1_000 },
      { ...OPTIONS, maxFindings },
    );
    findings.push(...told.findings);
    progress = told.progress;
    if (progress.offset === before) return { findings, progress };
  }
}

describe('a line is of the first rule that matches it', () => {
  const SWARM =
    'AGENTTOWER_SWARM_MEMBER parent=agt_0123456789ab pane=%3 label=a capability=b purpose=c d';
  test.each([
    [SWARM, 'swarm_member.v1'],
    [`${SWARM} MANUAL_REVIEW`, 'swarm_member.v1'],
    ['AGENTTOWER_SWARM_MEMBER parent=agt_1', 'activity.fallback.v1'],
    ['please MANUAL-REVIEW this', 'manual_review.v1'],
    ['REVIEW_REQUIRED', 'manual_review.v1'],
    ['xMANUAL_REVIEW', 'activity.fallback.v1'],
    ['MANUAL_REVIEWS', 'activity.fallback.v1'],
    ['# TODO(human) look', 'manual_review.v1'],
    ['Traceback (most recent call last):', 'error.traceback.v1'],
    ['Error: x', 'error.line.v1'],
    ['ERROR tests/a.py::b', 'error.line.v1'],
    ['Exception in thread', 'error.line.v1'],
    ['an Error: x', 'activity.fallback.v1'],
    ['FAILED tests/a.py::b - no', 'test_failed.pytest.v1'],
    ['3 tests failed', 'test_failed.generic.v1'],
    ['FAIL src/a.test.ts', 'test_failed.generic.v1'],
    ['FAILURE', 'activity.fallback.v1'],
    ['===== 12 passed in 0.5s =====', 'test_passed.pytest.v1'],
    ['all tests passed', 'test_passed.generic.v1'],
    ['Task Completed', 'completed.v1'],
    ['done?', 'completed.v1'],
    ['undone', 'activity.fallback.v1'],
    ['Overwrite?', 'waiting_for_input.v1'],
    ['Go on [Y/n] ', 'waiting_for_input.v1'],
    ['sure (yes/no)', 'waiting_for_input.v1'],
    ['>>> ', 'waiting_for_input.v1'],
    ['> ', 'waiting_for_input.v1'],
    ['a>', 'activity.fallback.v1'],
    ['anything', 'activity.fallback.v1'],
  ])('%s: %s', (line, rule) => {
    expect(classifyLine(line)?.id).toBe(rule);
    // The fast way over many lines comes to the same.
    const { findings, progress } = read(Buffer.from(`before\n${line}\nafter\n`), 1_000);
    const told = findings.map(({ ruleId }) => ruleId);
    const quiet = (progress.window?.count ?? 0) - 2;
    expect([...told, ...Array<string>(quiet).fill('activity.fallback.v1')]).toEqual([rule]);
  });

  test('priorities are those of the order they stand in', () => {
    const priorities = CLASSIFIER_RULES.map(({ priority }) => priority);
    expect(priorities).toEqual(priorities.toSorted((a, b) => a - b));
  });
});

const WORDS = [
  'DONE',
  'done',
  'FAIL',
  'Error',
  'ERROR',
  ': ',
  'Exception ',
  'REVIEW',
  'MANUAL_',
  '?',
  '> ',
  'tests',
  ' passed',
  ' failed',
  'Traceback (most recent call last):',
  'task completed',
  ' ',
  'TODO(human)',
  'build Succeeded',
  '== 3 passed in 1s ==',
  'x',
  'é',
  '\n',
  '\n',
  '\n',
  '\u001b[1m',
];
const anyLog = fc
  .array(fc.constantFrom(...WORDS), { maxLength: 60 })
  .map((words) => words.join(''));

test('a line of a rule holds one of the words that are looked for', () => {
  fc.assert(
    fc.property(anyLog, (log) => {
      for (const line of log.replaceAll('\u001b[1m', '').split('\n')) {
        const rule = classifyLine(line);
        if (rule === undefined || rule.priority > 60) continue;
        RULE_WORDS.lastIndex = 0;
        expect(RULE_WORDS.test(line)).toBe(true);
      }
    }),
    { numRuns: 3_000 },
  );
});

test('a log tells the same in whatever pieces it is read, and however often it is stopped', () => {
  fc.assert(
    fc.property(
      anyLog,
      fc.integer({ min: 40, max: 2_000 }),
      fc.integer({ min: 1, max: 5 }),
      (text, size, stop) => {
        const log = Buffer.from(`${text.replaceAll(/([^\n]{8})/g, '$1\n')}\n`);
        const whole = read(log, log.length + 1);
        const inPieces = read(log, size, stop);
        expect(inPieces.findings).toEqual(whole.findings);
        expect(inPieces.progress).toEqual(whole.progress);
        expect(whole.progress.offset).toBe(log.length);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('every line that is not empty is told of once: by an event of its own, or in a window', () => {
  fc.assert(
    fc.property(anyLog, (text) => {
      const log = Buffer.from(`${text}\n`);
      const { findings, progress } = read(log, log.length);
      const lines = text
        .replaceAll('\u001b[1m', '')
        .split('\n')
        .filter((line) => line !== '');
      expect(findings.length + (progress.window?.count ?? 0)).toBe(lines.length);
    }),
    { numRuns: 1_000 },
  );
});

test('a line too long is told of by its beginning, and its rest shows nothing', () => {
  const log = Buffer.from(
    `Error: ${'x'.repeat(200_000)} sk-SECRETSECRETSECRETSECRET\nError: next\n`,
  );
  const { findings, progress } = read(log, 256 * 1_024);
  expect(findings.map(({ type }) => type)).toEqual(['error', 'error']);
  expect(progress.offset).toBe(log.length);
  const inPieces = read(log, LINE_BYTES);
  expect(inPieces.findings.map(({ type }) => type)).toEqual(['error', 'error']);
  expect(inPieces.progress.window?.excerpt).toBe('…[truncated]');
  expect(inPieces.progress.line).toBe(2);
});

test('an excerpt is at most its bound, in whole characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 900 }), (line) => {
      const excerpt = toExcerpt(line);
      expect(Buffer.byteLength(excerpt)).toBeLessThanOrEqual(1_024);
      expect(excerpt).not.toContain('\ufffd');
    }),
  );
  expect(toExcerpt('x'.repeat(1_025))).toMatch(/^x+…\[truncated\]$/);
});
