import { onTestFinished } from 'vitest';
import type { AppliedObject } from '../../src/declare/applied-objects.ts';
import {
  type ApplyOptions,
  applyFiles,
  applySource,
  type DeclarationsDeps,
  type SourceApplied,
} from '../../src/declare/declarations.ts';
import type { KnownContainer, SourceConfig } from '../../src/declare/ports.ts';
import { UNTRIED } from '../../src/declare/source-status.ts';
import { AgentTowerError } from '../../src/domain/errors.ts';
import type { AgentId, ContainerId, LayoutId, PaneId } from '../../src/domain/ids.ts';
import type { LayoutRecord, SlotRecord } from '../../src/domain/records.ts';
import { replaceHash } from '../../src/domain/spec.ts';
import { BUILT_IN_TEMPLATES } from '../../src/domain/templates.ts';
import { type MemoryStore, openMemoryStore } from '../../src/drivers/store/memory-store.ts';
import { LOCAL } from '../support/builders.ts';
import { type VirtualClock, virtualClock } from '../support/virtual-clock.ts';

export const BENCH = 'bench-0123456789' as ContainerId;

/** Path → text; a text without a path is `web.yaml`. */
export type Files = string | Readonly<Record<string, string>>;

export interface Declared {
  readonly store: MemoryStore;
  readonly clock: VirtualClock;
  readonly deps: DeclarationsDeps;
  /** What the engines have; selectors choose from them. */
  containers: readonly KnownContainer[];
  /** Whether every configured source has loaded once. */
  allLoaded: boolean;
  /** Containers woken since the last call. */
  wakes(): readonly string[];
  /** How many transactions have written something. */
  commits(): number;
  apply(files: Files, options?: Partial<ApplyOptions>): readonly AppliedObject[];
  /** What a source named `fleet`, or another, holds at its newest revision. */
  load(files: Files, source?: Partial<SourceConfig>, confirmPrune?: number): SourceApplied;
  /** Records `fleet`, or another, as a source that is still read. */
  follow(source?: Partial<SourceConfig>): void;
  layout(name?: string): LayoutRecord;
  names(): readonly string[];
  slot(key: string, layout?: string): SlotRecord;
  /** Gives slots a ready pane, as if the loop had been there. */
  run(layout?: string): void;
  /** The same for all layouts, in every container. */
  runAll(): void;
  events(): readonly { readonly type: string; readonly payload: unknown }[];
}

export function openDeclared(): Declared {
  const clock = virtualClock();
  let commits = 0;
  let made = 0;
  let revisions = 0;
  const woken: string[] = [];
  const uuid = () => `id-${(made += 1)}`;
  const store = openMemoryStore({ clock, uuid, onCommit: () => (commits += 1) });
  onTestFinished(() => store.close());
  const containers: Readonly<Record<string, ContainerId>> = {
    local: LOCAL,
    bench: BENCH,
    [BENCH]: BENCH,
  };
  const deps: DeclarationsDeps = {
    store,
    clock,
    ids: { uuid },
    catalog: () => ({
      templates: BUILT_IN_TEMPLATES,
      profiles: [{ name: 'codex', command: ['codex'], env: {} }],
    }),
    resolveContainer: (name) => containers[name],
    knownContainers: () => ['local', 'bench'],
    wireContainerId: (container) => container,
    containerRecords: () => declared.containers,
    wake: (container) => void woken.push(container),
    allSourcesLoaded: () => declared.allLoaded,
  };
  const declared: Declared = {
    store,
    clock,
    deps,
    containers: [],
    allLoaded: true,
    wakes: () => woken.splice(0),
    commits: () => commits,
    apply: (files, options) =>
      applyFiles({ files: toFiles(files), prune: false, takeOwnership: false, ...options }, deps),
    load: (files, source, confirmPrune) =>
      applySource(
        { ...FLEET, ...source } as SourceConfig,
        { revision: `main@sha1:${(revisions += 1)}`, files: toFiles(files) },
        confirmPrune === undefined ? {} : { confirmPrune },
        deps,
      ),
    follow: (source) => {
      const config = { ...FLEET, ...source } as SourceConfig;
      store.transact((tx) => tx.putSource({ config, status: UNTRIED }));
    },
    layout: (name = 'web') =>
      present(
        store.layouts().find(({ spec }) => spec.name === name),
        name,
      ),
    names: () => store.layouts().map(({ spec }) => spec.name),
    slot: (key, name) =>
      present(
        declared.layout(name).slots.find((slot) => slot.key === key),
        key,
      ),
    run: (name) => {
      const { id, slots, spec } = declared.layout(name);
      store.transact((tx) => {
        for (const slot of slots) startPane(tx, slot, { session: spec.session, layout: id, uuid });
      });
    },
    runAll: () => {
      store.transact((tx) => {
        for (const { id, slots, spec } of store.layouts())
          for (const slot of slots)
            startPane(tx, slot, { session: spec.session, layout: id, uuid });
      });
    },
    events: () => store.eventsAfter(0, 1_000).map(({ type, payload }) => ({ type, payload })),
  };
  return declared;
}

const FLEET: SourceConfig = {
  kind: 'git',
  name: 'fleet',
  url: '/srv/fleet.git',
  branch: 'main',
  path: '',
  prune: true,
  allowEmpty: false,
  intervalMs: 60_000,
  origin: 'config',
};

export const DIRECTORY: Partial<SourceConfig> = {
  kind: 'directory',
  name: 'agents',
  path: '/srv/agents',
};

/** A layout document with panes `m1`, `s1`, … running `codex`, and further lines of its spec. */
export function manifest(
  name: string,
  keys: readonly string[],
  spec: readonly string[] = [],
): string {
  return [
    'apiVersion: agenttower/v1',
    'kind: Layout',
    `metadata: {name: ${name}}`,
    'spec:',
    ...spec.map((line) => `  ${line}`),
    '  panes:',
    ...keys.map((key) => `    - {label: ${name}-${key}, key: ${key}, launch: codex}`),
    '',
  ].join('\n');
}

export function actions(objects: readonly AppliedObject[]): readonly string[] {
  return objects.map(({ kind, name, action }) => `${kind}/${name} ${action}`);
}

/** The refusal `run` throws. */
export function refusal(run: () => unknown): AgentTowerError {
  try {
    run();
  } catch (error) {
    if (error instanceof AgentTowerError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

function toFiles(files: Files) {
  const named = typeof files === 'string' ? { 'web.yaml': files } : files;
  return Object.entries(named).map(([path, text]) => ({ path, text }));
}

type Tx = Parameters<Parameters<MemoryStore['transact']>[0]>[0];

function startPane(
  tx: Tx,
  { id, spec }: SlotRecord,
  { session, uuid }: { session: string; layout: LayoutId; uuid: () => string },
): void {
  const pane = uuid() as PaneId;
  tx.insertPane({
    id: pane,
    slot: id,
    spec,
    replaceHash: replaceHash(spec),
    session,
    markerToken: 'token',
    agentId: `agt_${pane}` as AgentId,
  });
  tx.updatePane(pane, { state: 'ready', readyAt: 1, markerToken: undefined });
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}
