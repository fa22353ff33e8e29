import type { Observation } from '../../src/domain/observed.ts';
import type { TmuxOp } from '../../src/domain/tmux-ops.ts';
import { Crash, type World } from './world.ts';

/** What goes wrong in one pass, drawn before it begins. */
export interface PassFaults {
  readonly lookFails: boolean;
  /** How likely each op is lost, late, repeated or unanswered. */
  readonly opFaultRate: number;
  /** An effect is about to happen, or has: the daemon may die here. */
  reach(where: string): void;
  /** The pass waits for an answer: others act. */
  meanwhile(): void;
  /** Whether the transaction about to begin cannot be committed. */
  failsToCommit(): boolean;
  /** What the look of this pass really showed. */
  truth: Observation | undefined;
  /** What this pass has told tmux so far. */
  readonly sent: TmuxOp[];
}

/** A pass in which everything works. */
export function makeCalmFaults(): PassFaults {
  return {
    lookFails: false,
    opFaultRate: 0,
    reach: () => undefined,
    meanwhile: () => undefined,
    failsToCommit: () => false,
    truth: undefined,
    sent: [],
  };
}

/** A pass that may go wrong: most do not, so that others have something to spoil. */
export function drawFaults(world: World, act: () => void): PassFaults {
  const { random, weather } = world;
  const crashAt = random.chance(weather.crashes) ? random.below(12) : undefined;
  const failAt = random.chance(0.05) ? random.below(3) : undefined;
  const busyRate = random.chance(weather.interruptions) ? 0.3 : 0;
  let effects = 0;
  let commits = 0;
  return {
    ...makeCalmFaults(),
    lookFails: random.chance(weather.failedLooks),
    opFaultRate: random.chance(weather.badLines) ? random.oneOf([0.2, 0.6, 1]) : 0,
    reach: (where) => {
      effects += 1;
      if (effects - 1 === crashAt) throw new Crash(where);
    },
    meanwhile: () => {
      if (busyRate > 0 && random.chance(busyRate)) act();
    },
    failsToCommit: () => {
      commits += 1;
      return commits - 1 === failAt;
    },
  };
}
