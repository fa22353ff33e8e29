import { onTestFinished } from 'vitest';
import type { NewEvent, StoredEvent } from '../../src/domain/events.ts';
import type { AgentId, PaneId, TmuxPaneId } from '../../src/domain/ids.ts';
import { epochServer } from '../../src/domain/ids.ts';
import type { Observation, ObservedPane } from '../../src/domain/observed.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import type { LayoutRecord, PaneRecord, SlotRecord } from '../../src/domain/records.ts';
import type { OpOutcome, TmuxOp } from '../../src/domain/tmux-ops.ts';
import { type MemoryStore, openMemoryStore } from '../../src/drivers/store/memory-store.ts';
import { type PassResult, reconcile } from '../../src/reconcile/pass.ts';
import type {
  LayoutPatch,
  PaneLogs,
  PanePatch,
  SlotPatch,
  Store,
  TmuxServer,
} from '../../src/reconcile/ports.ts';
import {
  aLayout,
  aSeenPane,
  aSlot,
  EPOCH,
  type LayoutChanges,
  LOCAL,
  type SlotChanges,
  seen,
} from '../support/builders.ts';
import { type VirtualClock, virtualClock } from '../support/virtual-clock.ts';

/** What tmux is to answer to an op instead of doing it; `undefined` lets it be done. */
type Script = (op: TmuxOp) => OpOutcome | undefined;

/** Does what it is told with a list of panes, unless its script says otherwise. Guards are taken to hold. */
export class FakeTmux implements TmuxServer {
  panes: readonly ObservedPane[] = [];
  /** Answered by every look instead of the panes. */
  shows: Observation | undefined;
  script: Script = () => undefined;
  /** Called when a batch arrives, before it is done. */
  onRun: (ops: readonly TmuxOp[]) => void | Promise<void> = () => {};
  onLook: () => Promise<void> = async () => {};
  looks = 0;
  readonly batches: TmuxOp[][] = [];
  #made = 0;

  async look(): Promise<Observation> {
    this.looks += 1;
    await this.onLook();
    return this.shows ?? seen(this.panes);
  }

  async run(ops: readonly TmuxOp[]): Promise<readonly OpOutcome[]> {
    this.batches.push([...ops]);
    await this.onRun(ops);
    return ops.map((op) => this.script(op) ?? this.#apply(op));
  }

  get ops(): readonly TmuxOp[] {
    return this.batches.flat();
  }

  #apply(op: TmuxOp): OpOutcome {
    switch (op.kind) {
      case 'create': {
        const id = `%${(this.#made += 1)}` as TmuxPaneId;
        return this.#start(
          aSeenPane('any', {
            id,
            title: op.title,
            pid: 500 + this.#made,
            piped: op.process.logFile !== undefined,
          }),
          op.pane,
        );
      }
      case 'respawn': {
        const old = this.panes.find(({ id }) => id === op.guard.pane) ?? aSeenPane('gone');
        this.panes = this.panes.filter((pane) => pane !== old);
        const { exitCode: _code, exitSignal: _signal, ...place } = old;
        this.#made += 1;
        const piped = op.process.logFile !== undefined;
        return this.#start({ ...place, dead: false, pid: 500 + this.#made, piped }, op.pane);
      }
      case 'kill':
        this.panes = this.panes.filter(({ id }) => id !== op.guard.pane);
        return DONE;
      case 'retitle':
        this.#change(op.guard.pane, { title: op.title });
        return DONE;
      case 'retag':
        this.#change(op.pane, { paneId: op.owner, title: op.title });
        return DONE;
      case 'pipe':
        this.#change(op.guard.pane, { piped: op.logFile !== undefined });
        return DONE;
      case 'arrange':
      case 'release':
      case 'burn-fence':
        return DONE;
    }
  }

  #start(pane: ObservedPane, owner: PaneId): OpOutcome {
    this.panes = [...this.panes, { ...pane, paneId: owner }];
    const { id, windowId: window, sessionId: session, pid } = pane;
    return { kind: 'done', created: { id, window, session, pid } };
  }

  #change(id: TmuxPaneId, changes: Partial<ObservedPane>): void {
    this.panes = this.panes.map((pane) => (pane.id === id ? { ...pane, ...changes } : pane));
  }
}

export const DONE: OpOutcome = { kind: 'done' };
export const UNANSWERED: OpOutcome = { kind: 'unknown', message: 'no answer within 5s' };

export function refusedBy(fence?: string, server = epochServer(EPOCH)): OpOutcome {
  return { kind: 'refused', server, ...(fence !== undefined && { fence }) };
}

export interface Rig {
  readonly store: MemoryStore;
  readonly clock: VirtualClock;
  readonly tmux: FakeTmux;
  readonly policy: Policy;
  readonly deps: Parameters<typeof reconcile>[1];
  /** How many transactions have written something. */
  commits(): number;
  /** Records a layout as an operator would declare it; slots as `m1`, or with changes to their spec. */
  declare(slots: readonly (string | SlotRecord)[], changes?: LayoutChanges): void;
  pass(store?: Store): Promise<PassResult>;
  /** Passes until one does nothing, or 20. */
  settle(): Promise<void>;
  layout(): LayoutRecord;
  slot(key: string): SlotRecord;
  pane(key: string): PaneRecord;
  edit(key: string, patch: SlotPatch): void;
  editPane(key: string, patch: PanePatch): void;
  editLayout(patch: LayoutPatch): void;
  /** Types of the events since the last call. */
  news(): readonly NewEvent['type'][];
  events(): readonly StoredEvent[];
}

export function openRig(
  changes: { readonly policy?: Partial<Policy>; readonly logs?: PaneLogs } = {},
): Rig {
  let commits = 0;
  let read = 0;
  const clock = virtualClock();
  const store = openMemoryStore({ clock, uuid: counting('row'), onCommit: () => (commits += 1) });
  onTestFinished(() => store.close());
  const tmux = new FakeTmux();
  const policy = { ...DEFAULT_POLICY, ...changes.policy };
  const uuid = counting('new');
  const agent = counting('agent');
  const logs = changes.logs ?? { prepare: (_container, name) => ({ path: `/logs/${name}` }) };
  const deps = {
    store,
    clock,
    policy,
    ids: { uuid, agentId: () => `agt_${agent()}` as AgentId },
    logs,
    tmux: { of: () => tmux },
  };
  const rig: Rig = {
    store,
    clock,
    tmux,
    policy,
    deps,
    commits: () => commits,
    declare: (slots, layoutChanges) => {
      const records = slots.map((slot) => (typeof slot === 'string' ? aSlot(slot) : slot));
      const layout = aLayout({ ...layoutChanges, slots: records });
      const { id, container, spec, source } = layout;
      store.transact((tx) => {
        tx.insertLayout({ id, container, spec, source });
        records.forEach((slot, position) => {
          tx.insertSlot({ id: slot.id, layout: id, spec: slot.spec, position });
        });
      });
      commits = 0;
    },
    pass: (other = store) => reconcile(LOCAL, { ...deps, store: other }),
    settle: async () => {
      for (let turn = 0; turn < 20; turn += 1) {
        const { plan } = await rig.pass();
        if (plan.actions.length > 0) continue;
        if (plan.wakeAt === undefined) return;
        await clock.advance(plan.wakeAt - clock.now());
      }
      throw new Error('it does not settle');
    },
    layout: () => present(store.layouts()[0], 'layout'),
    slot: (key) =>
      present(
        rig.layout().slots.find((slot) => slot.key === key),
        key,
      ),
    pane: (key) => present(rig.slot(key).pane, `pane of ${key}`),
    edit: (key, patch) => store.transact((tx) => tx.updateSlot(rig.slot(key).id, patch)),
    editPane: (key, patch) => store.transact((tx) => tx.updatePane(rig.pane(key).id, patch)),
    editLayout: (patch) => store.transact((tx) => tx.updateLayout(rig.layout().id, patch)),
    news: () => {
      const events = store.eventsAfter(read, 1_000);
      read = store.lastSeq();
      return events.map(({ type }) => type);
    },
    events: () => store.eventsAfter(0, 10_000),
  };
  return rig;
}

/** A rig whose slots have ready panes; what it took to get there is forgotten. */
export async function openRunningRig(
  slots: readonly (string | SlotRecord)[],
  changes: Parameters<typeof openRig>[0] & { readonly layout?: LayoutChanges } = {},
): Promise<Rig> {
  const rig = openRig(changes);
  rig.declare(slots, changes.layout);
  await rig.settle();
  rig.news();
  rig.tmux.batches.length = 0;
  return rig;
}

export function slotWith(key: string, spec: SlotChanges['spec'] = {}): SlotRecord {
  return aSlot(key, { spec });
}

function counting(prefix: string): () => string {
  let count = 0;
  return () => `${prefix}-${(count += 1)}`;
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}
