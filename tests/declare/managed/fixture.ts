import { onTestFinished } from 'vitest';
import { type CreatedLayout, createLayout } from '../../../src/declare/managed/create.ts';
import type { ManagedDeps } from '../../../src/declare/managed/deps.ts';
import type { Catalog } from '../../../src/declare/prepare.ts';
import type { AgentTowerError } from '../../../src/domain/errors.ts';
import type { StoredEvent } from '../../../src/domain/events.ts';
import type { AgentId, ContainerId } from '../../../src/domain/ids.ts';
import type { Observation } from '../../../src/domain/observed.ts';
import type { FailedStage, PaneState } from '../../../src/domain/states.ts';
import { BUILT_IN_TEMPLATES } from '../../../src/domain/templates.ts';
import type { OpOutcome, TmuxOp } from '../../../src/domain/tmux-ops.ts';
import { type MemoryStore, openMemoryStore } from '../../../src/drivers/store/memory-store.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { changePaneState } from '../../../src/reconcile/record.ts';
import { EPOCH, LOCAL } from '../../support/builders.ts';

export const HOST = { kind: 'host' } as const;
export const NOWHERE = { kind: 'container', container: undefined } as const;

export interface Managed {
  readonly deps: ManagedDeps;
  readonly store: MemoryStore;
  readonly clock: Clock & { advance(ms: number): void };
  /** Containers that were woken, in order. */
  readonly woken: ContainerId[];
  /** What was sent to tmux. */
  readonly sent: TmuxOp[];
  /** Names of the tmux sessions there are; `undefined` while tmux cannot be seen. */
  sessions: readonly string[] | undefined;
  /** What was seen before tmux was given its work; unset while it has none. */
  seenBeforeWork: Observation | undefined;
  /** A pass over the container is under way, and does not end. */
  isBusy: boolean;
  /** What tmux makes of what it is sent. */
  answer: (ops: readonly TmuxOp[]) => Promise<readonly OpOutcome[]>;
  catalog: Catalog;
  create(changes?: Partial<Parameters<typeof createLayout>[0]>): Promise<CreatedLayout>;
  /** What the loop would write: the pane has reached this state. */
  settle(pane: string, state: PaneState, stage?: FailedStage): void;
  events(): readonly StoredEvent[];
}

/** The service on a store in memory, in a world that consists of session names. */
export function makeManaged(maxLayouts = 40): Managed {
  let now = 1_700_000_000_000;
  let serial = 0;
  const uuid = (): string => {
    serial += 1;
    return `00000000-0000-4000-8000-${serial.toString(16).padStart(12, '0')}`;
  };
  const clock = {
    now: () => now,
    monotonic: () => now,
    sleep: () => new Promise<void>(() => {}),
    advance: (ms: number) => {
      now += ms;
    },
  };
  const store = openMemoryStore({ clock, uuid });
  onTestFinished(() => store.close());
  const observe = async (container: ContainerId): Promise<Observation> => {
    if (world.sessions === undefined) {
      return { kind: 'unknown', container, reason: 'TmuxFailed', message: 'no answer' };
    }
    const sessions = world.sessions.map((name, index) => ({ id: `$${index}` as never, name }));
    return { kind: 'seen', container, epoch: EPOCH, sessions, panes: [] };
  };
  const world: Managed = {
    store,
    clock,
    woken: [],
    sent: [],
    sessions: [],
    seenBeforeWork: undefined,
    isBusy: false,
    answer: async (ops) => ops.map(() => ({ kind: 'done' })),
    catalog: { templates: BUILT_IN_TEMPLATES, profiles: [] },
    deps: {
      store,
      managed: store.managed,
      clock,
      ids: { uuid, agentId: () => `agt_${uuid().slice(-12)}` as AgentId },
      maxLayouts,
      catalog: () => world.catalog,
      resolveContainer: (name) => (name === LOCAL ? LOCAL : undefined),
      wireContainerId: (container) => container,
      containerProblem: () => undefined,
      wake: (container) => void world.woken.push(container),
      observe,
      seenBeforeWork: () => world.seenBeforeWork,
      turns: {
        takeWithin: async (_container, _patienceMs, work) => (world.isBusy ? undefined : work()),
      },
      runTmux: async (_container, ops) => {
        world.sent.push(...ops);
        return world.answer(ops);
      },
    },
    create: (changes = {}) =>
      createLayout(
        { container: LOCAL, template: '1m+2s', session: 'pay', overrides: {}, ...changes },
        HOST,
        world.deps,
      ),
    settle: (id, state, stage) => {
      const pane = store
        .layouts()
        .flatMap((layout) => layout.slots.map((slot) => ({ layout, slot })))
        .find(({ slot }) => slot.pane?.id === id);
      if (pane?.slot.pane === undefined) throw new Error(`no pane ${id}`);
      const { layout } = pane;
      const row = pane.slot.pane;
      store.transact((tx) => {
        const tmuxPaneId = `%${Number.parseInt(row.id.slice(-4), 16)}` as never;
        if (row.epoch === undefined) tx.updatePane(row.id, { epoch: EPOCH, tmuxPaneId, pid: 9 });
        tx.registerAgent(row.id);
        changePaneState(tx, {
          layout: layout.id,
          pane: row,
          to: state,
          ...(stage && { stage }),
        });
      });
    },
    events: () => store.eventsAfter(0, 1_000),
  };
  return world;
}

/** The refusal of a call, as code and details. */
export async function refusal(call: () => unknown): Promise<object> {
  try {
    await call();
  } catch (error) {
    const { code, details } = error as AgentTowerError;
    if (code === undefined) throw error;
    return { code, details };
  }
  throw new Error('it was not refused');
}
