import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideState } from '../../../src/agents/state/decide.ts';
import {
  type ClaimedState,
  EVIDENCE_SOURCES,
  type Evidence,
  type EvidenceSource,
} from '../../../src/domain/agent-states.ts';

const NOW = 1_000_000_000_000;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What a source said so long ago. */
function said(source: EvidenceSource, state: ClaimedState, agoMs = 0): Evidence {
  return { source, state, at: NOW - agoMs, detail: `${source} ${state}` };
}

type Row = readonly [what: string, evidence: readonly Evidence[], state: string, sure: string];

const TABLE: readonly Row[] = [
  ['nobody said anything', [], 'unknown', 'low'],
  ['a hook alone', [said('hook', 'waiting_for_input')], 'waiting_for_input', 'high'],
  ['a screen alone', [said('screen', 'idle')], 'idle', 'medium'],
  ['a log alone', [said('log', 'working')], 'working', 'low'],
  [
    'a hook and a log that agree',
    [said('hook', 'working', 10 * SECOND), said('log', 'working')],
    'working',
    'high',
  ],
  [
    'a log that noticed the same change a little later',
    [said('hook', 'idle', 2 * SECOND), said('log', 'working', SECOND)],
    'idle',
    'high',
  ],
  [
    'a hook that newer output contradicts',
    [said('hook', 'idle', MINUTE), said('log', 'working')],
    'idle',
    'medium',
  ],
  [
    'a hook of the turn that is under way, and a screen that looks otherwise',
    [said('hook', 'working', MINUTE), said('screen', 'idle')],
    'working',
    'medium',
  ],
  [
    'a turn that was interrupted, which no hook tells of',
    [said('hook', 'working', 3 * MINUTE), said('screen', 'idle', MINUTE)],
    'idle',
    'medium',
  ],
  [
    'a question a person answered, which no hook tells of',
    [said('hook', 'waiting_for_input', 3 * MINUTE), said('screen', 'working')],
    'working',
    'medium',
  ],
  [
    'a question nobody answers',
    [said('hook', 'waiting_for_input', 3 * HOUR)],
    'waiting_for_input',
    'high',
  ],
  ['a hook that went silent', [said('hook', 'working', 4 * MINUTE)], 'working', 'low'],
  ['a hook that went silent long ago', [said('hook', 'working', 7 * MINUTE)], 'unknown', 'low'],
  [
    'a stale hook, and output right now',
    [said('hook', 'working', HOUR), said('log', 'working')],
    'working',
    'low',
  ],
  ['a program that said good-bye', [said('hook', 'exited', 48 * HOUR)], 'exited', 'high'],
  [
    'a program that said good-bye and began anew',
    [said('hook', 'idle'), said('log', 'exited', MINUTE)],
    'idle',
    'high',
  ],
  ['a clock that was set back', [said('log', 'working', -HOUR)], 'unknown', 'low'],
];

describe('what an agent is doing', () => {
  test.each(TABLE)('by %s', (_what, evidence, state, confidence) => {
    expect(decideState(evidence, NOW)).toMatchObject({ state, confidence });
  });
});

const evidence = fc.uniqueArray(
  fc.record({
    source: fc.constantFrom(...EVIDENCE_SOURCES),
    state: fc.constantFrom<ClaimedState>(
      'working',
      'waiting_for_input',
      'idle',
      'rate_limited',
      'exited',
    ),
    at: fc.integer({ min: NOW - 48 * HOUR, max: NOW }),
    detail: fc.constant('x'),
  }),
  { selector: ({ source }) => source },
);

describe('whatever was said', () => {
  test('an ended process is the end', () => {
    fc.assert(
      fc.property(evidence, fc.integer({ min: 0, max: 48 * HOUR }), (all, agoMs) => {
        const others = all.filter(({ source }) => source !== 'process');
        const verdict = decideState([...others, said('process', 'exited', agoMs)], NOW);
        expect(verdict).toMatchObject({ state: 'exited', source: 'process', confidence: 'high' });
      }),
    );
  });

  test('the order it was said in does not matter, and a state is one that somebody claimed', () => {
    fc.assert(
      fc.property(evidence, (all) => {
        const verdict = decideState(all, NOW);
        expect(decideState(all.toReversed(), NOW)).toEqual(verdict);
        const claimed: readonly string[] = all.map(({ state }) => state);
        expect([...claimed, 'unknown']).toContain(verdict.state);
        expect(verdict.source === undefined).toBe(all.length === 0);
      }),
    );
  });

  test('high confidence is for hooks and ends alone', () => {
    fc.assert(
      fc.property(evidence, (all) => {
        const { confidence, source, state } = decideState(all, NOW);
        const isCertain = source === 'hook' || source === 'process' || state === 'exited';
        expect(confidence !== 'high' || isCertain).toBe(true);
      }),
    );
  });

  test('time alone makes nothing surer', () => {
    const rank = { low: 0, medium: 1, high: 2 };
    fc.assert(
      fc.property(
        evidence.filter((all) => all.length === 1),
        fc.integer({ min: 0, max: 48 * HOUR }),
        (all, laterMs) => {
          const before = decideState(all, NOW);
          const after = decideState(all, NOW + laterMs);
          expect(rank[after.confidence]).toBeLessThanOrEqual(rank[before.confidence]);
          expect(before.state !== 'unknown' || after.state === 'unknown').toBe(true);
        },
      ),
    );
  });
});
