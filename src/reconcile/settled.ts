import type { Observation } from '../domain/observed.ts';
import type { Policy } from '../domain/policy.ts';
import type { LayoutRecord } from '../domain/records.ts';
import type { Plan } from '../plan/action.ts';
import { slotHoldsUntil } from '../plan/slot-status.ts';

/** What a pass rests on. Equal looks and equal records are the same objects. */
interface Basis {
  readonly observation: Observation;
  readonly layouts: readonly LayoutRecord[];
}

/** All was found as it should be, and nothing is due until a certain time. */
export interface Settled extends Basis {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
}

/** Longest that is believed: should a rule about time be forgotten here, it is late and not lost. */
const BELIEVED_MS = 10_000;

/** What a pass leaves for the next one; `undefined` when there was something to do or nothing to see. */
export function settle(
  basis: Basis,
  plan: Plan,
  time: { readonly now: number; readonly policy: Policy },
): Settled | undefined {
  const { observation, layouts } = basis;
  if (observation.kind !== 'seen' || plan.actions.length > 0) return undefined;
  const moment = { ...time, runningSince: observation.runningSince ?? 0 };
  const slots = layouts.flatMap((layout) => layout.slots);
  const turns = slots.map((slot) => slotHoldsUntil(slot, moment));
  const until = Math.min(plan.wakeAt ?? Infinity, time.now + BELIEVED_MS, ...turns);
  return { ...basis, from: time.now, until };
}

/** Whether a plan made now would be the same again. A clock that ran backwards says nothing. */
export function isStillSettled(settled: Settled, basis: Basis, now: number): boolean {
  return (
    settled.layouts === basis.layouts &&
    isSameLook(settled.observation, basis.observation) &&
    settled.from <= now &&
    now < settled.until
  );
}

function isSameLook(a: Observation, b: Observation): boolean {
  return (
    a.kind === 'seen' &&
    b.kind === 'seen' &&
    a.epoch === b.epoch &&
    a.runningSince === b.runningSince &&
    a.sessions === b.sessions &&
    a.panes === b.panes
  );
}
