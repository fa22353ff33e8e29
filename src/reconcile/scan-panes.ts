import { type ContainerRecord, incarnationOf } from '../domain/containers.ts';
import type { ScannedPane, ServerPanes } from '../domain/found-pane.ts';
import { type ContainerId, LOCAL_CONTAINER } from '../domain/ids.ts';
import type { Clock } from '../lib/clock.ts';
import { forgettablePanes } from '../plan/forget-panes.ts';
import { mergeEnded, mergePaneScan, type Truncation } from '../plan/merge-pane-scan.ts';
import type { PaneFinder, Store } from './ports.ts';

export interface PaneScannerDeps {
  readonly store: Pick<Store, 'scannedPanes' | 'transact'>;
  readonly finder: PaneFinder;
  readonly clock: Clock;
  /** Every container there is but the host, as its engine says now. */
  readonly containers: () => readonly ContainerRecord[];
}

type Unanswered = Extract<ServerPanes, { kind: 'unknown' }>;

/** What could not be had, or not whole. */
export interface PaneScanProblem {
  readonly containerId: string;
  /** Absent when it is about all of the container. */
  readonly socket?: string;
  readonly reason: Unanswered['reason'] | 'Paused' | 'Truncated';
  readonly message: string;
  readonly truncations?: readonly Truncation[];
}

export interface PaneScan {
  readonly startedAt: number;
  readonly completedAt: number;
  readonly containersScanned: number;
  readonly socketsScanned: number;
  readonly panesSeen: number;
  readonly newlyActive: number;
  readonly inactivated: number;
  readonly skippedInactive: number;
  /** Containers of which no tmux server answered. */
  readonly tmuxUnavailable: number;
  readonly problems: readonly PaneScanProblem[];
}

export interface PaneScanner {
  /** Looks at all containers, or one. Scans take turns. Throws only when the store cannot commit. */
  scan(only?: ContainerId): Promise<PaneScan>;
}

/** Writes down the panes of every tmux server, whoever made them, and forgets those long gone; touches none. */
export function openPaneScanner(deps: PaneScannerDeps): PaneScanner {
  let last: Promise<unknown> = Promise.resolve();
  return {
    scan: (only) => {
      const next = last.then(() => scanPanes(deps, only));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

/** What one container gave. */
interface Part {
  readonly records: readonly ScannedPane[];
  readonly counts: Pick<PaneScan, Counted>;
  readonly problems: readonly PaneScanProblem[];
}

type Counted = Exclude<keyof PaneScan, 'startedAt' | 'completedAt' | 'problems'>;

const NOTHING: Part['counts'] = {
  containersScanned: 0,
  socketsScanned: 0,
  panesSeen: 0,
  newlyActive: 0,
  inactivated: 0,
  skippedInactive: 0,
  tmuxUnavailable: 0,
};

async function scanPanes(deps: PaneScannerDeps, only?: ContainerId): Promise<PaneScan> {
  const { store, clock, containers } = deps;
  const startedAt = clock.now();
  const all: readonly Target[] = [{ key: LOCAL_CONTAINER, id: LOCAL_CONTAINER }, ...containers()];
  const targets = all.filter(({ key }) => only === undefined || key === only);
  const recorded = store.scannedPanes();
  const parts = await Promise.all(
    targets.map((target) => {
      const known = recorded.filter(({ container }) => container === target.key);
      return scanOne(target, known, deps);
    }),
  );
  store.transact((tx) => {
    for (const pane of parts.flatMap(({ records }) => records)) tx.putScannedPane(pane);
    for (const pane of forgettablePanes(store.scannedPanes(), clock.now())) {
      tx.dropScannedPane(pane);
    }
  });
  return {
    startedAt,
    completedAt: clock.now(),
    ...parts.map(({ counts }) => counts).reduce(add, NOTHING),
    problems: parts.flatMap(({ problems }) => problems),
  };
}

type Target = Pick<ContainerRecord, 'key' | 'id'> &
  Partial<Pick<ContainerRecord, 'state' | 'startedAt'>>;

async function scanOne(
  { key, id, state, startedAt }: Target,
  known: readonly ScannedPane[],
  { finder, clock }: PaneScannerDeps,
): Promise<Part> {
  if (state === 'exited' || state === 'missing') {
    const { records, inactivated } = mergeEnded(known, clock.now());
    return { records, counts: { ...NOTHING, inactivated, skippedInactive: 1 }, problems: [] };
  }
  if (state === 'paused') {
    const message = `container ${key} is paused; its panes are as they were`;
    const problem: PaneScanProblem = { containerId: id, reason: 'Paused', message };
    return { records: [], counts: { ...NOTHING, tmuxUnavailable: 1 }, problems: [problem] };
  }
  const active = known.filter((pane) => pane.active && pane.socket !== finder.ownSocket(key));
  const servers = await finder.find(key, [...new Set(active.map(({ socket }) => socket))]);
  const where = {
    container: key,
    containerId: id,
    user: finder.benchUser(key),
    ownSocket: finder.ownSocket(key),
    ...(state === 'running' &&
      startedAt !== undefined && { life: incarnationOf({ id, startedAt }) }),
  };
  const merged = mergePaneScan(known, servers, { ...where, at: clock.now() });
  const answered = servers.filter(({ kind }) => kind === 'seen').length;
  return {
    records: merged.records,
    counts: {
      ...NOTHING,
      containersScanned: 1,
      socketsScanned: answered,
      panesSeen: merged.seen,
      newlyActive: merged.newlyActive,
      inactivated: merged.inactivated,
      tmuxUnavailable: answered === 0 ? 1 : 0,
    },
    problems: [...unanswered(servers, where), ...truncated(merged.truncations, id)],
  };
}

function unanswered(
  servers: readonly ServerPanes[],
  { containerId, ownSocket }: { readonly containerId: string; readonly ownSocket: string },
): readonly PaneScanProblem[] {
  const unknown = servers.filter((answer) => answer.kind === 'unknown');
  const [first] = unknown;
  // What keeps a client from all of its servers is one problem of the container.
  if (first !== undefined && unknown.every(({ message }) => message === first.message)) {
    const isAll = unknown.length === servers.length;
    if (isAll) return [{ containerId, reason: first.reason, message: first.message }];
  }
  return unknown.map(({ socket = ownSocket, reason, message }) => ({
    containerId,
    socket,
    reason,
    message,
  }));
}

function truncated(
  truncations: ReadonlyMap<string, readonly Truncation[]>,
  containerId: string,
): readonly PaneScanProblem[] {
  return [...truncations]
    .filter(([, cut]) => cut.length > 0)
    .map(([socket, cut]) => ({
      containerId,
      socket,
      reason: 'Truncated',
      message: `${cut.length} texts of its panes were too long to keep whole`,
      truncations: cut,
    }));
}

function add(a: Part['counts'], b: Part['counts']): Part['counts'] {
  const sums = Object.keys(NOTHING).map((key) => [key, a[key as Counted] + b[key as Counted]]);
  return Object.fromEntries(sums) as Part['counts'];
}
