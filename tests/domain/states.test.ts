import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AggregateInput,
  aggregateLayoutState,
  isLegalTransition,
  isLive,
  PANE_STATES,
  type PaneState,
  transitionPath,
} from '../../src/domain/states.ts';

const LEGAL: Readonly<Record<PaneState, readonly PaneState[]>> = {
  creating: ['ready', 'degraded', 'failed'],
  ready: ['degraded', 'removed'],
  degraded: ['failed', 'removed'],
  failed: ['removed'],
  removed: [],
};

const PAIRS = PANE_STATES.flatMap((from) => PANE_STATES.map((to) => [from, to] as const));

test.each(PAIRS)('from %s straight to %s: only as the graph allows', (from, to) => {
  expect(isLegalTransition(from, to)).toBe(LEGAL[from].includes(to));
});

test.each<[PaneState, PaneState, readonly PaneState[]]>([
  ['creating', 'ready', ['ready']],
  ['creating', 'creating', []],
  ['ready', 'failed', ['degraded', 'failed']],
  ['creating', 'removed', ['failed', 'removed']],
  ['degraded', 'removed', ['removed']],
])('the way from %s to %s is %j', (from, to, path) => {
  expect(transitionPath(from, to)).toEqual(path);
});

const ORDER: readonly PaneState[] = ['creating', 'ready', 'degraded', 'failed', 'removed'];
const isForward = ([from, to]: readonly [PaneState, PaneState]) =>
  ORDER.indexOf(from) <= ORDER.indexOf(to);

test.each(PAIRS.filter(isForward))('the way from %s to %s is made of legal steps', (from, to) => {
  const steps = [from, ...transitionPath(from, to)];
  expect(steps.at(-1)).toBe(to);
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1];
    expect(next === undefined || isLegalTransition(step, next)).toBe(true);
  }
});

test.each(PAIRS.filter((pair) => !isForward(pair)))('there is no way from %s to %s', (from, to) => {
  expect(() => transitionPath(from, to)).toThrow(`no way from ${from} to ${to}`);
});

test('creating, ready and degraded panes hold their slot', () => {
  expect(PANE_STATES.filter(isLive)).toEqual(['creating', 'ready', 'degraded']);
});

describe('the state of a layout', () => {
  test.each<[readonly PaneState[], PaneState]>([
    [[], 'removed'],
    [['ready', 'ready'], 'ready'],
    [['ready', 'removed'], 'ready'],
    [['removed', 'removed'], 'removed'],
    [['ready', 'degraded'], 'degraded'],
    [['degraded', 'failed', 'ready'], 'failed'],
    [['failed', 'creating'], 'creating'],
    [['creating', 'removed'], 'creating'],
  ])('%j together are %s', (states, expected) => {
    expect(aggregate(...states)).toBe(expected);
  });

  test('depends on which states there are, not on their order', () => {
    const states = fc.array(fc.constantFrom(...PANE_STATES), { maxLength: 6 });
    fc.assert(
      fc.property(states, (all) => {
        expect(aggregate(...all)).toBe(aggregate(...all.toReversed()));
        expect(aggregate(...all, ...all)).toBe(aggregate(...all));
      }),
    );
  });

  test('a failed pane that something has replaced counts no more', () => {
    const failed: AggregateInput = {
      state: 'failed',
      failedStage: 'pane_create',
      superseded: true,
    };
    expect(aggregateLayoutState([failed, { state: 'ready', superseded: false }])).toEqual({
      state: 'ready',
    });
    expect(aggregateLayoutState([failed])).toEqual({ state: 'removed' });
  });

  test('the first pane of the worst state says at which stage it failed', () => {
    expect(
      aggregateLayoutState([
        { state: 'degraded', failedStage: 'log_attach', superseded: false },
        { state: 'failed', failedStage: 'pane_create', superseded: false },
        { state: 'failed', failedStage: 'recovery_reattach', superseded: false },
      ]),
    ).toEqual({ state: 'failed', failedStage: 'pane_create' });
    expect(aggregateLayoutState([{ state: 'degraded', superseded: false }])).toEqual({
      state: 'degraded',
    });
  });
});

function aggregate(...states: readonly PaneState[]): PaneState {
  return aggregateLayoutState(states.map((state) => ({ state, superseded: false }))).state;
}
