import type { ContainerFilter } from '../domain/container-filter.ts';
import { findByEngineId, findContainer } from '../domain/container-names.ts';
import {
  type ContainerListing,
  type ContainerRecord,
  incarnationOf,
  type ListingProblem,
} from '../domain/containers.ts';
import type { ContainerId } from '../domain/ids.ts';
import type { Clock } from '../lib/clock.ts';
import { mergeListing } from '../plan/merge-listing.ts';
import { type Life, lifeOf, notConfigured, unreachable } from './container-life.ts';
import { type EngineAnswer, openRefresher, type Refresher } from './engine-refresher.ts';
import type { ContainerLister, Store } from './ports.ts';

export interface RegistryOptions {
  /** In order of precedence: the first gets the plain name of a container that two of them have. */
  readonly engines: readonly { readonly lister: ContainerLister; readonly isImplicit: boolean }[];
  readonly store: Pick<Store, 'containerRecords' | 'transact'>;
  readonly clock: Clock;
  readonly filter: ContainerFilter;
  /** Something about this container is different now. */
  readonly onChange: (container: ContainerId) => void;
}

export interface EngineStatus {
  readonly name: string;
  /** It was merely found on this machine: nobody named it, and no container of it was ever recorded. */
  readonly isImplicit: boolean;
  readonly answer: EngineAnswer;
  readonly hasAnswered: boolean;
}

export interface ListingRemarks {
  /** How many containers the filter leaves out. */
  readonly leftOut: number;
  /** Containers that could not be described, by id. */
  readonly problems: ReadonlyMap<string, ListingProblem>;
}

/** Keeps track of everybody's containers. The host is not among them. */
export interface Registry {
  /** Begins to list every engine, each at its own pace. Before that only who asks for something has one listed. */
  readonly start: () => void;
  /** Ordered by key. The state of what was there last is `unknown` while the engine does not answer. */
  readonly list: () => readonly ContainerRecord[];
  /** By key, whatever the engine says now. */
  readonly get: (container: ContainerId) => ContainerRecord | undefined;
  /** By key, `engine:name`, `engine/name`, or an id of 12 to 64 digits. */
  readonly find: (text: string) => ContainerRecord | undefined;
  /** By an engine's id, whole or its first 12 digits and more. */
  readonly byEngineId: (id: string) => ContainerRecord | undefined;
  /** What the newest listings say beside the containers themselves. */
  readonly remarks: () => ListingRemarks;
  /** Why a container of this name is not looked at though it is there. */
  readonly leftOut: (name: string) => string | undefined;
  readonly engines: () => readonly EngineStatus[];
  readonly engineOf: (container: ContainerId) => EngineStatus | undefined;
  /** The container's present life, by a listing that began at `since` (monotonic) or later. Never rejects. */
  readonly life: (container: ContainerId, since: number) => Promise<Life>;
  /** Asks every engine, or one, anew. Never rejects. */
  readonly refresh: (engine?: string) => Promise<void>;
  /** Resolves when every engine has answered or failed once, at the latest after `deadlineMs`. */
  readonly ready: (deadlineMs: number) => Promise<void>;
  /** Calls back with each container that is new or changed. Returns its stop. */
  readonly watch: (onChange: (container: ContainerId) => void) => () => void;
  readonly stop: () => Promise<void>;
}

interface Entry {
  readonly lister: ContainerLister;
  readonly isImplicit: () => boolean;
  readonly refresher: Refresher;
}

/** Knows what was recorded before, in state `unknown`, until its engines are asked. */
export function openRegistry(options: RegistryOptions): Registry {
  const { store, clock } = options;
  const listeners = new Set([options.onChange]);
  const tell = (container: ContainerId): void => {
    for (const listener of listeners) listener(container);
  };
  const entries: Entries = new Map();
  const book: Book = {
    records: new Map(store.containerRecords().map((record) => [record.key, record])),
    runningSince: new Map(),
    leftOut: new Map(),
    problems: new Map(),
  };
  for (const { lister, ...engine } of options.engines) {
    const own = (): readonly ContainerRecord[] =>
      [...book.records.values()].filter((record) => record.engine === lister.name);
    const isImplicit = (): boolean => engine.isImplicit && own().length === 0;
    const refresher = openRefresher({
      lister,
      isUnused: isImplicit,
      expected: () => own().flatMap(({ id, state }) => (state === 'missing' ? [] : id)),
      clock,
      onListing: (listing) => {
        for (const key of adopt(lister.name, listing, { ...options, book, entries })) tell(key);
      },
      onTurn: () => {
        for (const { key } of own()) tell(key);
      },
    });
    entries.set(lister.name, { lister, isImplicit, refresher });
  }
  return {
    ...readBook(book, entries),
    start: () => {
      for (const { refresher } of entries.values()) refresher.start();
    },
    life: (container, since) => findLife({ container, since, book, entries }, clock),
    refresh: async (engine) => {
      const asked = [...entries.values()].filter(
        ({ lister }) => engine === undefined || lister.name === engine,
      );
      await Promise.all(asked.map(({ refresher }) => refresher.refresh()));
    },
    ready: async (deadlineMs) => {
      const first = [...entries.values()].map(({ refresher }) => refresher.confirm(0));
      const deadline = new AbortController();
      await Promise.race([Promise.all(first), clock.sleep(deadlineMs, deadline.signal)]);
      deadline.abort();
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: async () => {
      await Promise.all([...entries.values()].map(({ refresher }) => refresher.stop()));
    },
  };
}

/** What is known of containers, in memory. */
interface Book {
  readonly records: Map<ContainerId, ContainerRecord>;
  readonly runningSince: Map<ContainerId, { readonly life: string; readonly at: number }>;
  /** By engine: why the filter leaves a container out, by its name. */
  readonly leftOut: Map<string, ReadonlyMap<string, string>>;
  /** By engine: which containers could not be described. */
  readonly problems: Map<string, ContainerListing['problems']>;
}

type Entries = Map<string, Entry>;

/** Writes a listing down and answers whom it changed. Throws, having changed nothing, when it cannot be written. */
function adopt(
  engine: string,
  listing: ContainerListing,
  {
    book,
    entries,
    store,
    clock,
    filter,
  }: RegistryOptions & { readonly book: Book; readonly entries: Entries },
): readonly ContainerId[] {
  const records = [...book.records.values()];
  const isElsewhere = (id: string): boolean =>
    records.some(
      (record) => record.id === id && record.engine !== engine && isPresent(record, entries),
    );
  const now = clock.now();
  const merged = mergeListing({ records, engine, listing, filter, now, isElsewhere });
  if (merged.changed.length > 0) {
    store.transact((tx) => {
      for (const record of merged.changed) tx.putContainer(record);
    });
  }
  book.leftOut.set(engine, merged.leftOut);
  book.problems.set(engine, listing.problems);
  for (const record of merged.records) {
    book.records.set(record.key, record);
    noteLife(record, book.runningSince, now);
  }
  return merged.changed.map(({ key }) => key);
}

type Reads =
  | 'list'
  | 'get'
  | 'find'
  | 'byEngineId'
  | 'remarks'
  | 'leftOut'
  | 'engines'
  | 'engineOf';

function readBook(book: Book, entries: Entries): Pick<Registry, Reads> {
  const all = (): readonly ContainerRecord[] => [...book.records.values()];
  // What had gone when its engine answered last did not come back by its silence.
  const isTold = ({ engine, state }: ContainerRecord): boolean =>
    state === 'missing' || entries.get(engine)?.refresher.answer().kind === 'good';
  return {
    list: () =>
      all()
        .toSorted((a, b) => (a.key < b.key ? -1 : 1))
        .map((record) => (isTold(record) ? record : { ...record, state: 'unknown' })),
    get: (container) => book.records.get(container),
    find: (text) => findContainer(all(), text),
    byEngineId: (id) => findByEngineId(all(), id),
    remarks: () => ({
      leftOut: [...book.leftOut.values()].reduce((sum, names) => sum + names.size, 0),
      problems: new Map([...book.problems.values()].flatMap((some) => [...some])),
    }),
    leftOut: (name) => [...book.leftOut.values()].map((names) => names.get(name)).find(Boolean),
    engines: () => [...entries.values()].map(statusOf),
    engineOf: (container) => {
      const entry = entries.get(book.records.get(container)?.engine ?? '');
      return entry && statusOf(entry);
    },
  };
}

function statusOf({ lister, isImplicit, refresher }: Entry): EngineStatus {
  return {
    name: lister.name,
    isImplicit: isImplicit(),
    answer: refresher.answer(),
    hasAnswered: refresher.hasAnswered(),
  };
}

async function findLife(
  {
    container,
    since,
    book,
    entries,
  }: {
    readonly container: ContainerId;
    readonly since: number;
    readonly book: Book;
    readonly entries: Entries;
  },
  clock: Clock,
): Promise<Life> {
  const engine = book.records.get(container)?.engine ?? '';
  const refresher = entries.get(engine)?.refresher;
  if (refresher === undefined) return notConfigured(container, engine);
  const isConfirmed = await refresher.confirm(since);
  const record = book.records.get(container);
  if (record === undefined) return notConfigured(container, engine);
  if (!isConfirmed) return unreachable(record, refresher.answer());
  return lifeOf(record, book.runningSince.get(container)?.at ?? clock.now());
}

/** Its engine says so now; what an engine said once, that is no longer asked, counts for nothing. */
function isPresent(record: ContainerRecord, entries: ReadonlyMap<string, Entry>): boolean {
  return record.state !== 'missing' && entries.get(record.engine)?.refresher.hasAnswered() === true;
}

function noteLife(
  record: ContainerRecord,
  runningSince: Map<ContainerId, { readonly life: string; readonly at: number }>,
  now: number,
): void {
  const life = incarnationOf(record);
  if (record.state !== 'running') runningSince.delete(record.key);
  else if (runningSince.get(record.key)?.life !== life) {
    runningSince.set(record.key, { life, at: now });
  }
}
