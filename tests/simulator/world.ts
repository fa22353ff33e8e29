import type { AgentId, ContainerId, PaneId, SlotId, TmuxPaneId } from '../../src/domain/ids.ts';
import type { SeenObservation } from '../../src/domain/observed.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import type { TmuxOp } from '../../src/domain/tmux-ops.ts';
import { type MemoryStore, openMemoryStore } from '../../src/drivers/store/memory-store.ts';
import type { Clock } from '../../src/lib/clock.ts';
import type { PassResult } from '../../src/reconcile/pass.ts';
import type { Directories, Ids, PaneLogs } from '../../src/reconcile/ports.ts';
import { makeRandom, type Random } from './random.ts';
import { type BrokenGuards, SimContainer } from './sim-tmux.ts';

/** A rule that must always hold did not. */
export class Violation extends Error {
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}

/** The daemon died here: whatever it had in memory is gone. */
export class Crash extends Error {
  constructor(where: string) {
    super(`the daemon crashed ${where}`);
    this.name = 'Crash';
  }
}

/** Things done wrong on purpose; the simulator has to notice each. */
export interface Broken extends BrokenGuards {
  /** A failed look is taken for an empty server. */
  readonly unknownIsEmpty?: boolean;
  /** Panes of ended incarnations are not recognized. */
  readonly leftoversStay?: boolean;
  /** Intentions are committed after tmux was told. */
  readonly intentAfterOp?: boolean;
  /** What was settled once counts as settled until something is seen or written. */
  readonly believesForEver?: boolean;
}

/** Where a recorded incarnation belongs, as far as transactions have committed. */
export interface KnownPane {
  readonly slot: SlotId;
  hasEnded: boolean;
}

interface LateOp {
  readonly op: TmuxOp;
  readonly due: number;
}

/** One container with everything that is under way to it. */
export interface Site {
  readonly container: SimContainer;
  /** Commands that were sent and not answered; they land when their step has come and a server is there. */
  late: LateOp[];
  /** Panes that got a title late: it may be an older one, and titles are not corrected. */
  readonly retitledLate: Set<TmuxPaneId>;
  /** What the daemon keeps of its last pass, and of the last thing tmux said, while it lives. */
  last: PassResult | undefined;
  said: { readonly text: string; readonly seen: SeenObservation } | undefined;
}

/** How bad it gets in one run; drawn from its seed, so that each kind of trouble has runs of its own. */
export interface Weather {
  /** Of passes: the daemon dies in it; commands of it are lost, late, repeated or unanswered; its look fails. */
  readonly crashes: number;
  readonly badLines: number;
  readonly failedLooks: number;
  /** Of passes: others act while it waits. */
  readonly interruptions: number;
  /** Of disturbances: it is the machine's (tmux killed, container stopped), not a person's. */
  readonly machine: number;
  /** Longest time a late command is under way. Steps. */
  readonly lateness: number;
}

/** Everything of one run: made from the seed, thrown away with it. The store alone is used again and again. */
export interface World {
  readonly seed: number;
  readonly random: Random;
  readonly clock: Clock & {
    advance(ms: number): void;
    /** The latest time it ever showed. */
    latest(): number;
  };
  readonly policy: Policy;
  readonly ids: Ids;
  readonly logs: PaneLogs;
  readonly directories: Directories;
  readonly store: MemoryStore;
  readonly sites: readonly [Site, ...Site[]];
  readonly broken: Broken;
  readonly weather: Weather;
  /** The faults have stopped for good. */
  isCalm: boolean;
  readonly known: Map<PaneId, KnownPane>;
  readonly counts: { step: number; ops: number; writes: number; passes: number };
  readonly trace: string[] | undefined;
  /** Adds a line to the trace; the text is only made when somebody reads it. */
  note(line: () => string): void;
}

export interface WorldOptions {
  readonly seed: number;
  readonly broken?: Broken;
  readonly traced?: boolean;
  /** Called just before an op of ours changes a pane of the world. */
  readonly onTouch: (world: World, op: TmuxOp, pane: Parameters<TouchHook>[1]) => void;
}

type TouchHook = NonNullable<SimContainer['options']['onTouch']>;

/** When every virtual history begins: 2030-01-01. */
const EPOCH_MS = 1_893_456_000_000;

interface Shared {
  store: MemoryStore | undefined;
  now: number;
  latest: number;
  serial: number;
}

// One store per process: making its tables takes longer than a whole run.
const shared: Shared = { store: undefined, now: EPOCH_MS, latest: EPOCH_MS, serial: 0 };

const clock: World['clock'] = {
  now: () => shared.now,
  monotonic: () => shared.now,
  sleep: async () => undefined,
  advance: (ms) => {
    shared.now += ms;
    shared.latest = Math.max(shared.latest, shared.now);
  },
  latest: () => shared.latest,
};

function uuid(): string {
  shared.serial += 1;
  return `00000000-0000-4000-8000-${shared.serial.toString(16).padStart(12, '0')}`;
}

const ids: Ids = {
  uuid,
  agentId: () => `agt_${uuid().slice(-12)}` as AgentId,
};

export function makeWorld(options: WorldOptions): World {
  shared.now = EPOCH_MS;
  shared.latest = EPOCH_MS;
  shared.store ??= openMemoryStore({ clock, uuid });
  shared.serial = 0;
  const { store } = shared;
  store.reset();
  const random = makeRandom(options.seed);
  const { broken = {} } = options;
  const trace: string[] | undefined = options.traced === true ? [] : undefined;
  const world: World = {
    seed: options.seed,
    random,
    clock,
    policy: DEFAULT_POLICY,
    ids,
    logs: {
      prepare: (_container, agent) =>
        !world.isCalm && random.chance(0.05) ? { problem: 'no room' } : { path: `/log/${agent}` },
    },
    directories: {
      problem: () =>
        !world.isCalm && random.chance(0.3) ? 'there is no such directory' : undefined,
    },
    store,
    sites: [makeSite('box1'), ...(random.chance(0.2) ? [makeSite('box2')] : [])],
    broken,
    weather: drawWeather(random),
    isCalm: false,
    known: new Map(),
    counts: { step: 0, ops: 0, writes: 0, passes: 0 },
    trace,
    note: (line) => trace?.push(line()),
  };
  return world;

  function makeSite(name: string): Site {
    const container = new SimContainer({
      container: name as ContainerId,
      installation: store.installation,
      broken,
      onTouch: (op, pane) => options.onTouch(world, op, pane),
    });
    return { container, late: [], retitledLate: new Set(), last: undefined, said: undefined };
  }
}

function drawWeather(random: Random): Weather {
  return {
    crashes: random.oneOf([0, 0.1, 0.1, 0.35]),
    badLines: random.oneOf([0, 0.2, 0.3, 0.8]),
    failedLooks: random.oneOf([0, 0.07, 0.07, 0.25]),
    interruptions: random.oneOf([0, 0.15, 0.15, 0.5]),
    machine: random.oneOf([0, 0.15, 0.15, 0.5]),
    lateness: random.oneOf([4, 12, 12, 40]),
  };
}
