import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ObservedPane } from '../../src/domain/observed.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import type { SlotRecord } from '../../src/domain/records.ts';
import { isLive } from '../../src/domain/states.ts';
import type { Action } from '../../src/plan/action.ts';
import { computePlan, isSuspended } from '../../src/plan/compute.ts';
import { computeStatus } from '../../src/plan/status.ts';
import { EPOCH, frozen, NOW, STOPPED, UNKNOWN } from '../support/builders.ts';
import { type AnyContainer, anyContainer } from './any-container.ts';

const RUNS = { numRuns: 3_000 };

/** What holds of the plan of every container. */
function always(check: (container: AnyContainer, actions: readonly Action[]) => void): void {
  fc.assert(
    fc.property(anyContainer, (container) => {
      check(container, computePlan(frozen(container.input)).actions);
    }),
    RUNS,
  );
}

test('a plan depends on its input alone, and changes nothing of it', () => {
  fc.assert(
    fc.property(anyContainer, ({ input }) => {
      const copy = structuredClone(input);
      expect(computePlan(frozen(input))).toEqual(computePlan(frozen(copy)));
      expect(input).toEqual(copy);
    }),
    RUNS,
  );
});

test('a plan does not depend on the order of layouts, panes, sessions or ended rows', () => {
  const shuffled = anyContainer.chain(({ input }) =>
    fc.record({
      input: fc.constant(input),
      layouts: shuffle(input.layouts),
      panes: shuffle(input.observation.panes),
      sessions: shuffle(input.observation.sessions),
      ended: shuffle([...input.ended]),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ input, layouts, panes, sessions, ended }) => {
      const observation = { ...input.observation, panes, sessions };
      const other = computePlan({ ...input, layouts, observation, ended: new Map(ended) });
      expect(other).toEqual(computePlan(input));
    }),
    RUNS,
  );
});

test('nothing is planned for a container that was not seen', () => {
  fc.assert(
    fc.property(anyContainer, ({ input }) => {
      for (const observation of [UNKNOWN, STOPPED]) {
        expect(computePlan({ ...input, observation }).actions).toEqual([]);
      }
    }),
  );
});

test('a pane that a person made is in no action', () => {
  always(({ handMade }, actions) => {
    const text = JSON.stringify(
      actions.map(({ ...action }) => ('seen' in action ? action.seen : 0)),
    );
    for (const id of handMade) expect(text).not.toContain(`"${id}"`);
  });
});

test('every pane that is touched is ours by its tag, or was ours under the same server and id', () => {
  always((_container, actions) => {
    for (const action of actions) {
      if (!('seen' in action) || action.seen === undefined) continue;
      const { seen } = action;
      expect(isRecognized(action, seen)).toBe(true);
    }
  });
});

test('a slot is started at most once per plan, and not while anything else of it is removed', () => {
  always((_container, actions) => {
    const of = (...kinds: readonly Action['kind'][]) =>
      actions.flatMap((action) =>
        'at' in action && kinds.includes(action.kind) ? [action.at.slot.id] : [],
      );
    const started = of('create-pane', 'respawn-pane', 'retag-pane');
    expect(new Set(started).size).toBe(started.length);
    const removed = new Set(
      of('kill-pane', 'release-pane', 'abandon-pane', 'end-pane', 'close-slot'),
    );
    expect(started.filter((slot) => removed.has(slot))).toEqual([]);
  });
});

test('nothing is started that is held, suspended, not declared or deleted', () => {
  always(({ input }, actions) => {
    for (const action of actions) {
      if (action.kind !== 'create-pane' && action.kind !== 'respawn-pane') continue;
      const { slot } = action.at;
      const layout = input.layouts.find(({ id }) => id === action.at.layout);
      const { until = Number.POSITIVE_INFINITY } = slot.hold ?? { until: 0 };
      expect(until).toBeLessThanOrEqual(NOW);
      expect(slot.declared).toBe(true);
      expect(layout?.deleting).toBeUndefined();
      expect(layout && isSuspended(layout)).toBe(false);
    }
  });
});

test('nothing is created beside an ended pane that still stands', () => {
  always(({ input }, actions) => {
    const killed = actions.flatMap((action) =>
      action.kind === 'kill-leftover' ? [action.owner.slot] : [],
    );
    for (const action of actions) {
      if (action.kind !== 'create-pane' || action.resume !== undefined) continue;
      if (action.at.slot.pane !== undefined && isLive(action.at.slot.pane.state)) continue;
      expect(killed).not.toContain(action.at.slot.id);
    }
    expect(input.layouts.length).toBeGreaterThan(0);
  });
});

test('no two live panes are given one label', () => {
  always(({ input }, actions) => {
    const slots = input.layouts.flatMap((layout) => layout.slots);
    for (const action of actions) {
      if (action.kind !== 'create-pane' && action.kind !== 'respawn-pane') continue;
      if (action.resume !== undefined) continue;
      const others = slots.filter(({ id }) => id !== action.at.slot.id).flatMap(liveLabel);
      expect(others).not.toContain(action.at.slot.spec.label);
    }
  });
});

test('a plan never asks to be woken in the past', () => {
  fc.assert(
    fc.property(anyContainer, ({ input }) => {
      expect(computePlan(input).wakeAt ?? NOW).toBeGreaterThanOrEqual(NOW);
    }),
    RUNS,
  );
});

test('a back-off is never shorter than the policy and never longer than its cap', () => {
  const { backoffBaseMs, backoffCapMs } = DEFAULT_POLICY;
  always((_container, actions) => {
    for (const action of actions) {
      if (action.kind !== 'record-exited' && action.kind !== 'give-up') continue;
      const pause = (action.backoff.nextAttemptAt ?? 0) - NOW;
      expect(pause).toBeGreaterThanOrEqual(backoffBaseMs);
      expect(pause).toBeLessThanOrEqual(backoffCapMs);
    }
  });
});

test('a status can be computed of everything, and says Ready of nothing that is out of sync', () => {
  fc.assert(
    fc.property(anyContainer, ({ input }) => {
      const { blocked } = computePlan(input);
      for (const layout of input.layouts) {
        const status = computeStatus(frozen({ ...input, layout, blocked }));
        const [ready] = status.conditions;
        const isFine = status.sync === 'Synced' && status.health === 'Healthy';
        expect(ready?.status !== 'True' || isFine).toBe(true);
        expect(status.observedGeneration).toBeLessThanOrEqual(layout.generation);
      }
    }),
    RUNS,
  );
});

function shuffle<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });
}

function isRecognized(action: Extract<Action, { seen: unknown }>, seen: ObservedPane): boolean {
  if (action.kind === 'kill-leftover') return seen.paneId === action.owner.id;
  if (action.kind === 'respawn-pane') return seen.paneId === action.old;
  const { pane } = action;
  if (action.kind !== 'retag-pane' || action.cause.reason !== 'TagLost') {
    return seen.paneId === pane.id;
  }
  if (seen.id !== pane.tmuxPaneId || pane.epoch !== EPOCH) return false;
  return seen.paneId === undefined ? seen.pid === pane.pid : seen.paneId === pane.replacesPaneId;
}

function liveLabel({ pane }: SlotRecord): readonly string[] {
  return pane !== undefined && isLive(pane.state) ? [pane.spec.label] : [];
}
