import { epochServer, type PaneId } from '../../src/domain/ids.ts';
import type { LayoutRecord, SlotRecord } from '../../src/domain/records.ts';
import type { OpOutcome, TmuxOp } from '../../src/domain/tmux-ops.ts';
import type { PassFaults } from './pass-faults.ts';
import { renderOp } from './render-trace.ts';
import { type SimPane, serverId } from './sim-tmux.ts';
import { type Site, Violation, type World } from './world.ts';

/** An op that the daemon is about to send: it rests on a look, on a committed intention, and on somebody's wish. */
export function checkSent(world: World, op: TmuxOp, faults: PassFaults): void {
  faults.sent.push(op);
  const { truth } = faults;
  if (truth?.kind !== 'seen') {
    throw new Violation('I4', `${renderOp(op)} after a look that showed nothing`);
  }
  const epoch = op.kind === 'create' || !('guard' in op) ? op.epoch : op.guard.epoch;
  if (epoch !== truth.epoch) throw new Violation('I3', `${renderOp(op)} names another epoch`);
  for (const pane of namedPanes(op)) {
    if (!world.known.has(pane)) {
      throw new Violation('I3', `${renderOp(op)} without a committed row of ${pane}`);
    }
  }
  if (op.kind === 'create' || op.kind === 'respawn') checkWanted(world, op);
}

/** An op that tmux has just carried out or refused, whenever it was sent. */
export function checkExecuted(
  world: World,
  site: Site,
  { op, outcome }: { readonly op: TmuxOp; readonly outcome: OpOutcome },
): void {
  if (outcome.kind !== 'done' && outcome.kind !== 'error') return;
  // An arrangement that is none is never sent.
  if (op.kind === 'arrange' && outcome.kind === 'error') return;
  const { server } = site.container;
  const epoch = 'guard' in op ? op.guard.epoch : op.epoch;
  if (server !== undefined && epochServer(epoch) !== serverId(server)) {
    throw new Violation('I3', `${renderOp(op)} took effect in the life ${serverId(server)}`);
  }
  checkOnePanePerSlot(world, site);
}

/** At most one running pane for a slot, at every instant. */
export function checkOnePanePerSlot(world: World, site: Site): void {
  const taken = new Map<string, SimPane>();
  for (const pane of site.container.panes()) {
    if (pane.dead) continue;
    const owner = site.container.ownerOf(pane);
    const slot = owner === undefined ? undefined : world.known.get(owner)?.slot;
    if (slot === undefined) continue;
    const other = taken.get(slot);
    if (other !== undefined) {
      const { container } = site;
      throw new Violation(
        'I1',
        `slot ${slot} has two running panes: ${other.id} (${container.ownerOf(other)}) and ${pane.id} (${owner})`,
      );
    }
    taken.set(slot, pane);
  }
}

/** An op is about to change a pane of the world. */
export function checkTouch(world: World, op: TmuxOp, pane: SimPane): void {
  const isTheirs =
    pane.isHandMade ||
    (pane.isReleased && op.kind === 'retag' && world.known.get(op.owner)?.hasEnded === true);
  if (isTheirs) throw new Violation('I2', `${renderOp(op)} touches a person's pane`);
  if (pane.dead || (op.kind !== 'kill' && op.kind !== 'respawn')) return;
  const site = world.sites.find(({ container }) => container.panes().includes(pane));
  const owner = site?.container.ownerOf(pane);
  const known = owner === undefined ? undefined : world.known.get(owner);
  if (known === undefined)
    throw new Violation('I2', `${renderOp(op)} ends a pane that is not ours`);
  if (!known.hasEnded && !(op.kind === 'kill' && isUnwanted(world, known.slot))) {
    throw new Violation('I5', `${renderOp(op)} ends the running incarnation ${owner}`);
  }
}

/** It was said before, for good, that nothing is to run there. */
function isUnwanted(world: World, slot: string): boolean {
  const found = findSlot(world.store.layouts(), slot);
  return found === undefined || reasonUnwanted(world, found) !== undefined;
}

function checkWanted(world: World, op: Extract<TmuxOp, { kind: 'create' | 'respawn' }>): void {
  const found = findSlot(world.store.layouts(), op.fence.slot);
  if (found === undefined) throw new Violation('I6', `${renderOp(op)} for a slot that is closed`);
  const problem = reasonUnwanted(world, found);
  if (problem !== undefined) throw new Violation('I6', `${renderOp(op)} although it is ${problem}`);
}

export interface Placed {
  readonly layout: LayoutRecord;
  readonly slot: SlotRecord;
}

/** Why nothing may be started for the slot now; told from the records alone. */
export function reasonUnwanted(world: World, { layout, slot }: Placed): string | undefined {
  if (layout.deleting !== undefined) return 'deleted';
  if (!slot.declared) return 'no longer declared';
  const { hold } = slot;
  if (hold !== undefined && (hold.until === undefined || hold.until > world.clock.now())) {
    return 'held';
  }
  if (layout.suspended !== undefined || layout.spec.suspend) return 'suspended';
  return undefined;
}

export function findSlot(layouts: readonly LayoutRecord[], id: string): Placed | undefined {
  for (const layout of layouts) {
    for (const slot of layout.slots) if (slot.id === id) return { layout, slot };
  }
  return undefined;
}

export function findPane(layouts: readonly LayoutRecord[], id: PaneId): Placed | undefined {
  for (const layout of layouts) {
    for (const slot of layout.slots) if (slot.pane?.id === id) return { layout, slot };
  }
  return undefined;
}

function namedPanes(op: TmuxOp): readonly PaneId[] {
  switch (op.kind) {
    case 'create':
      return [op.pane];
    case 'respawn':
      return [op.guard.owner, op.pane];
    case 'kill':
    case 'retitle':
    case 'pipe':
    case 'release':
      return [op.guard.owner];
    case 'retag':
      return [op.owner];
    case 'arrange':
    case 'burn-fence':
      return [];
  }
}
