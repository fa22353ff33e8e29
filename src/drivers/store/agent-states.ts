import type Database from 'better-sqlite3';
import type {
  AgentEvidence,
  LogNews,
  StateReader,
  StateTransaction,
  WatchedAgent,
} from '../../agents/state/ports.ts';
import type {
  AgentState,
  Confidence,
  Evidence,
  PromptReceipt,
  StateRecord,
} from '../../domain/agent-states.ts';
import type { AgentId, ContainerId, PaneId } from '../../domain/ids.ts';
import { LOG_EVENT_TYPES } from '../../domain/log-events.ts';
import { type Columns, optional } from './columns.ts';

interface EvidenceRow {
  readonly agent_id: AgentId;
  readonly source: Evidence['source'];
  readonly state: Evidence['state'];
  readonly at: number;
  readonly detail: string;
  readonly event_seq: number | null;
}

interface StateRow {
  readonly agent_id: AgentId;
  readonly state: AgentState;
  readonly source: Evidence['source'] | null;
  readonly confidence: Confidence;
  readonly at: number | null;
  readonly detail: string;
  readonly since: number;
}

interface WatchedRow {
  readonly agent_id: AgentId;
  readonly container: ContainerId;
  readonly managed_pane_id: PaneId | null;
  readonly label: string;
  readonly capability: string;
  readonly active: number;
}

interface PromptRow {
  readonly at: number;
  readonly sha256: string;
  readonly message_id: string | null;
}

type StateWrites = Pick<
  StateTransaction,
  'recordEvidence' | 'dropEvidence' | 'recordState' | 'recordPrompt'
>;

/** The tables `agent_evidence`, `agent_state` and `agent_prompt`. */
export function openAgentStates(db: Database.Database): {
  readonly reads: StateReader;
  readonly writes: StateWrites;
} {
  return { reads: openReads(db), writes: openWrites(db) };
}

function openReads(db: Database.Database): StateReader {
  const all = db.prepare<[], StateRow>('SELECT * FROM agent_state');
  const one = db.prepare<[string], StateRow>('SELECT * FROM agent_state WHERE agent_id = ?');
  const evidence = db.prepare<[string], EvidenceRow>(
    'SELECT * FROM agent_evidence WHERE agent_id = ? ORDER BY at DESC',
  );
  const watched = db.prepare<[], WatchedRow>(`
    SELECT agents.agent_id, agents.container, managed_pane_id, label, capability, active
    FROM agents LEFT JOIN agent_state USING (agent_id)
    WHERE active = 1 OR state <> 'exited'`);
  const seq = db
    .prepare<[], number>('SELECT coalesce(max(event_seq), 0) FROM agent_evidence')
    .pluck();
  const last = db.prepare<[], number>('SELECT coalesce(max(seq), 0) FROM events').pluck();
  // Of a group with max(), SQLite takes the other columns from the row that has the maximum.
  const news = db.prepare<[Columns], LogNews>(`
    SELECT agent_id AS agentId, max(seq) AS seq, type, at,
      payload_json ->> '$.rule_id' AS ruleId, payload_json ->> '$.excerpt' AS excerpt
    FROM events
    WHERE seq > @after AND seq <= @upTo AND at >= @since AND agent_id IS NOT NULL
      AND type IN (${LOG_EVENT_TYPES.map((type) => `'${type}'`).join(', ')})
    GROUP BY agent_id`);
  const prompt = db.prepare<[string], PromptRow>('SELECT * FROM agent_prompt WHERE agent_id = ?');
  return {
    states: () => new Map(all.all().map((row) => [row.agent_id, toState(row)])),
    stateOf: (agent) => {
      const row = one.get(agent);
      return row === undefined ? undefined : toState(row);
    },
    evidenceOf: (agent) => evidence.all(agent).map(toEvidence),
    watched: () => watched.all().map(toWatched),
    logSeq: () => seq.get() ?? 0,
    logNews: ({ seq: after, since }) => {
      const upTo = last.get() ?? 0;
      return { seq: upTo, news: after < upTo ? news.all({ after, upTo, since }) : [] };
    },
    lastPrompt: (agent) => {
      const row = prompt.get(agent);
      return row === undefined ? undefined : toReceipt(row);
    },
  };
}

function openWrites(db: Database.Database): StateWrites {
  const evidence = db.prepare<[Columns]>(`
    INSERT OR REPLACE INTO agent_evidence (agent_id, source, state, at, detail, event_seq)
    VALUES (@agentId, @source, @state, @at, @detail, @eventSeq)`);
  const drop = db.prepare<[string, string]>(
    'DELETE FROM agent_evidence WHERE agent_id = ? AND source = ?',
  );
  const state = db.prepare<[Columns]>(`
    INSERT OR REPLACE INTO agent_state (agent_id, state, source, confidence, at, detail, since)
    VALUES (@agent, @state, @source, @confidence, @at, @detail, @since)`);
  const prompt = db.prepare<[Columns]>(`
    INSERT OR REPLACE INTO agent_prompt (agent_id, at, sha256, message_id)
    VALUES (@agent, @at, @sha256, @messageId)`);
  return {
    recordEvidence: ({ agentId, source, state: claimed, at, detail, eventSeq = null }) => {
      evidence.run({ agentId, source, state: claimed, at, detail, eventSeq });
    },
    dropEvidence: (agent, source) => {
      drop.run(agent, source);
    },
    recordState: (agent, { state: concluded, source = null, at = null, ...rest }) => {
      state.run({ agent, state: concluded, source, at, ...rest });
    },
    recordPrompt: (agent, { at, sha256, messageId = null }) => {
      prompt.run({ agent, at, sha256, messageId });
    },
  };
}

function toState({ state, source, confidence, at, detail, since }: StateRow): StateRecord {
  return {
    state,
    confidence,
    detail,
    since,
    ...optional('source', source),
    ...optional('at', at),
  };
}

function toEvidence(row: EvidenceRow): AgentEvidence {
  const { agent_id: agentId, source, state, at, detail } = row;
  return { agentId, source, state, at, detail, ...optional('eventSeq', row.event_seq) };
}

function toWatched(row: WatchedRow): WatchedAgent {
  const { agent_id: agentId, container, label, capability } = row;
  return {
    agentId,
    container,
    label,
    capability,
    active: row.active === 1,
    ...optional('paneId', row.managed_pane_id),
  };
}

function toReceipt({ at, sha256, message_id: messageId }: PromptRow): PromptReceipt {
  return { at, sha256, ...optional('messageId', messageId) };
}
