import type { Observation } from '../../src/domain/observed.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import type { LayoutRecord } from '../../src/domain/records.ts';
import type { Action, Plan } from '../../src/plan/action.ts';
import { computePlan, type PlanInput } from '../../src/plan/compute.ts';
import { renderCause } from '../../src/plan/render.ts';
import { frozen, NOW } from '../support/builders.ts';

export interface Told {
  readonly plan: Plan;
  /** `create-pane m1 (Missing)`, in order. */
  readonly does: readonly string[];
  /** `m1 Held`. */
  readonly waits: readonly string[];
  /** Milliseconds from now until the plan wants to be woken. */
  readonly wakesIn: number | undefined;
}

export interface Given {
  readonly observation: Observation;
  readonly ended?: PlanInput['ended'];
  readonly now?: number;
  readonly policy?: Partial<Policy>;
}

/** The plan for these layouts, in words. Its input is frozen, so that a plan that writes to it throws. */
export function planned(
  layouts: LayoutRecord | readonly LayoutRecord[],
  given: Given | Observation,
): Told {
  const { observation, ended, now, policy }: Given =
    'kind' in given ? { observation: given } : given;
  const input: PlanInput = frozen({
    now: now ?? NOW,
    policy: { ...DEFAULT_POLICY, ...policy },
    layouts: 'spec' in layouts ? [layouts] : layouts,
    observation,
    ended: ended ?? new Map(),
  });
  const plan = computePlan(input);
  return {
    plan,
    does: plan.actions.map(tell),
    waits: plan.blocked.map(
      ({ layoutName, slotKey, reason }) => `${slotKey ?? layoutName} ${reason}`,
    ),
    wakesIn: plan.wakeAt === undefined ? undefined : plan.wakeAt - input.now,
  };
}

/** The only action of that kind; fails the test when there is none, or more than one. */
export function only<Kind extends Action['kind']>(
  plan: Plan,
  kind: Kind,
): Extract<Action, { kind: Kind }> {
  const found = plan.actions.filter((action) => action.kind === kind);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw new Error(`${found.length} ${kind} in ${JSON.stringify(plan.actions.map(tell))}`);
  }
  return first as Extract<Action, { kind: Kind }>;
}

function tell(action: Action): string {
  const cause = 'cause' in action ? ` (${renderCause(action.cause)})` : '';
  return `${action.kind} ${subject(action)}${cause}`;
}

function subject(action: Action): string {
  if ('at' in action) return action.at.slot.key;
  return action.kind === 'kill-leftover' ? action.owner.id : action.layoutName;
}
