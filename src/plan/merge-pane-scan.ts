import type { FoundPane, ScannedPane, ServerPanes } from '../domain/found-pane.ts';
import { type ContainerId, makeEpoch } from '../domain/ids.ts';

/** A text that was too long to keep whole. */
export interface Truncation {
  readonly pane: string;
  readonly field: string;
  readonly originalLength: number;
}

export interface ScannedContainer {
  readonly container: ContainerId;
  readonly containerId: string;
  readonly user: string;
  /** Of the container's own server. */
  readonly ownSocket: string;
  /** Which life of the container its engine tells of; absent for what has one life only. */
  readonly life?: string;
}

export interface PaneScanMerge {
  /** Everything to write: what was found, what is gone, what was asked after in vain. */
  readonly records: readonly ScannedPane[];
  readonly seen: number;
  readonly newlyActive: number;
  readonly inactivated: number;
  readonly truncations: ReadonlyMap<string, readonly Truncation[]>;
}

/**
 * A container that runs: absence is concluded server by server, and only from an answer. No pane outlives the life of
 * the container it was found in.
 */
export function mergePaneScan(
  known: readonly ScannedPane[],
  servers: readonly ServerPanes[],
  { at, life, ...where }: ScannedContainer & { readonly at: number },
): PaneScanMerge {
  const truncations = new Map<string, readonly Truncation[]>();
  const before = new Map(known.map((pane) => [keyOf(pane), pane]));
  const answers = new Map(servers.map((answer) => [answer.socket ?? where.ownSocket, answer]));
  const found = new Map<string, ScannedPane>();
  for (const [socket, answer] of answers) {
    if (answer.kind === 'unknown') continue;
    const kept = answer.panes.map((pane) => toScanned(pane, { ...where, socket, at }));
    truncations.set(
      socket,
      kept.flatMap(({ cut }) => cut),
    );
    for (const { record } of kept) {
      const firstSeenAt = before.get(keyOf(record))?.firstSeenAt ?? at;
      found.set(keyOf(record), { ...record, firstSeenAt });
    }
  }
  const missing = known.filter((pane) => pane.active && !found.has(keyOf(pane)));
  const isGone = (pane: ScannedPane): boolean =>
    answers.get(pane.socket)?.kind === 'seen' || !isOfLife(pane, life);
  const gone = missing.filter(isGone);
  const doubtful = missing.filter(
    (pane) => !isGone(pane) && answers.get(pane.socket)?.kind === 'unknown',
  );
  return {
    records: [
      ...found.values(),
      ...gone.map((pane) => end(pane, at)),
      ...doubtful.map((pane) => ({ ...pane, lastScannedAt: at })),
    ],
    seen: found.size,
    newlyActive: [...found].filter(([key]) => before.get(key)?.active !== true).length,
    inactivated: gone.length,
    truncations,
  };
}

function isOfLife({ epoch }: ScannedPane, life: string | undefined): boolean {
  return life === undefined || epoch.startsWith(makeEpoch(life, ''));
}

/** A container in which nothing runs. */
export function mergeEnded(
  known: readonly ScannedPane[],
  at: number,
): Pick<PaneScanMerge, 'records' | 'inactivated'> {
  const records = known.filter(({ active }) => active).map((pane) => end(pane, at));
  return { records, inactivated: records.length };
}

function end(pane: ScannedPane, at: number): ScannedPane {
  return { ...pane, active: false, lastScannedAt: at };
}

function keyOf({ socket, epoch, pane }: Pick<ScannedPane, 'socket' | 'epoch' | 'pane'>): string {
  return JSON.stringify([socket, epoch, pane]);
}

/** Longest of each text, in characters. */
const LIMITS = { session: 2_048, tty: 2_048, command: 2_048, title: 2_048, workingDir: 4_096 };

function toScanned(
  found: FoundPane,
  {
    at,
    container,
    containerId,
    user,
    socket,
  }: Omit<ScannedContainer, 'ownSocket'> & {
    readonly socket: string;
    readonly at: number;
  },
): { readonly record: ScannedPane; readonly cut: readonly Truncation[] } {
  const { epoch, pane, pid, windowIndex, paneIndex, focused } = found;
  const cut: Truncation[] = [];
  const keep = (field: keyof typeof LIMITS): string => {
    const text = Array.from(toLine(found[field]));
    if (text.length > LIMITS[field]) cut.push({ pane, field, originalLength: text.length });
    return text.slice(0, LIMITS[field]).join('');
  };
  const record: ScannedPane = {
    container,
    containerId,
    user,
    socket,
    epoch,
    pane,
    pid,
    windowIndex,
    paneIndex,
    focused,
    session: keep('session'),
    tty: keep('tty'),
    command: keep('command'),
    title: keep('title'),
    workingDir: keep('workingDir'),
    active: true,
    firstSeenAt: at,
    lastScannedAt: at,
  };
  return { record, cut };
}

/** One line of plain text: what moves the cursor becomes a space, what does anything else is left out. */
function toLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken away
  return text.replaceAll(/[\t\n\r]/g, ' ').replaceAll(/[\0-\x1f\x7f]/g, '');
}
