import { onTestFinished } from 'vitest';
import type {
  DeclarationTransaction,
  DirectorySourceConfig,
  GitSourceConfig,
  SourceConfig,
  SourceRead,
  SourceReader,
  SourceRecord,
  SourceSnapshot,
} from '../../src/declare/ports.ts';
import {
  type SourceController,
  type SourceControllerOptions,
  startSourceController,
} from '../../src/declare/source-controller.ts';
import type { SourceState } from '../../src/declare/source-loop.ts';
import type { ApplyOptions, ApplyOutcome } from '../../src/declare/source-pass.ts';
import type { NewEvent } from '../../src/domain/events.ts';
import { type VirtualClock, virtualClock } from '../support/virtual-clock.ts';

export function directoryNamed(
  name: string,
  changes: Partial<DirectorySourceConfig> = {},
): DirectorySourceConfig {
  return {
    kind: 'directory',
    name,
    path: `/srv/${name}`,
    prune: true,
    allowEmpty: false,
    intervalMs: 30_000,
    origin: 'config',
    ...changes,
  };
}

export function gitNamed(name: string): GitSourceConfig {
  const { path: _local, ...common } = directoryNamed(name);
  return {
    ...common,
    kind: 'git',
    url: `https://example.com/${name}.git`,
    branch: 'main',
    path: '',
  };
}

/** A source whose content the test sets. */
export class FakeSource implements SourceReader {
  answer: SourceRead | (() => Promise<SourceRead>) = { ok: true, snapshot: snapshotAt('r1') };
  reads = 0;
  hint = (): void => {};
  isWatched = false;

  holds(revision: string, changes: Partial<SourceSnapshot> = {}): void {
    this.answer = { ok: true, snapshot: snapshotAt(revision, changes) };
  }

  fails(problem: string): void {
    this.answer = { ok: false, problem };
  }

  async read(): Promise<SourceRead> {
    this.reads += 1;
    return typeof this.answer === 'function' ? this.answer() : this.answer;
  }

  watch(onChange: () => void): () => Promise<void> {
    this.hint = onChange;
    this.isWatched = true;
    return async () => {
      this.isWatched = false;
    };
  }
}

function snapshotAt(revision: string, changes: Partial<SourceSnapshot> = {}): SourceSnapshot {
  return { revision, files: [], ...changes };
}

/** What the controller writes, and nothing else. */
export class FakeStore {
  readonly rows = new Map<string, SourceRecord>();
  readonly events: NewEvent[] = [];
  commits = 0;
  isBroken = false;

  sources(): readonly SourceRecord[] {
    return [...this.rows.values()];
  }

  layouts(): readonly [] {
    return [];
  }

  transact<T>(write: (tx: DeclarationTransaction) => T): T {
    if (this.isBroken) throw new Error('disk full');
    this.commits += 1;
    const tx: Pick<DeclarationTransaction, 'putSource' | 'deleteSource' | 'emit'> = {
      putSource: (record) => void this.rows.set(record.config.name, structuredClone(record)),
      deleteSource: (name) => void this.rows.delete(name),
      emit: (event) => void this.events.push(event),
    };
    return write(tx as DeclarationTransaction);
  }

  /** Types of the events since the last call. */
  takeEvents(): readonly string[] {
    return this.events.splice(0).map(({ type }) => type);
  }
}

export interface Applied extends ApplyOptions {
  readonly source: string;
  readonly revision: string;
}

export interface World {
  readonly controller: SourceController;
  readonly clock: VirtualClock;
  readonly store: FakeStore;
  readonly applied: Applied[];
  readonly logged: string[];
  /** Sources of which something is cached. */
  readonly cached: Set<string>;
  /** What `apply` answers from now on. */
  outcome: (applied: Applied) => ApplyOutcome;
  /** The reader of a source, made on first mention. */
  source(name: string): FakeSource;
  state(name: string): SourceState;
}

export const CONFIGURED = { ok: true, configured: 1, removed: 0 } as const;
const UNCHANGED = { ok: true, configured: 0, removed: 0 } as const;

export interface WorldOptions {
  readonly configured?: readonly SourceConfig[];
  readonly store?: FakeStore;
  readonly prepare?: (world: Omit<World, 'controller'>) => void;
}

/** A controller over fakes, stopped when the test ends. */
export function makeWorld(options: WorldOptions = {}): World {
  const readers = new Map<string, FakeSource>();
  const world = {
    clock: virtualClock(),
    store: options.store ?? new FakeStore(),
    applied: [] as Applied[],
    logged: [] as string[],
    cached: new Set<string>(),
    // As the real one: what was applied before changes nothing.
    outcome: (({ source, revision }) =>
      world.applied.filter((one) => one.source === source).at(-2)?.revision === revision
        ? UNCHANGED
        : CONFIGURED) as World['outcome'],
    source: (name: string): FakeSource => {
      const reader = readers.get(name) ?? new FakeSource();
      readers.set(name, reader);
      return reader;
    },
    state: (name: string): SourceState => {
      const state = controller.list().find(({ config }) => config.name === name);
      if (state === undefined) throw new Error(`no source ${name}`);
      return state;
    },
  };
  options.prepare?.(world);
  const apply: SourceControllerOptions['apply'] = (config, { revision }, { confirmPrune }) => {
    const applied = {
      source: config.name,
      revision,
      ...(confirmPrune !== undefined && { confirmPrune }),
    };
    world.applied.push(applied);
    return world.outcome(applied);
  };
  const controller = startSourceController({
    store: world.store,
    configured: options.configured ?? [],
    openSource: ({ name }) => world.source(name),
    apply,
    clock: world.clock,
    log: (message) => world.logged.push(message),
    dropCaches: async (isKept) => {
      for (const name of world.cached) if (!isKept(name)) world.cached.delete(name);
    },
  });
  onTestFinished(() => controller.stop());
  return Object.assign(world, { controller });
}
