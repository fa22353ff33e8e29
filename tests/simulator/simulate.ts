import { settle } from './convergence.ts';
import { checkEvents } from './event-history.ts';
import { landLate } from './faulty-tmux.ts';
import { checkOnePanePerSlot, checkTouch } from './invariants.ts';
import { makeOperator, type Operator } from './operator.ts';
import { drawFaults } from './pass-faults.ts';
import { disturb } from './people.ts';
import { runPass } from './run-pass.ts';
import { type Broken, makeWorld, Violation, type World } from './world.ts';

export interface Run {
  readonly seed: number;
  /** What went wrong, if anything did: a broken invariant, or an exception nobody expected. */
  readonly failure?: Error;
  readonly steps: number;
  readonly passes: number;
  readonly ops: number;
  /** Every step, when asked for. */
  readonly trace: readonly string[];
}

export interface RunOptions {
  readonly broken?: Broken;
  readonly traced?: boolean;
}

/**
 * One history from one seed: the real plan, executor and store against a simulated tmux that loses, delays and repeats
 * commands, people who meddle, and a daemon that dies; then a quiet time in which everything must come right and stay.
 */
export async function simulate(seed: number, options: RunOptions = {}): Promise<Run> {
  const world = makeWorld({ seed, ...options, onTouch: checkTouch });
  let failure: Error | undefined;
  try {
    await live(world);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  }
  const { step, passes, ops } = world.counts;
  const trace = world.trace ?? [];
  return { seed, steps: step, passes, ops, trace, ...(failure && { failure }) };
}

/** Everything needed to look into a seed that fails: the invariant, every step, and the command that replays it. */
export async function describeFailure(seed: number): Promise<string> {
  const { failure, trace } = await simulate(seed, { traced: true });
  return [
    `seed ${seed} failed`,
    (failure instanceof Violation ? failure.message : failure?.stack) ?? 'not this time',
    ...trace.map((line) => `  ${line}`),
    `replay with: npm run simulate -- --seed ${seed}`,
  ].join('\n');
}

const LEAST_STEPS = 10;
const MORE_STEPS = 32;

async function live(world: World): Promise<void> {
  const operator = makeOperator(world);
  operator.act();
  await operator.finish();
  const steps = LEAST_STEPS + world.random.below(MORE_STEPS);
  for (let step = 0; step < steps; step += 1) {
    world.counts.step += 1;
    await takeStep(world, operator);
    await operator.finish();
    for (const site of world.sites) {
      landLate(world, site);
      checkOnePanePerSlot(world, site);
    }
    operator.check();
  }
  await settle(world, operator);
  checkEvents(world);
}

async function takeStep(world: World, operator: Operator): Promise<void> {
  const { random, clock } = world;
  const site = random.oneOf(world.sites);
  const roll = random.below(100);
  world.note(() => `step ${world.counts.step} at +${clock.now() - START_MS} ms`);
  if (roll < 55) {
    const meddle = (): void => (random.chance(0.5) ? operator.act() : disturb(world, site));
    world.note(() => `pass over ${site.container.options.container}`);
    await runPass(world, site, drawFaults(world, meddle));
    clock.advance(random.chance(0.5) ? random.below(50) : random.below(1_500));
  } else if (roll < 72) disturb(world, site);
  else if (roll < 85) operator.act();
  else if (roll < 97) clock.advance(random.below(5_000));
  // Now and then longer than a pane may take to be created.
  else if (roll < 99) clock.advance(random.below(600_000));
  else clock.advance(-random.below(3_600_000));
}

const START_MS = 1_893_456_000_000;
