import type { ContainerId } from '../../src/domain/ids.ts';
import type { OpOutcome, TmuxOp } from '../../src/domain/tmux-ops.ts';
import { openFaultyTmux } from './faulty-tmux.ts';
import { makeCalmFaults } from './pass-faults.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** What requests do besides writing: they wait for a turn between two passes, and send something themselves. */

export interface SimTurns {
  /** Nothing when the turn did not come in time; else what `work` comes to, once the turns are open. */
  take<T>(work: () => Promise<T>): Promise<T | undefined>;
  /** The pass is over: those who wait go on, one after another. */
  open(): void;
}

export function openSimTurns(random: Random): SimTurns {
  let gate = makeGate();
  let last: Promise<unknown> = gate.opened;
  return {
    take: (work) => {
      if (random.chance(0.3)) return Promise.resolve(undefined);
      const turn = last.then(work);
      last = turn;
      return turn;
    },
    open: () => {
      gate.open();
      gate = makeGate();
      const { opened } = gate;
      last = last.then(() => opened);
    },
  };
}

function makeGate(): { readonly opened: Promise<void>; open(): void } {
  const gate = new EventTarget();
  const opened = new Promise<void>((resolve) => {
    gate.addEventListener('open', () => resolve());
  });
  return { opened, open: () => void gate.dispatchEvent(new Event('open')) };
}

/** Ops of a request, through the same line that fails in every way; no look of its own precedes them. */
export async function sendAsRequest(
  world: World,
  container: ContainerId,
  ops: readonly TmuxOp[],
): Promise<readonly OpOutcome[]> {
  const site = world.sites.find((one) => one.container.options.container === container);
  const { server } = site?.container ?? {};
  const isThere = site?.container.state === 'running' && server?.isStopped === false;
  if (site === undefined || !isThere) {
    return ops.map(() => ({ kind: 'unknown', message: 'nobody answers' }));
  }
  const truth = site.container.look();
  const isStale = ops.some((op) => 'guard' in op && op.guard.epoch !== truth.epoch);
  // Of another life of the server: tmux would refuse them.
  if (isStale) return ops.map(() => ({ kind: 'refused', server: '' }));
  const opFaultRate = world.isCalm ? 0 : world.random.oneOf([0, 0, 0.5]);
  return openFaultyTmux(world, site, { ...makeCalmFaults(), opFaultRate, truth }).run(ops);
}
