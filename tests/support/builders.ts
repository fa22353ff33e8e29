import type {
  AgentId,
  ContainerId,
  LayoutId,
  PaneId,
  SlotId,
  TmuxPaneId,
  TmuxSessionId,
  TmuxWindowId,
} from '../../src/domain/ids.ts';
import { makeEpoch } from '../../src/domain/ids.ts';
import type {
  ObservedPane,
  ObservedSession,
  SeenObservation,
  UnknownObservation,
} from '../../src/domain/observed.ts';
import type { EndedPane, LayoutRecord, PaneRecord, SlotRecord } from '../../src/domain/records.ts';
import { type LayoutSpec, replaceHash, type SlotSpec } from '../../src/domain/spec.ts';

/**
 * Records and observations with everything filled in that a test does not care about. Names tie them together: slot
 * `m1` of layout `web` has the pane `pane-m1`, which tmux knows as `%m1`.
 */

export const LOCAL = 'local' as ContainerId;
/** The moment of every test. */
export const NOW = 100_000_000;
export const SECOND = 1_000;
export const MINUTE = 60_000;

/** Container incarnation `boot-1`, tmux server `100:1`. */
export const EPOCH = makeEpoch('boot-1', '100:1');
/** The same container after its tmux server was killed. */
export const OTHER_SERVER = makeEpoch('boot-1', '200:2');
/** The container after it was restarted. */
export const OTHER_BOOT = makeEpoch('boot-2', '100:1');

const layoutId = (name: string) => `layout-${name}` as LayoutId;
export const slotId = (name: string) => `slot-${name}` as SlotId;
export const paneId = (name: string) => `pane-${name}` as PaneId;
export const tmuxPane = (name: string) => `%${name}` as TmuxPaneId;
const sessionId = (name: string) => `$${name}` as TmuxSessionId;
const windowId = (name: string) => `@${name}` as TmuxWindowId;

export function aSlotSpec(key: string, changes: Partial<SlotSpec> = {}): SlotSpec {
  return {
    key,
    label: key,
    role: 'slave',
    capability: 'worker',
    command: ['agent', key],
    env: {},
    log: false,
    after: [],
    restartPolicy: 'Always',
    onRemove: 'kill',
    settleMs: SECOND,
    ...changes,
  };
}

export type PaneChanges = Partial<Omit<PaneRecord, 'spec'>> & { readonly spec?: Partial<SlotSpec> };

/** Ready for half a minute, in the current epoch. */
export function aPane(key: string, changes: PaneChanges = {}): PaneRecord {
  const spec = aSlotSpec(key, changes.spec);
  return {
    id: paneId(key),
    state: 'ready',
    replaceHash: replaceHash(spec),
    session: 'web',
    epoch: EPOCH,
    tmuxPaneId: tmuxPane(key),
    pid: 4_000,
    agentId: `agt_${key}` as AgentId,
    attempts: 0,
    createdAt: NOW - 40 * SECOND,
    startedAt: NOW - 35 * SECOND,
    readyAt: NOW - 30 * SECOND,
    ...changes,
    spec,
  };
}

type Optional = 'epoch' | 'tmuxPaneId' | 'pid' | 'startedAt' | 'readyAt';

/** A pane without some of what only tmux could have told. */
export function without(pane: PaneRecord, ...fields: readonly Optional[]): PaneRecord {
  return Object.fromEntries(
    Object.entries(pane).filter(([key]) => !(fields as readonly string[]).includes(key)),
  ) as unknown as PaneRecord;
}

/** Its start was confirmed half a second ago, and is not settled. */
export function aStartingPane(key: string, changes: PaneChanges = {}): PaneRecord {
  const times = { createdAt: NOW - 600, startedAt: NOW - 500, markerToken: `token-${key}` };
  return without(aPane(key, { state: 'creating', ...times, ...changes }), 'readyAt');
}

/** Its row was committed a second ago; tmux has not confirmed anything. */
export function anIntendedPane(key: string, changes: PaneChanges = {}): PaneRecord {
  const pane = aStartingPane(key, { createdAt: NOW - SECOND, ...changes });
  return without(pane, 'epoch', 'tmuxPaneId', 'pid', 'startedAt');
}

/** Its process has ended by itself, which is written down. */
export function anExitedPane(key: string, changes: PaneChanges = {}): PaneRecord {
  return aPane(key, {
    state: 'degraded',
    failedStage: 'launch_command',
    endedAt: NOW - 10 * SECOND,
    ...(changes.exitSignal === undefined && { exitCode: 3 }),
    ...changes,
  });
}

/** It vanished, which is written down. */
export function aLostPane(key: string, changes: PaneChanges = {}): PaneRecord {
  return aPane(key, { state: 'failed', failedStage: 'recovery_reattach', ...changes });
}

export type SlotChanges = Partial<Omit<SlotRecord, 'spec'>> & { readonly spec?: Partial<SlotSpec> };

/** Declared, never started. */
export function aSlot(key: string, changes: SlotChanges = {}): SlotRecord {
  return {
    id: slotId(key),
    key,
    declared: true,
    restartRequested: false,
    failures: 0,
    exits: [],
    vanishings: [],
    restarts: 0,
    ...changes,
    spec: aSlotSpec(key, changes.spec),
  };
}

/** A slot whose pane is ready, and was started from the same spec. */
export function aRunningSlot(key: string, changes: SlotChanges = {}): SlotRecord {
  return aSlot(key, { pane: aPane(key, changes.spec && { spec: changes.spec }), ...changes });
}

export function aHold(changes: Partial<NonNullable<SlotRecord['hold']>> = {}) {
  return { by: 'ann', reason: 'runaway', since: NOW - MINUTE, ...changes };
}

export type LayoutChanges = Partial<Omit<LayoutRecord, 'spec'>> & {
  readonly spec?: Partial<LayoutSpec>;
};

/** The layout `web` in session `web`. */
export function aLayout(changes: LayoutChanges = {}): LayoutRecord {
  const { slots = [] } = changes;
  const name = changes.spec?.name ?? 'web';
  return {
    id: layoutId(name),
    container: LOCAL,
    source: { kind: 'apply', name: 'apply', path: 'web.yaml:1' },
    generation: 1,
    observedGeneration: 0,
    state: 'creating',
    sync: 'OutOfSync',
    health: 'Progressing',
    conditions: [],
    createdAt: NOW - MINUTE,
    updatedAt: NOW - MINUTE,
    slots,
    ...changes,
    spec: {
      name,
      container: 'local',
      session: name,
      labels: {},
      slots: slots.filter(({ declared }) => declared).map(({ spec }) => spec),
      arrangement: 'tiled',
      updateStrategy: { type: 'RollingUpdate', maxUnavailable: 1 },
      suspend: false,
      ...changes.spec,
    },
  };
}

/** The tagged, living pane of slot `key` in session `web`. */
export function aSeenPane(key: string, changes: Partial<ObservedPane> = {}): ObservedPane {
  const sessionName = changes.sessionName ?? 'web';
  return {
    id: tmuxPane(key),
    sessionId: sessionId(sessionName),
    sessionName,
    windowId: windowId(sessionName),
    index: 0,
    title: key,
    pid: 4_000,
    dead: false,
    paneId: paneId(key),
    piped: false,
    ...changes,
  };
}

export function aDeadPane(key: string, changes: Partial<ObservedPane> = {}): ObservedPane {
  const exit = changes.exitSignal === undefined ? { exitCode: 3 } : {};
  return aSeenPane(key, { dead: true, ...exit, ...changes });
}

/** A pane that somebody split by hand: it carries no tag of ours. */
export function aHandMadePane(name: string, changes: Partial<ObservedPane> = {}): ObservedPane {
  return untagged(aSeenPane(name, { pid: 777, title: 'vim', ...changes }));
}

/** The pane without its tag. */
export function untagged({ paneId: _tag, ...pane }: ObservedPane): ObservedPane {
  return pane;
}

/** Panes given as slot keys are ours, alive and well. Their sessions are there, each owned by the layout of its name. */
export function seen(
  panes: readonly (string | ObservedPane)[] = [],
  changes: Partial<Omit<SeenObservation, 'kind' | 'panes'>> = {},
): SeenObservation {
  const observed = panes.map((pane) => (typeof pane === 'string' ? aSeenPane(pane) : pane));
  const names = [...new Set(observed.map(({ sessionName }) => sessionName))];
  return {
    kind: 'seen',
    container: LOCAL,
    epoch: EPOCH,
    sessions: names.map((name) => aSession(name)),
    panes: observed,
    ...changes,
  };
}

export function aSession(name: string, owner: string | undefined = name): ObservedSession {
  return {
    id: sessionId(name),
    name,
    ...(owner !== undefined && { layoutId: layoutId(owner) }),
  };
}

/** A session that somebody else made. */
export function aForeignSession(name: string): ObservedSession {
  return { id: sessionId(name), name };
}

export const UNKNOWN: UnknownObservation = {
  kind: 'unknown',
  container: LOCAL,
  reason: 'TmuxTimeout',
  message: 'tmux did not answer within 5s',
};

export const STOPPED = {
  kind: 'stopped',
  container: LOCAL,
  message: 'container local is not running',
} as const;

/** An ended incarnation of slot `key` that may still stand. */
export function anEnded(pane: string, key: string, layout = 'web'): [PaneId, EndedPane] {
  const id = paneId(pane);
  return [id, { id, slot: slotId(key), layout: layoutId(layout), label: key }];
}

/** The value, with everything inside it frozen: whoever writes to it throws. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}
