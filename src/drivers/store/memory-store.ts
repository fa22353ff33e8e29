import { insertIdentity } from './meta.ts';
import { openDatabase } from './open-database.ts';
import { type OpenStore, type StoreOptions, storeOn } from './open-store.ts';

/** A store in memory that can begin anew, for simulations that need thousands of fresh ones. */
export interface MemoryStore extends OpenStore {
  /** As if just opened: no rows, a new identity. Keeps the tables and the prepared statements. */
  reset(): void;
}

/** Referring tables first. */
const TABLES = [
  'routes',
  'message_queue',
  'agent_prompt',
  'agent_evidence',
  'agent_state',
  'log_offsets',
  'log_attachments',
  'agents',
  'managed_pane',
  'slot',
  'managed_layout',
  'events',
  'source',
  'declared_object',
  'spent_plan',
  'declared_selector',
  'containers',
  'panes',
  'meta',
  'sqlite_sequence',
];

/** Opens a store of its own; every call makes another one. */
export function openMemoryStore(options: Omit<StoreOptions, 'path'>): MemoryStore {
  const path = ':memory:';
  const { db, schemaVersion } = openDatabase(path, options.uuid);
  const store = storeOn(db, schemaVersion, { ...options, path });
  const deletions = TABLES.map((table) => db.prepare(`DELETE FROM ${table}`));
  const empty = db.transaction(() => {
    for (const deletion of deletions) deletion.run();
    insertIdentity(db, options.uuid);
  });
  return Object.assign(store, {
    reset: () => {
      empty();
      store.reload();
    },
  });
}
