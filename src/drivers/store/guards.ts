import type Database from 'better-sqlite3';
import {
  CHAIN_LIMIT,
  FAILED_STAGES,
  isLegalTransition,
  isLive,
  PANE_STATES,
} from '../../domain/states.ts';

/**
 * The last guard of the invariants: indexes and triggers that refuse a row no correct program writes. Their text is
 * made from the domain's own tables and compared at every start, so that an older database follows the program.
 */
export interface Guard {
  readonly name: string;
  readonly sql: string;
}

/** SQL condition on a row of `managed_pane`: it holds its slot. */
export const IS_LIVE = anyOf('state', PANE_STATES.filter(isLive));

const GUARDS: readonly Guard[] = [
  unique('schema_version_is_one_row', 'schema_version ((1))'),

  unique('layout_name', 'managed_layout (container, name) WHERE closed_at IS NULL'),
  // A client may use a session's name again once no pane lives under it; who declares a layout may not.
  unique(
    'layout_session',
    `managed_layout (container, tmux_session) WHERE closed_at IS NULL AND source_kind <> 'imperative'`,
  ),
  unique(
    'layout_key',
    'managed_layout (container, idempotency_key) WHERE idempotency_key IS NOT NULL',
  ),
  unique('slot_key', 'slot (layout_id, slot_key) WHERE closed_at IS NULL'),

  unique('one_live_pane_per_slot', `managed_pane (slot_id) WHERE ${IS_LIVE}`),
  unique('live_pane_label', `managed_pane (container, label) WHERE ${IS_LIVE}`),
  unique(
    'one_live_successor',
    `managed_pane (predecessor_id) WHERE predecessor_id IS NOT NULL AND ${IS_LIVE}`,
  ),
  unique(
    'successor_key',
    'managed_pane (predecessor_id, idempotency_key) WHERE predecessor_id IS NOT NULL AND idempotency_key IS NOT NULL',
  ),
  unique('live_tmux_pane', `managed_pane (container, epoch, tmux_pane_id) WHERE ${IS_LIVE}`),

  unique(
    'adopted_pane',
    `agents (container, socket, epoch, tmux_pane_id) WHERE origin = 'adopted'`,
  ),

  unique('event_of_pane', 'events (pane_id, sequence) WHERE pane_id IS NOT NULL'),
  unique(
    'event_of_layout',
    'events (layout_id, sequence) WHERE pane_id IS NULL AND layout_id IS NOT NULL',
  ),
  unique('event_of_agent', 'events (agent_id, sequence) WHERE agent_id IS NOT NULL'),
  unique(
    'event_of_neither',
    'events (sequence) WHERE pane_id IS NULL AND layout_id IS NULL AND agent_id IS NULL',
  ),
  unique('current_attachment', `log_attachments (agent_id) WHERE state <> 'superseded'`),
  unique('log_written_once', `log_attachments (path) WHERE state = 'active'`),

  refusal('pane_begins_creating', {
    on: 'INSERT ON managed_pane',
    when: `NEW.state <> 'creating'`,
    message: 'a pane begins in state creating',
  }),
  refusal('pane_transition', {
    on: 'UPDATE OF state ON managed_pane',
    when: `NEW.state IS NOT OLD.state AND NOT (${legalTransitions()})`,
    message: 'illegal transition of a pane',
  }),
  refusal('chain_ends', {
    on: 'INSERT ON managed_pane',
    when: `NEW.chain_depth >= ${CHAIN_LIMIT}`,
    message: 'a chain of recreations is too deep',
  }),
  ...closedSets('managed_pane'),
  ...closedSets('managed_layout'),
  refusal('generation_only_grows', {
    on: 'UPDATE OF generation, observed_generation ON managed_layout',
    when: 'NEW.generation < OLD.generation OR NEW.observed_generation < OLD.observed_generation',
    message: 'a generation only grows',
  }),
  refusal('slot_closes_empty', {
    on: 'UPDATE OF closed_at ON slot',
    when: `NEW.closed_at IS NOT NULL AND EXISTS (
      SELECT 1 FROM managed_pane WHERE slot_id = NEW.id AND ${IS_LIVE})`,
    message: 'a slot with a live pane cannot be closed',
  }),
];

/** Guards that are missing in the database, or say something else there. */
export function staleGuards(db: Database.Database): readonly Guard[] {
  const rows = db
    .prepare<[], Guard>(`SELECT name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger')`)
    .all();
  const installed = new Map(rows.map((row) => [row.name, row.sql]));
  return GUARDS.filter((guard) => installed.get(guard.name) !== guard.sql);
}

/** Puts guards in the place of older ones of the same name. Call inside a transaction. */
export function installGuards(db: Database.Database, guards: readonly Guard[]): void {
  for (const guard of guards) {
    const kind = guard.sql.startsWith('CREATE TRIGGER') ? 'TRIGGER' : 'INDEX';
    db.exec(`DROP ${kind} IF EXISTS ${guard.name}; ${guard.sql}`);
  }
}

function unique(name: string, target: string): Guard {
  return { name, sql: `CREATE UNIQUE INDEX ${name} ON ${target}` };
}

function refusal(
  name: string,
  rule: { readonly on: string; readonly when: string; readonly message: string },
): Guard {
  const body = `SELECT RAISE(ABORT, '${rule.message}');`;
  return {
    name,
    sql: `CREATE TRIGGER ${name} BEFORE ${rule.on} WHEN ${rule.when} BEGIN ${body} END`,
  };
}

function closedSets(table: 'managed_pane' | 'managed_layout'): readonly Guard[] {
  const when = `NOT ${anyOf('NEW.state', PANE_STATES)} OR NOT ${anyOf('NEW.failed_stage', FAILED_STAGES)}`;
  const message = `unknown state or failed stage in ${table}`;
  return [
    refusal(`${table}_words_inserted`, { on: `INSERT ON ${table}`, when, message }),
    refusal(`${table}_words_updated`, {
      on: `UPDATE OF state, failed_stage ON ${table}`,
      when,
      message,
    }),
  ];
}

function legalTransitions(): string {
  return PANE_STATES.map((from) => {
    const next = PANE_STATES.filter((to) => isLegalTransition(from, to));
    return next.length === 0 ? '0' : `(OLD.state = '${from}' AND ${anyOf('NEW.state', next)})`;
  }).join(' OR ');
}

/** Not `IN`: SQLite builds a table for every longer list, each time a trigger fires. */
function anyOf(column: string, words: readonly string[]): string {
  return `(${words.map((word) => `${column} = '${word}'`).join(' OR ')})`;
}
