import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { AgentId, ContainerId, LayoutId, PaneId, SlotId } from '../../../src/domain/ids.ts';
import { type LayoutSpec, replaceHash, type SlotSpec } from '../../../src/domain/spec.ts';
import { openDatabase } from '../../../src/drivers/store/open-database.ts';
import { type StoreOnDatabase, storeOn } from '../../../src/drivers/store/open-store.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import type { NewLayout, NewPane, NewSlot } from '../../../src/reconcile/ports.ts';

/** Shorthand for rows: ids are made from small names, everything else has a default. */

export const LOCAL = 'local' as ContainerId;
export const BENCH = 'bench' as ContainerId;

/** A uuid that shows what it stands for: `id('a', 1)`. */
export const layoutId = (name: string) => `layout-${name}` as LayoutId;
export const slotId = (name: string) => `slot-${name}` as SlotId;
export const paneId = (name: string) => `pane-${name}` as PaneId;

export function slotSpec(key: string, changes: Partial<SlotSpec> = {}): SlotSpec {
  return {
    key,
    label: key,
    role: 'slave',
    capability: 'worker',
    command: ['sleep', 'infinity'],
    env: {},
    log: false,
    after: [],
    restartPolicy: 'Always',
    onRemove: 'kill',
    settleMs: 1_000,
    ...changes,
  };
}

export function layoutSpec(name: string, changes: Partial<LayoutSpec> = {}): LayoutSpec {
  return {
    name,
    container: 'local',
    session: name,
    labels: {},
    slots: [],
    arrangement: 'tiled',
    updateStrategy: { type: 'RollingUpdate', maxUnavailable: 1 },
    suspend: false,
    ...changes,
  };
}

export function newLayout(name: string, changes: Partial<NewLayout> = {}): NewLayout {
  return {
    id: layoutId(name),
    container: LOCAL,
    spec: layoutSpec(name),
    source: { kind: 'apply', name: 'apply', path: 'agents.yaml:1' },
    ...changes,
  };
}

export function newSlot(layout: string, key: string, changes: Partial<NewSlot> = {}): NewSlot {
  return {
    id: slotId(`${layout}/${key}`),
    layout: layoutId(layout),
    spec: slotSpec(key, { label: `${layout}-${key}` }),
    position: 0,
    ...changes,
  };
}

/** `slot` as `layout/key`, `name` of the pane after it. */
export function newPane(slot: string, name: string, changes: Partial<NewPane> = {}): NewPane {
  const spec = changes.spec ?? slotSpec('m1', { label: slot.replace('/', '-') });
  return {
    id: paneId(name),
    slot: slotId(slot),
    spec,
    replaceHash: replaceHash(spec),
    session: 'web',
    markerToken: `token-${name}`,
    agentId: `agt_${name}` as AgentId,
    ...changes,
  };
}

export interface TestClock extends Clock {
  set(now: number): void;
}

/** A clock that stands still until it is set; `sleep` never ends by itself. */
export function testClock(start = 1_000): TestClock {
  let now = start;
  return {
    now: () => now,
    monotonic: () => now,
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) resolve();
        signal?.addEventListener('abort', () => {
          resolve();
        });
      }),
    set: (next) => {
      now = next;
    },
  };
}

export function countingUuid(): () => string {
  let count = 0;
  return () => `00000000-0000-4000-8000-${String((count += 1)).padStart(12, '0')}`;
}

export interface TestStore {
  readonly db: Database.Database;
  readonly store: StoreOnDatabase;
  readonly clock: TestClock;
}

/** A store whose database can be tampered with. */
export function testStore(path = ':memory:'): TestStore {
  const clock = testClock();
  const uuid = countingUuid();
  const { db, schemaVersion } = openDatabase(path, uuid);
  return { db, clock, store: storeOn(db, schemaVersion, { path, clock, uuid }) };
}

/** A path for a database in a fresh directory. */
export function freshPath(name = 'agenttower.db'): string {
  return join(mkdtempSync(join(tmpdir(), 'agenttower-store-')), name);
}

/** What `run` throws. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
