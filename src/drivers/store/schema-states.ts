/**
 * Version 40: what agents do. Of every source the newest evidence, what is concluded from all of it, and the mark of
 * the newest prompt an agent said it took.
 */
export const AGENT_STATES = `
CREATE TABLE agent_evidence (
  agent_id TEXT NOT NULL REFERENCES agents (agent_id),
  source TEXT NOT NULL CHECK (source IN ('hook', 'process', 'screen', 'log')),
  state TEXT NOT NULL CHECK (state IN ('working', 'waiting_for_input', 'idle', 'rate_limited', 'exited')),
  at INTEGER NOT NULL,
  detail TEXT NOT NULL,
  event_seq INTEGER,
  PRIMARY KEY (agent_id, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_state (
  agent_id TEXT PRIMARY KEY REFERENCES agents (agent_id),
  state TEXT NOT NULL CHECK (state IN ('working', 'waiting_for_input', 'idle', 'rate_limited', 'exited', 'unknown')),
  source TEXT CHECK (source IN ('hook', 'process', 'screen', 'log')),
  confidence TEXT NOT NULL CHECK (confidence IN ('high', 'medium', 'low')),
  at INTEGER,
  detail TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_prompt (
  agent_id TEXT PRIMARY KEY REFERENCES agents (agent_id),
  at INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  message_id TEXT
) STRICT, WITHOUT ROWID;
`;
