import { refuse } from '../domain/errors.ts';
import type { DeclarationStore, SourceConfig, SourceRecord } from './ports.ts';
import { recordSourceEnd } from './source-end.ts';
import {
  type SourceLoop,
  type SourceLoopDeps,
  type SourceState,
  startSourceLoop,
} from './source-loop.ts';
import { mergeSources } from './source-merge.ts';
import type { ApplyOptions } from './source-pass.ts';
import { UNTRIED } from './source-status.ts';

export interface SourceControllerOptions extends Omit<SourceLoopDeps, 'store' | 'onLoaded'> {
  readonly store: Pick<DeclarationStore, 'layouts' | 'sources' | 'transact'>;
  /** The sources of the configuration file. */
  readonly configured: readonly SourceConfig[];
  /** Drops what is cached of sources that are not kept. May reject. */
  readonly dropCaches: (isKept: (source: string) => boolean) => Promise<void>;
}

export interface SourceController {
  /** Ordered by name. */
  list(): readonly SourceState[];
  /** Starts and remembers a source. Throws `source_exists`. */
  add(config: SourceConfig): SourceState;
  /** Stops and forgets a source; its layouts keep running. Throws `source_not_found`. */
  remove(name: string): Promise<void>;
  /** Reads it now; resolves after a pass that began after the call. Rejects with `source_not_found`, `shutting_down`. */
  sync(name: string, options?: ApplyOptions): Promise<SourceState>;
  /** Something the sources may have been refused for is different: those that were are tried again now. */
  retryRefused(): void;
  /** Every source has been read and applied once since start. Before that nothing may be pruned. */
  loadedOnce(): boolean;
  /** Resolves once nothing runs any more. */
  stop(): Promise<void>;
}

/**
 * Keeps every directory and git source applied, each in a loop of its own, so that one failing stops no other.
 * @throws {AgentTowerError} `source_exists` when the configuration file and the store disagree about a name.
 */
export function startSourceController(options: SourceControllerOptions): SourceController {
  const { store } = options;
  const loops = new Map<string, SourceLoop>();
  let isStopping = false;
  const loadedOnce = (): boolean => [...loops.values()].every((loop) => loop.isLoaded());
  const wakeWhere = (isMeant: (status: SourceRecord['status']) => boolean): void => {
    for (const loop of loops.values()) if (isMeant(loop.state().status)) loop.wake();
  };
  const wakeBlocked = (): void => {
    if (loadedOnce()) wakeWhere(({ pruneBlocked }) => pruneBlocked !== undefined);
  };
  const deps: SourceLoopDeps = { ...options, onLoaded: wakeBlocked };
  const find = (name: string): SourceLoop => {
    const loop = loops.get(name);
    if (isStopping) throw stopped();
    if (loop === undefined) throw notFound(name, loops);
    return loop;
  };
  const follow = (record: SourceRecord): void => {
    loops.set(record.config.name, startSourceLoop(record, deps));
  };

  for (const record of adoptConfigured(options)) follow(record);
  // Those that left the configuration file, or were removed right before the daemon died.
  void dropOtherCaches(options, (source) => loops.has(source));

  return {
    list: () => [...loops.values()].map((loop) => loop.state()).toSorted(byName),
    add: (config) => {
      if (isStopping) throw stopped();
      if (loops.has(config.name)) throw exists(config.name);
      const record = { config, status: UNTRIED };
      store.transact((tx) => tx.putSource(record));
      follow(record);
      return find(config.name).state();
    },
    remove: async (name) => {
      const loop = find(name);
      const { config } = loop.state();
      if (config.origin === 'config') throw standsInFile(name);
      await loop.stop(notFound(name, loops));
      // Somebody else removed it meanwhile.
      if (loops.get(name) !== loop) throw notFound(name, loops);
      try {
        store.transact((tx) => recordSourceEnd(tx, config, store.layouts()));
      } catch (error) {
        // It is still recorded, so that it is still followed.
        if (!isStopping) follow(loop.state());
        throw error;
      }
      // Before the name is free: whoever takes it would write there.
      await dropOtherCaches(options, (source) => source !== name && loops.has(source));
      loops.delete(name);
      // What it declared may be declared by one of them, too.
      for (const loop of loops.values()) loop.wake();
    },
    sync: async (name, applyOptions = {}) => find(name).sync(applyOptions),
    retryRefused: () => wakeWhere(({ lastError }) => lastError !== undefined),
    loadedOnce,
    stop: async () => {
      isStopping = true;
      await Promise.all([...loops.values()].map((loop) => loop.stop(stopped())));
    },
  };
}

async function dropOtherCaches(
  { dropCaches, log }: SourceControllerOptions,
  isKept: (source: string) => boolean,
): Promise<void> {
  try {
    await dropCaches(isKept);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    log('the cache of a source that is not followed any more could not be removed', { problem });
  }
}

/** Brings the store in line with the configuration file; answers the sources to run. */
function adoptConfigured(options: SourceControllerOptions): readonly SourceRecord[] {
  const { store, log } = options;
  const { records, changed, removed } = mergeSources(store.sources(), options.configured);
  if (changed.length + removed.length > 0) {
    store.transact((tx) => {
      for (const record of changed) tx.putSource(record);
      for (const { config } of removed) recordSourceEnd(tx, config, store.layouts());
    });
  }
  for (const { config } of removed) {
    log('source left the configuration file; its layouts keep running', { source: config.name });
  }
  return records;
}

function byName(a: SourceRecord, b: SourceRecord): number {
  return a.config.name < b.config.name ? -1 : 1;
}

function exists(name: string): Error {
  const message = `there is a source named ${name} already; choose another name, or remove it first`;
  return refuse('source_exists', message, { name });
}

function notFound(name: string, loops: ReadonlyMap<string, SourceLoop>): Error {
  const known = [...loops.keys()].filter((other) => other !== name).toSorted();
  const list = known.length === 0 ? 'there are none' : `known are ${known.join(', ')}`;
  return refuse('source_not_found', `there is no source ${name}; ${list}`, { name, known });
}

function standsInFile(name: string): Error {
  return refuse(
    'validation_failed',
    `source ${name} stands in the configuration file; remove it there and restart the daemon`,
    { field: 'name', reason: 'stands in the configuration file' },
  );
}

function stopped(): Error {
  return refuse('shutting_down', 'the daemon is shutting down; ask again when it is back', {});
}
