import {
  computeChanges,
  type DeclaredLayout,
  type LayoutChange,
} from '../../src/declare/changes.ts';
import { deleteLayouts } from '../../src/declare/delete-layouts.ts';
import type { ManagedDeps } from '../../src/declare/managed/deps.ts';
import { recreatePane } from '../../src/declare/managed/recreate.ts';
import { removePane } from '../../src/declare/managed/remove.ts';
import {
  type OperateDeps,
  restartSlots,
  resumeLayout,
  startSlots,
  stopSlots,
  suspendLayout,
} from '../../src/declare/operate.ts';
import { decidePrune } from '../../src/declare/prune.ts';
import { recordChange, recordDeletion } from '../../src/declare/record-changes.ts';
import { AgentTowerError } from '../../src/domain/errors.ts';
import type { PaneId } from '../../src/domain/ids.ts';
import type { LayoutRecord, SourceRef } from '../../src/domain/records.ts';
import type { LayoutSpec, SlotSpec } from '../../src/domain/spec.ts';
import type { Random } from './random.ts';
import { openSimTurns, sendAsRequest } from './requests.ts';
import { watchStore } from './watched-store.ts';
import { Violation, type World } from './world.ts';

/** What an operator was told is done, and must therefore stay so. */
interface Acknowledged {
  spec: string;
  isDeleted: boolean;
  isSuspended: boolean;
  readonly holds: Map<string, number | undefined>;
  /** Slot key → the incarnation that was to be replaced. */
  readonly restarts: Map<string, PaneId>;
}

export interface Operator {
  /** One edit of the desired state, drawn by chance; refusals are answers. */
  act(): void;
  /** No pass is under way: what waited for its turn has it. To be called before the next step. */
  finish(): Promise<void>;
  /** Everything acknowledged so far is still recorded. */
  check(): void;
  acknowledged(layoutId: string): Acknowledged | undefined;
}

const SOURCE: SourceRef = { kind: 'directory', name: 'fleet', path: 'fleet.yaml:1' };
const APPLY: SourceRef = { kind: 'apply', name: 'apply', path: 'team.yaml:1' };

/** An operator with at most three layouts in mind, some applied by hand and some kept in a source. */
export function makeOperator(world: World): Operator {
  const { random } = world;
  const store = watchStore(world, undefined);
  const deps: OperateDeps = { store, clock: world.clock, wake: () => undefined };
  const managed: ManagedDeps = {
    ...deps,
    managed: world.store.managed,
    ids: world.ids,
    maxLayouts: 40,
    catalog: () => ({ templates: [], profiles: [] }),
    resolveContainer: () => undefined,
    seenBeforeWork: () => undefined,
    wireContainerId: (container) => container,
    containerProblem: () => undefined,
    observe: async (container) => ({
      kind: 'unknown',
      container,
      reason: 'TmuxFailed',
      message: 'not looked at',
    }),
    turns: { takeWithin: (_container, _patienceMs, work) => turns.take(work) },
    runTmux: (container, ops) => sendAsRequest(world, container, ops),
  };
  const turns = openSimTurns(random);
  /** Removals under way: what they come to is known when their turns are over. */
  let removals: Promise<void>[] = [];
  const plans = NAMES.slice(0, random.oneOf([1, 1, 1, 2, 3])).map((name) => ({
    name,
    container: random.oneOf(world.sites).container.options.container,
    source: random.chance(0.3) ? SOURCE : APPLY,
  }));
  /** What the source holds now. */
  const held = new Map<string, DeclaredLayout>();
  const told = new Map<string, Acknowledged>();
  const checked = new Map<string, LayoutRecord>();
  /** Specs that were compared with what was acknowledged; the store gives equal ones as one object. */
  const compared = new WeakMap<object, string>();

  return { act, finish, check, acknowledged: (id) => told.get(id) };

  async function finish(): Promise<void> {
    if (removals.length === 0) return;
    turns.open();
    await Promise.all(removals);
    removals = [];
  }

  function act(): void {
    try {
      const layouts = store.layouts();
      const layout = random.pick(layouts);
      if (layout === undefined || random.chance(0.3)) edit(layouts);
      else operate(layout);
    } catch (error) {
      if (!(error instanceof AgentTowerError)) throw error;
      world.note(() => `  refused: ${error.message}`);
    }
  }

  // --- declaring ------------------------------------------------------------------------------------------------------

  function edit(layouts: readonly LayoutRecord[]): void {
    const plan = random.pick(plans);
    if (plan === undefined) return;
    const before = layouts.find(
      ({ spec, container }) => spec.name === plan.name && container === plan.container,
    );
    const spec = before === undefined ? makeSpec(random, plan.name) : editSpec(random, before.spec);
    // Now and then two sources declare the same layout: the first keeps it, unless it is taken over.
    const isClaim = random.chance(0.05);
    const other = plan.source === APPLY ? SOURCE : APPLY;
    const source = isClaim ? other : plan.source;
    const declared = { spec, container: plan.container, source };
    world.note(() => `declare ${plan.name} (${source.name}): ${describeSpec(spec)}`);
    if (source === SOURCE) held.set(plan.name, declared);
    record(
      source === SOURCE ? [...held.values()] : [declared],
      source,
      isClaim && random.chance(0.5),
    );
  }

  /** What `apply` and the sources do once their files are understood. */
  function record(
    declared: readonly DeclaredLayout[],
    source: SourceRef,
    takeOwnership = false,
  ): void {
    const existing = store.layouts();
    const { changes, refusals } = computeChanges({
      existing,
      declared,
      takeOwnership,
      isAbandoned: () => false,
      skipsClashes: false,
    });
    const [refused] = refusals;
    if (refused !== undefined) throw refused;
    const prune = decidePrune({
      source,
      existing,
      declared,
      changes,
      enabled: source.kind !== 'apply',
      allowEmpty: random.chance(0.7),
      allLoaded: random.chance(0.9),
      isUnmatched: () => false,
      isEmpty: declared.length === 0,
    });
    store.transact((tx) => {
      for (const change of changes)
        recordChange(tx, change, { ids: world.ids, wireContainerId: (container) => container });
      for (const layout of prune.layouts) {
        if (prune.kind === 'allowed') {
          recordDeletion(tx, layout, { reason: 'NoLongerDeclared', at: world.clock.now() });
        } else tx.updateLayout(layout.id, { pruneBlocked: prune.message });
      }
    });
    for (const change of changes) acknowledgeChange(change);
    if (prune.kind === 'allowed') for (const { id } of prune.layouts) deleted(id);
  }

  function acknowledgeChange(change: LayoutChange): void {
    if (change.kind === 'unchanged' || change.kind === 'conflict') return;
    const { spec, container } = change.declared;
    const now = store
      .layouts()
      .find((one) => one.spec.name === spec.name && one.container === container);
    if (now === undefined) throw new Violation('I7', `the layout ${spec.name} was not recorded`);
    const known = told.get(now.id);
    const text = JSON.stringify(spec);
    if (known === undefined) {
      told.set(now.id, {
        spec: text,
        isDeleted: false,
        isSuspended: false,
        holds: new Map(),
        restarts: new Map(),
      });
      return;
    }
    known.spec = text;
    // Holds end with the declaration, also with one that comes back before its panes are gone.
    if (known.isDeleted) known.holds.clear();
    known.isDeleted = false;
    const keys = new Set(spec.slots.map(({ key }) => key));
    for (const key of known.holds.keys()) if (!keys.has(key)) known.holds.delete(key);
    for (const key of known.restarts.keys()) if (!keys.has(key)) known.restarts.delete(key);
  }

  // --- operating ------------------------------------------------------------------------------------------------------

  function operate(layout: LayoutRecord): void {
    const { name } = layout.spec;
    const address = { name, container: layout.container };
    const known = told.get(layout.id);
    const slots = layout.slots.filter(({ declared }) => declared);
    const slot = random.chance(0.7) ? random.pick(slots) : undefined;
    const target = { ...address, ...(slot && { slot: slot.key }) };
    const keys = slot === undefined ? slots.map(({ key }) => key) : [slot.key];
    const verb = random.pick(VERBS) ?? 'restart';
    world.note(() => `${verb} ${name}${slot === undefined ? '' : `/${slot.key}`}`);
    switch (verb) {
      case 'stop': {
        const forMs = random.chance(0.6) ? 1_000 + random.below(120_000) : undefined;
        stopSlots(target, { by: 'op', reason: '', ...(forMs && { forMs }) }, deps);
        for (const key of keys) {
          known?.holds.set(key, forMs === undefined ? undefined : world.clock.now() + forMs);
          known?.restarts.delete(key);
        }
        return;
      }
      case 'start':
        startSlots(target, 'op', deps);
        for (const key of keys) known?.holds.delete(key);
        return;
      case 'restart':
        restartSlots(target, 'op', deps);
        for (const { key, pane } of slots.filter((one) => keys.includes(one.key))) {
          known?.holds.delete(key);
          if (pane !== undefined) known?.restarts.set(key, pane.id);
        }
        return;
      case 'remove': {
        const pane = slot?.pane;
        if (slot === undefined || pane === undefined || pane.state === 'creating') return;
        if (pane.state === 'removed') return;
        const removal = remove(layout.id, slot.key, pane.id);
        // What went wrong is thrown when it is waited for.
        removal.catch(() => undefined);
        removals.push(removal);
        return;
      }
      case 'recreate': {
        const pane = slot?.pane;
        if (slot === undefined || pane === undefined || layout.deleting !== undefined) return;
        recreatePane({ predecessor: pane.id }, { kind: 'host' }, managed);
        known?.holds.delete(slot.key);
        known?.restarts.delete(slot.key);
        return;
      }
      case 'suspend':
        suspendLayout(address, { by: 'op', reason: '' }, deps);
        if (known !== undefined) known.isSuspended = true;
        return;
      case 'resume':
        // Resuming is recorded even when the manifest goes on suspending, which is then refused.
        if (known !== undefined) known.isSuspended = false;
        resumeLayout(address, 'op', deps);
        return;
      case 'delete':
        if (layout.source.kind === 'directory') {
          held.delete(name);
          record([...held.values()], SOURCE);
          return;
        }
        deleteLayouts([address], deps);
        deleted(layout.id);
    }
  }

  async function remove(id: string, key: string, pane: PaneId): Promise<void> {
    await removePane(pane, { kind: 'host' }, managed);
    const slot = store
      .layouts()
      .find((layout) => layout.id === id)
      ?.slots.find((one) => one.key === key);
    // Another incarnation is in its place by now, or another hold: what was said later counts.
    if (slot?.pane?.id !== pane || slot.hold?.reason !== 'removed') return;
    const known = told.get(id);
    known?.holds.set(key, undefined);
    known?.restarts.delete(key);
  }

  function deleted(id: string): void {
    const known = told.get(id);
    if (known !== undefined) known.isDeleted = true;
  }

  // --- checking -------------------------------------------------------------------------------------------------------

  function check(): void {
    const layouts = store.layouts();
    for (const layout of layouts) {
      if (checked.get(layout.id) === layout) continue;
      checked.set(layout.id, layout);
      checkLayout(layout);
    }
    for (const [id, known] of told) {
      if (layouts.some((layout) => layout.id === id)) continue;
      if (!known.isDeleted) throw new Violation('I7', `the layout ${id} is gone and nobody asked`);
      told.delete(id);
    }
  }

  function checkLayout(layout: LayoutRecord): void {
    const known = told.get(layout.id);
    const { name } = layout.spec;
    if (known === undefined) throw new Violation('I7', `the layout ${name} came from nowhere`);
    const suspended = layout.suspended !== undefined;
    if (compared.get(layout.spec) !== known.spec) {
      if (JSON.stringify(layout.spec) !== known.spec)
        throw new Violation('I7', `${name}: spec lost`);
      compared.set(layout.spec, known.spec);
    }
    if (suspended !== known.isSuspended) throw new Violation('I7', `${name}: suspension lost`);
    if ((layout.deleting !== undefined) !== known.isDeleted) {
      throw new Violation('I7', `${name}: deletion lost`);
    }
    if (layout.observedGeneration > layout.generation) {
      throw new Violation('I10', `${name} has observed a generation that does not exist`);
    }
    for (const slot of layout.slots) {
      if (!known.holds.has(slot.key) || !slot.declared) continue;
      const until = known.holds.get(slot.key);
      if (slot.hold !== undefined) continue;
      const isOver = until !== undefined && until <= world.clock.now();
      if (!isOver) throw new Violation('I7', `${name}/${slot.key}: the hold was lost`);
      known.holds.delete(slot.key);
    }
  }
}

const NAMES = ['ape', 'bee', 'cat'] as const;
const KEYS = ['m1', 's1', 's2', 's3'] as const;
const VERBS = [
  'stop',
  'stop',
  'start',
  'start',
  'restart',
  'restart',
  'remove',
  'remove',
  'recreate',
  'recreate',
  'recreate',
  'suspend',
  'resume',
  'resume',
  'delete',
] as const;

function makeSpec(random: Random, name: string): LayoutSpec {
  const count = random.oneOf([1, 1, 2, 2, 3, 4]);
  return {
    name,
    container: 'box',
    session: name,
    labels: {},
    slots: KEYS.slice(0, count).map((key, index) => makeSlot(random, { name, key, index })),
    arrangement: 'tiled',
    updateStrategy: {
      type: random.chance(0.85) ? 'RollingUpdate' : 'OnDelete',
      maxUnavailable: 1 + random.below(2),
    },
    suspend: false,
  };
}

function makeSlot(
  random: Random,
  { name, key, index }: { readonly name: string; readonly key: string; readonly index: number },
): SlotSpec {
  return {
    key,
    label: `${name}-${key}`,
    role: 'slave',
    capability: 'worker',
    command: ['agent', '1'],
    env: {},
    log: random.chance(0.3),
    after: index > 0 && random.chance(0.2) ? [KEYS[0]] : [],
    restartPolicy: random.oneOf(['Always', 'Always', 'Always', 'OnFailure', 'Never']),
    onRemove: random.chance(0.15) ? 'orphan' : 'kill',
    settleMs: random.chance(0.2) ? 0 : 1_000,
  };
}

/** The spec with one thing changed, in any of the ways that are treated differently. */
function editSpec(random: Random, spec: LayoutSpec): LayoutSpec {
  const { name, slots } = spec;
  const index = random.below(slots.length);
  const onSlot = (change: (slot: SlotSpec) => Partial<SlotSpec>): LayoutSpec => ({
    ...spec,
    slots: slots.map((slot, at) => (at === index ? { ...slot, ...change(slot) } : slot)),
  });
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return onSlot(() => ({ command: ['agent', String(random.below(9))] }));
    case 3:
      return onSlot(({ key }) => ({ label: `${name}-${key}-${random.below(3)}` }));
    case 4:
      return onSlot(({ log }) => ({ log: !log }));
    case 5:
      return { ...spec, arrangement: random.oneOf(['tiled', 'even-vertical', 'no-such-layout']) };
    case 6:
      return { ...spec, session: random.oneOf([name, `${name}2`, 'theirs']) };
    case 7:
      if (random.chance(0.3))
        return onSlot(() => ({ workingDir: random.oneOf(['/srv', '/home']) }));
      return onSlot(() => ({ restartPolicy: random.oneOf(['Always', 'OnFailure', 'Never']) }));
    case 8:
      return { ...spec, suspend: !spec.suspend };
    case 9: {
      if (slots.length === 1) return spec;
      const left = slots.filter((_slot, at) => at !== index);
      const keys = new Set(left.map(({ key }) => key));
      return {
        ...spec,
        slots: left.map((slot) => ({ ...slot, after: slot.after.filter((key) => keys.has(key)) })),
      };
    }
    case 10:
      return onSlot(({ onRemove }) => ({ onRemove: onRemove === 'kill' ? 'orphan' : 'kill' }));
    default: {
      const free = KEYS.filter((key) => !slots.some((slot) => slot.key === key));
      const key = random.pick(free);
      if (key === undefined) return spec;
      const slot = makeSlot(random, { name, key, index: 0 });
      return { ...spec, slots: random.chance(0.5) ? [...slots, slot] : [slot, ...slots] };
    }
  }
}

function describeSpec(spec: LayoutSpec): string {
  const slots = spec.slots.map(
    ({ key, label, command, restartPolicy, after, log, onRemove }) =>
      `${key}(${label} ${command.join(' ')} ${restartPolicy}${after.length > 0 ? ` after ${after.join()}` : ''}${log ? ' log' : ''}${onRemove === 'orphan' ? ' orphan' : ''})`,
  );
  const { type, maxUnavailable } = spec.updateStrategy;
  const flags = `${type}/${maxUnavailable}${spec.suspend ? ' suspended' : ''}`;
  return `session ${spec.session}, ${spec.arrangement}, ${flags}: ${slots.join(' ')}`;
}
