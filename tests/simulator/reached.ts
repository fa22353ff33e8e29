import { tmuxSessionName } from '../../src/domain/ids.ts';
import type { PaneRecord } from '../../src/domain/records.ts';
import { replaceHash } from '../../src/domain/spec.ts';
import { isTrue } from '../../src/domain/status.ts';
import { isCleanExit } from '../../src/plan/backoff.ts';
import { type Placed, reasonUnwanted } from './invariants.ts';
import type { Operator } from './operator.ts';
import type { SimPane } from './sim-tmux.ts';
import { type Site, Violation, type World } from './world.ts';

/** What became of a slot. The first two are all anybody can want; each other one has its excuse. */
type Fate =
  | 'ready'
  | 'completed'
  /** Runs, but its log could not be had, or it is out of date and may stay so. */
  | 'degraded'
  /** Ended, and its restart policy is Never. */
  | 'over'
  /** A person has a session of the name it would need. */
  | 'conflict'
  /** Its first start comes after slots that are not ready. */
  | 'waiting'
  | 'held';

/** Everything desired is there, exactly once, and nothing else of ours; what is reported says so. */
export function checkReached(world: World, site: Site, operator: Operator): void {
  const layouts = world.store.layoutsOf(site.container.options.container);
  const standing = groupBySlot(world, site);
  checkLeftovers(world, site, { layouts, standing });
  for (const layout of layouts) {
    if (isFrozen(layout)) continue;
    if (layout.deleting !== undefined) {
      throw new Violation('L1', `${layout.spec.name} is deleted and still open`);
    }
    const fates = layout.slots.map((slot) => {
      const at = { layout, slot };
      const fate = tellFate(world, site, { at, panes: standing.get(slot.id) ?? [] });
      checkRestart(at, fate, operator);
      return fate;
    });
    checkStatus(layout, fates);
  }
}

/** Suspended: nothing of it may change, whatever is declared. */
function isFrozen({ suspended, spec, deleting }: Placed['layout']): boolean {
  if (deleting?.reason === 'DeleteRequested') return false;
  return suspended !== undefined || spec.suspend;
}

type Standing = ReadonlyMap<string, readonly SimPane[]>;

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

function checkLeftovers(
  world: World,
  { container }: Site,
  {
    layouts,
    standing,
  }: { readonly layouts: readonly Placed['layout'][]; readonly standing: Standing },
): void {
  const slots = layouts.flatMap((layout) => layout.slots);
  const current = new Set(slots.map(({ pane }) => pane?.id));
  const frozen = new Set<string>(
    layouts.filter(isFrozen).flatMap((layout) => layout.slots.map(({ id }) => id)),
  );
  for (const [slot, panes] of standing) {
    for (const pane of panes) {
      const owner = container.ownerOf(pane);
      const isLeft =
        owner === undefined || !current.has(owner) || world.known.get(owner)?.hasEnded === true;
      if (isLeft && !frozen.has(slot)) {
        throw new Violation('L1', `${pane.id} (${owner}) is left over`);
      }
    }
  }
}

// --- slots --------------------------------------------------------------------------------------------------------------

interface Found {
  readonly at: Placed;
  readonly panes: readonly SimPane[];
}

function tellFate(world: World, site: Site, { at, panes }: Found): Fate {
  const where = `${at.layout.spec.name}/${at.slot.key}`;
  const [pane, second] = panes;
  if (!at.slot.declared) throw new Violation('L1', `${where} is not declared and still open`);
  if (reasonUnwanted(world, at) !== undefined) {
    if (pane !== undefined) throw new Violation('L1', `${where} is held and still stands`);
    return 'held';
  }
  if (second !== undefined) throw new Violation('L1', `${where} has ${panes.length} panes`);
  if (pane === undefined) return tellEmpty(site, at);
  return pane.dead ? tellDead(at) : tellRunning(site, at, pane);
}

function tellRunning(site: Site, at: Placed, pane: SimPane): Fate {
  const { layout, slot } = at;
  const where = `${layout.spec.name}/${slot.key}`;
  const row = slot.pane;
  const isUnlogged = row?.state === 'degraded' && row.failedStage === 'log_attach';
  if (row === undefined || (row.state !== 'ready' && !isUnlogged)) {
    throw new Violation('L1', `${where} runs and is recorded as ${row?.state}`);
  }
  const titles = [row.spec.label, slot.spec.label];
  if (!titles.includes(pane.title) && !site.retitledLate.has(pane.id))
    throw new Violation('L1', `${where} is titled ${pane.title}`);
  if (isUpToDate(at) && row.spec.label === slot.spec.label)
    return isUnlogged && lacksLog(row) ? 'degraded' : 'ready';
  // Where a person took the session's name, nothing that works is given up.
  const mayStay =
    isOnDelete(at) || layout.slots.some((one) => isConflict(site, { layout, slot: one }));
  if (!mayStay) throw new Violation('L1', `${where} runs something else`);
  return 'degraded';
}

/** What could not be had at first may have come with an edit, or may no longer be asked for. */
function lacksLog({ spec, logPath, problem }: PaneRecord): boolean {
  return spec.log && (logPath === undefined || problem !== undefined);
}

function tellDead(at: Placed): Fate {
  const { layout, slot } = at;
  const { restartPolicy } = slot.spec;
  const row = slot.pane;
  const where = `${layout.spec.name}/${slot.key}`;
  if (row === undefined || restartPolicy === 'Always' || (!isUpToDate(at) && !isOnDelete(at))) {
    throw new Violation('L1', `${where} stays dead`);
  }
  if (isCleanExit(row)) return isUpToDate(at) ? 'completed' : 'over';
  if (restartPolicy === 'Never') return 'over';
  throw new Violation('L1', `${where} stays dead after a failure`);
}

function tellEmpty(site: Site, at: Placed): Fate {
  const { layout, slot } = at;
  if (isConflict(site, at)) return 'conflict';
  const row = slot.pane;
  const isOver = row?.state === 'failed' && slot.spec.restartPolicy === 'Never';
  if (isOver && isUpToDate(at)) return 'over';
  const isWaiting = slot.spec.after.some((key) => {
    const other = layout.slots.find((one) => one.key === key);
    return other?.pane?.state !== 'ready';
  });
  if (row === undefined && isWaiting) return 'waiting';
  throw new Violation('L1', `${layout.spec.name}/${slot.key} is not there`);
}

function isConflict({ container }: Site, { layout, slot }: Placed): boolean {
  const name = tmuxSessionName(layout.spec.session);
  const holder = container.sessions().find((session) => session.name === name);
  const isForeign = holder !== undefined && holder.layoutTag?.includes(layout.id) !== true;
  return isForeign && slot.declared;
}

function isUpToDate({ layout, slot }: Placed): boolean {
  const { pane } = slot;
  if (pane === undefined) return false;
  return pane.replaceHash === replaceHash(slot.spec) && pane.session === layout.spec.session;
}

function isOnDelete({ layout }: Placed): boolean {
  return layout.spec.updateStrategy.type === 'OnDelete';
}

/** A restart that was acknowledged has happened, whatever else has. */
function checkRestart({ layout, slot }: Placed, fate: Fate, operator: Operator): void {
  const replaced = operator.acknowledged(layout.id)?.restarts.get(slot.key);
  if (replaced === undefined || slot.pane?.id !== replaced) return;
  if (fate === 'held' || fate === 'conflict') return;
  throw new Violation('I7', `${slot.key} was to be restarted and was not`);
}

// --- what is said of them -----------------------------------------------------------------------------------------------

function checkStatus(layout: Placed['layout'], fates: readonly Fate[]): void {
  const { spec, conditions, sync, generation, observedGeneration } = layout;
  const isDone = fates.every((fate) => fate === 'ready' || fate === 'completed');
  const isReady = isDone && layout.pruneBlocked === undefined;
  if (isTrue(conditions, 'Ready') !== isReady) {
    throw new Violation('L2', `${spec.name} is ${fates.join()} and says Ready=${!isReady}`);
  }
  if (!isReady) return;
  if (sync !== 'Synced') throw new Violation('L2', `${spec.name} is ready and ${sync}`);
  if (observedGeneration !== generation) {
    throw new Violation('L2', `${spec.name}: generation ${generation} was not observed`);
  }
}
