/** Version 20: where an agent's pane is, and what it says of itself. `socket` is '' for the container's own server. */
export const AGENT_PLACES = `
ALTER TABLE agents ADD COLUMN socket TEXT NOT NULL DEFAULT '';
ALTER TABLE agents ADD COLUMN epoch TEXT;
ALTER TABLE agents ADD COLUMN tmux_pane_id TEXT;
ALTER TABLE agents ADD COLUMN pid INTEGER;
ALTER TABLE agents ADD COLUMN session TEXT;
ALTER TABLE agents ADD COLUMN window_index INTEGER;
ALTER TABLE agents ADD COLUMN pane_index INTEGER;
ALTER TABLE agents ADD COLUMN working_dir TEXT;
ALTER TABLE agents ADD COLUMN project_path TEXT NOT NULL DEFAULT '';
ALTER TABLE agents ADD COLUMN parent_agent_id TEXT;
ALTER TABLE agents ADD COLUMN registered_at INTEGER;
ALTER TABLE agents ADD COLUMN seen_at INTEGER;
CREATE INDEX agent_of_label ON agents (label) WHERE active = 1;
CREATE INDEX adopted_agents ON agents (container) WHERE origin = 'adopted' AND active = 1;
`;

/** Version 21: prompts and the switch that holds all of them back. */
export const MESSAGE_QUEUE = `
CREATE TABLE message_queue (
  ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('queued', 'blocked', 'delivered', 'canceled', 'failed')),
  block_reason TEXT,
  failure_reason TEXT,
  submission TEXT CHECK (submission IN ('pasted', 'submitted', 'uncertain')),
  sender_agent_id TEXT NOT NULL,
  sender_label TEXT NOT NULL,
  sender_role TEXT NOT NULL,
  sender_capability TEXT,
  target_agent_id TEXT NOT NULL,
  target_label TEXT NOT NULL,
  target_role TEXT NOT NULL,
  target_capability TEXT,
  target_container TEXT NOT NULL,
  target_pane TEXT NOT NULL,
  body TEXT,
  body_sha256 TEXT NOT NULL,
  raw INTEGER NOT NULL CHECK (raw IN (0, 1)),
  size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
  excerpt TEXT NOT NULL,
  enqueued_at INTEGER NOT NULL,
  attempt_started_at INTEGER,
  delivered_at INTEGER,
  failed_at INTEGER,
  canceled_at INTEGER,
  updated_at INTEGER NOT NULL,
  operator_action TEXT CHECK (operator_action IN ('approved', 'delayed', 'canceled')),
  operator_at INTEGER,
  operator_by TEXT,
  origin TEXT NOT NULL CHECK (origin IN ('direct', 'route')),
  route_id TEXT,
  event_id INTEGER,
  CHECK ((state IN ('queued', 'blocked')) = (body IS NOT NULL)),
  CHECK ((state = 'blocked') = (block_reason IS NOT NULL)),
  CHECK ((state = 'failed') = (failure_reason IS NOT NULL)),
  CHECK ((state = 'failed') = (failed_at IS NOT NULL)),
  CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
  CHECK ((state = 'canceled') = (canceled_at IS NOT NULL)),
  CHECK ((operator_action IS NULL) = (operator_at IS NULL) AND (operator_at IS NULL) = (operator_by IS NULL)),
  CHECK ((origin = 'route') = (route_id IS NOT NULL) AND (route_id IS NULL) = (event_id IS NULL))
) STRICT;
CREATE INDEX message_waiting ON message_queue (target_agent_id, ordinal)
  WHERE state = 'queued' AND attempt_started_at IS NULL;
CREATE INDEX message_of_sender ON message_queue (sender_agent_id, ordinal);
CREATE INDEX message_of_target ON message_queue (target_agent_id, ordinal);
CREATE UNIQUE INDEX message_of_route ON message_queue (route_id, event_id) WHERE origin = 'route';

CREATE TABLE daemon_state (
  key TEXT PRIMARY KEY CHECK (key = 'routing_enabled'),
  value TEXT NOT NULL CHECK (value IN ('enabled', 'disabled')),
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO daemon_state (key, value, updated_at, updated_by)
  VALUES ('routing_enabled', 'enabled', unixepoch() * 1000, '(daemon-init)');
`;

/** Version 22: what turns events into prompts. `cursor` is the seq of the last event a route is done with. */
export const ROUTES = `
CREATE TABLE routes (
  ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  event_type TEXT NOT NULL,
  scope_kind TEXT NOT NULL CHECK (scope_kind IN ('any', 'agent_id', 'role')),
  scope_value TEXT,
  target_rule TEXT NOT NULL CHECK (target_rule IN ('explicit', 'source', 'role')),
  target_value TEXT,
  master_rule TEXT NOT NULL CHECK (master_rule IN ('auto', 'explicit')),
  master_value TEXT,
  template TEXT NOT NULL CHECK (template <> ''),
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  cursor INTEGER NOT NULL CHECK (cursor >= 0),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK ((scope_kind = 'any') = (scope_value IS NULL)),
  CHECK ((target_rule = 'source') = (target_value IS NULL)),
  CHECK ((master_rule = 'auto') = (master_value IS NULL))
) STRICT;
CREATE TRIGGER route_cursor_only_grows BEFORE UPDATE OF cursor ON routes WHEN NEW.cursor < OLD.cursor
  BEGIN SELECT RAISE(ABORT, 'the cursor of a route only grows'); END;
`;
