import { tmuxSessionName } from '../../src/domain/ids.ts';
import { findCondition, isTrue } from '../../src/domain/status.ts';
import { isCleanExit } from '../../src/plan/backoff.ts';
import type { PassResult } from '../../src/reconcile/pass.ts';
import { landLate } from './faulty-tmux.ts';
import { type Placed, reasonUnwanted } from './invariants.ts';
import type { Operator } from './operator.ts';
import { makeCalmFaults } from './pass-faults.ts';
import { heal } from './people.ts';
import { runPass } from './run-pass.ts';
import type { SimPane } from './sim-tmux.ts';
import { type Site, Violation, type World } from './world.ts';

/** Passes after which everything must have come right: creates, retries, rollouts, back-offs. */
const MAX_PASSES = 150;
/** Longer than every window, hold and back-off there is. */
const LONG_MS = 15 * 60_000;
const QUIET_PASSES = 20;

/** The faults stop. Everything desired is reached, nothing else is left, and then nothing more happens. */
export async function settle(world: World, operator: Operator): Promise<void> {
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

// --- what must be true in the end -------------------------------------------------------------------------------------

type Standing = ReadonlyMap<string, readonly SimPane[]>;

function checkReached(world: World, site: Site, operator: Operator): void {
  const { container } = site;
  const layouts = world.store.layoutsOf(container.options.container);
  const standing = groupBySlot(world, site);
  const current = new Set(layouts.flatMap(({ slots }) => slots.map(({ pane }) => pane?.id)));
  const frozen = new Set(
    layouts.filter(isFrozen).flatMap(({ slots }) => slots.map(({ id }) => id as string)),
  );
  for (const [slot, panes] of standing) {
    for (const pane of panes) {
      const owner = container.ownerOf(pane);
      const isLeft = owner === undefined || !current.has(owner) || world.known.get(owner)?.hasEnded;
      if (isLeft === true && !frozen.has(slot)) {
        throw new Violation('L1', `${pane.id} (${owner}) is left over`);
      }
    }
  }
  for (const layout of layouts) {
    if (isFrozen(layout)) continue;
    if (layout.deleting !== undefined) {
      throw new Violation('L1', `${layout.spec.name} is deleted and still open`);
    }
    let isReady = layout.pruneBlocked === undefined;
    for (const slot of layout.slots) {
      const panes = standing.get(slot.id) ?? [];
      const isThere = checkSlot(world, site, { at: { layout, slot }, panes });
      isReady &&= isThere;
      const asked = operator.acknowledged(layout.id)?.restarts.get(slot.key);
      if (isThere && asked !== undefined && slot.pane?.id === asked) {
        throw new Violation('I7', `${slot.key} was to be restarted and was not`);
      }
    }
    checkStatus(layout, isReady);
  }
}

function isFrozen({ suspended, spec, deleting }: Placed['layout']): boolean {
  if (deleting?.reason === 'DeleteRequested') return false;
  return suspended !== undefined || spec.suspend;
}

function groupBySlot(world: World, site: Site): Standing {
  const groups = new Map<string, SimPane[]>();
  for (const pane of site.container.panes()) {
    const owner = site.container.ownerOf(pane);
    const slot = owner === undefined ? undefined : world.known.get(owner)?.slot;
    if (slot === undefined) continue;
    const group = groups.get(slot);
    if (group === undefined) groups.set(slot, [pane]);
    else group.push(pane);
  }
  return groups;
}

interface Checked {
  readonly at: Placed;
  readonly panes: readonly SimPane[];
}

/** Whether the slot is as declared and running; throws when it is not and nothing excuses it. */
function checkSlot(world: World, site: Site, { at, panes }: Checked): boolean {
  const { layout, slot } = at;
  const where = `${layout.spec.name}/${slot.key}`;
  const [pane] = panes;
  if (!slot.declared) throw new Violation('L1', `${where} is not declared and still open`);
  const unwanted = reasonUnwanted(world, at);
  if (unwanted !== undefined) {
    if (panes.length > 0) throw new Violation('L1', `${where} is ${unwanted} and still stands`);
    return false;
  }
  if (panes.length > 1) throw new Violation('L1', `${where} has ${panes.length} panes`);
  if (pane !== undefined && !pane.dead) return checkRunning(site, at, pane);
  const excuse = findExcuse(site, at, pane);
  if (excuse === undefined) throw new Violation('L1', `${where} is not running`);
  return false;
}

function checkRunning(site: Site, { layout, slot }: Placed, pane: SimPane): boolean {
  const where = `${layout.spec.name}/${slot.key}`;
  const row = slot.pane;
  const isReady =
    row?.state === 'ready' || (row?.state === 'degraded' && row.failedStage === 'log_attach');
  if (!isReady) throw new Violation('L1', `${where} runs and is recorded as ${row?.state}`);
  const isSame =
    row.spec.command.join() === slot.spec.command.join() &&
    row.session === layout.spec.session &&
    row.spec.label === slot.spec.label;
  // Where a person took the session's name, nothing of the layout works, and nothing that works is given up.
  const isKept =
    layout.spec.updateStrategy.type === 'OnDelete' ||
    findCondition(layout.conditions, 'Stalled')?.reason === 'SessionNameConflict';
  if (!isSame && !isKept) throw new Violation('L1', `${where} runs something else`);
  const isTitled = pane.title === row.spec.label || site.retitledLate.has(pane.id);
  if (!isTitled) throw new Violation('L1', `${where} is titled ${pane.title}`);
  return isSame && row.state === 'ready';
}

/** Why a wanted slot may stay empty, or dead, without anybody's help. */
function findExcuse(site: Site, { layout, slot }: Placed, pane: SimPane | undefined) {
  const row = slot.pane;
  const { restartPolicy } = slot.spec;
  if (row !== undefined && row.state !== 'removed' && restartPolicy === 'Never') return 'Never';
  if (pane?.dead === true) {
    if (restartPolicy === 'OnFailure' && row !== undefined && isCleanExit(row)) return 'Completed';
    // Outdated or not, a dead pane under another policy is revived.
    return layout.spec.updateStrategy.type === 'OnDelete' ? 'OnDelete' : undefined;
  }
  const name = tmuxSessionName(layout.spec.session);
  const holder = site.container.sessions().find((session) => session.name === name);
  if (holder !== undefined && holder.layoutTag?.includes(layout.id) !== true) return 'Conflict';
  if (row === undefined && slot.spec.after.length > 0) return 'Waiting';
  return undefined;
}

function checkStatus(layout: Placed['layout'], isReady: boolean): void {
  const { name } = layout.spec;
  if (isTrue(layout.conditions, 'Ready') && !isReady && layout.sync === 'Synced') {
    const isDone = layout.slots.every(({ pane }) => pane !== undefined);
    if (!isDone) throw new Violation('L2', `${name} says Ready and is not`);
  }
  if (!isReady) return;
  if (!isTrue(layout.conditions, 'Ready')) throw new Violation('L2', `${name} is not Ready`);
  if (layout.sync !== 'Synced') throw new Violation('L2', `${name} is ${layout.sync}`);
  if (layout.observedGeneration !== layout.generation) {
    throw new Violation('L2', `${name}: generation ${layout.generation} was not observed`);
  }
}
