/**
 * Version 10: every attachment of a log there ever was, how far each log has been told of, and events of agents. Of an
 * agent's attachments one at most is not superseded. `window_json` is activity that is still being gathered.
 */
export const LOGS = `
ALTER TABLE log_attachments RENAME TO log_attachments_before;
CREATE TABLE log_attachments (
  attachment_id TEXT PRIMARY KEY,
  agent_id TEXT NOT NULL REFERENCES agents (agent_id),
  path TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'superseded', 'stale', 'detached')),
  source TEXT NOT NULL CHECK (source IN ('explicit', 'register_self', 'declared')),
  exit_told INTEGER NOT NULL DEFAULT 0 CHECK (exit_told IN (0, 1)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  superseded_at INTEGER,
  superseded_by TEXT,
  CHECK ((state = 'superseded') = (superseded_at IS NOT NULL)),
  CHECK ((superseded_at IS NULL) = (superseded_by IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO log_attachments (attachment_id, agent_id, path, state, source, exit_told, created_at, updated_at)
  SELECT 'lat_' || substr(lower(hex(randomblob(6))), 1, 12), agent_id, path, state, 'declared', 0, created_at, updated_at
  FROM log_attachments_before;
DROP TABLE log_attachments_before;

CREATE TABLE log_offsets (
  agent_id TEXT NOT NULL REFERENCES agents (agent_id),
  path TEXT NOT NULL,
  byte_offset INTEGER NOT NULL CHECK (byte_offset >= 0),
  line_offset INTEGER NOT NULL CHECK (line_offset >= 0),
  is_inside_line INTEGER NOT NULL CHECK (is_inside_line IN (0, 1)),
  is_silence_news INTEGER NOT NULL CHECK (is_silence_news IN (0, 1)),
  window_json TEXT,
  last_event_seq INTEGER NOT NULL,
  file_start INTEGER NOT NULL DEFAULT 0,
  file_identity TEXT,
  file_size INTEGER,
  file_modified_at INTEGER,
  last_output_at INTEGER,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (agent_id, path)
) STRICT, WITHOUT ROWID;

INSERT INTO log_offsets (
    agent_id, path, byte_offset, line_offset, is_inside_line, is_silence_news, last_event_seq, updated_at
  ) SELECT agent_id, path, 0, 0, 0, 0, 0, updated_at FROM log_attachments;

CREATE TRIGGER log_of_ended_pane AFTER UPDATE OF active ON agents WHEN NEW.active = 0 AND OLD.active = 1 BEGIN
  UPDATE log_attachments SET state = 'stale', updated_at = NEW.updated_at
  WHERE agent_id = NEW.agent_id AND state = 'active';
END;

ALTER TABLE events ADD COLUMN agent_id TEXT;
CREATE INDEX events_of_agent ON events (agent_id, seq) WHERE agent_id IS NOT NULL;
CREATE INDEX events_of_type ON events (type, seq);
CREATE INDEX events_at ON events (at);
`;
