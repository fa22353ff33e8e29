import type { PassResult } from '../../src/reconcile/pass.ts';
import { landLate } from './faulty-tmux.ts';
import type { Operator } from './operator.ts';
import { makeCalmFaults } from './pass-faults.ts';
import { heal } from './people.ts';
import { checkReached } from './reached.ts';
import { runPass } from './run-pass.ts';
import { type Site, Violation, type World } from './world.ts';

/** Passes after which everything must have come right: creates, retries, rollouts, back-offs. */
const MAX_PASSES = 150;
/** Longer than every window, hold and back-off there is. */
const LONG_MS = 15 * 60_000;
const QUIET_PASSES = 20;

/** The faults stop. Everything desired is reached, nothing else is left, and then nothing more happens. */
export async function settle(world: World, operator: Operator): Promise<void> {
  world.isCalm = true;
  for (const site of world.sites) {
    heal(world, site);
    world.counts.step += 100;
    site.container.started();
    landLate(world, site);
    await converge(world, site);
  }
  // A clock that was set back has written down times that are still to come.
  world.clock.advance(world.clock.latest() - world.clock.now() + LONG_MS);
  for (const site of world.sites) await converge(world, site);
  operator.check();
  for (const site of world.sites) {
    checkReached(world, site, operator);
    await checkQuiet(world, site);
  }
}

async function converge(world: World, site: Site): Promise<void> {
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const { ops, writes } = world.counts;
    world.note(() => `quiet pass ${pass} over ${site.container.options.container}`);
    const result = await runPass(world, site, makeCalmFaults());
    if (result === undefined) throw new Error('a calm pass failed');
    const isIdle = world.counts.ops === ops && world.counts.writes === writes;
    if (!pause(world, result, isIdle)) return;
  }
  throw new Violation('L1', `after ${MAX_PASSES} passes there is still something to do`);
}

/** Waits as the loop would, but straight to the next deadline; false when there is none. */
function pause(world: World, { plan, again }: PassResult, isIdle: boolean): boolean {
  const { clock, policy } = world;
  if (!isIdle) {
    clock.advance(again ? 10 : policy.resyncMs);
    return true;
  }
  if (plan.wakeAt === undefined || plan.wakeAt > clock.now() + LONG_MS) return false;
  clock.advance(Math.max(1, plan.wakeAt - clock.now()));
  return true;
}

async function checkQuiet(world: World, site: Site): Promise<void> {
  const { ops, writes } = world.counts;
  for (let pass = 0; pass < QUIET_PASSES; pass += 1) {
    await runPass(world, site, makeCalmFaults());
    world.clock.advance(world.policy.resyncMs);
    if (world.counts.ops !== ops) throw new Violation('L2', 'a quiet pass sent commands');
    if (world.counts.writes !== writes) throw new Violation('L2', 'a quiet pass wrote');
  }
}
