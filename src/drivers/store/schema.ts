/**
 * Version 1 of the tables. Times are milliseconds since 1970, booleans 0 or 1, `*_json` is JSON text.
 * `ordinal` is the order of insertion. What must never be true stands in guards.ts.
 */
export const SCHEMA_V1 = `
CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT;

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE managed_layout (
  ordinal INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  container TEXT NOT NULL,
  name TEXT NOT NULL,
  tmux_session TEXT NOT NULL,
  spec_json TEXT NOT NULL,
  spec_hash TEXT NOT NULL,
  source_kind TEXT NOT NULL CHECK (source_kind IN ('apply', 'directory', 'git', 'imperative')),
  source_name TEXT NOT NULL,
  source_path TEXT NOT NULL,
  source_revision TEXT,
  generation INTEGER NOT NULL CHECK (generation >= 1),
  observed_generation INTEGER NOT NULL CHECK (observed_generation BETWEEN 0 AND generation),
  state TEXT NOT NULL,
  failed_stage TEXT,
  sync TEXT NOT NULL,
  health TEXT NOT NULL,
  conditions_json TEXT NOT NULL,
  deleting_reason TEXT,
  deleting_at INTEGER,
  suspended_json TEXT,
  arranged TEXT,
  prune_blocked TEXT,
  ownership_conflict TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  closed_at INTEGER,
  CHECK ((deleting_reason IS NULL) = (deleting_at IS NULL))
) STRICT;

CREATE TABLE slot (
  ordinal INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  layout_id TEXT NOT NULL REFERENCES managed_layout (id),
  slot_key TEXT NOT NULL,
  position INTEGER NOT NULL CHECK (position >= 0),
  spec_json TEXT NOT NULL,
  declared INTEGER NOT NULL CHECK (declared IN (0, 1)),
  hold_json TEXT,
  restart_requested INTEGER NOT NULL CHECK (restart_requested IN (0, 1)),
  failures INTEGER NOT NULL CHECK (failures >= 0),
  next_attempt_at INTEGER,
  exits_json TEXT NOT NULL,
  vanishings_json TEXT NOT NULL,
  restarts INTEGER NOT NULL CHECK (restarts >= 0),
  fence_epoch TEXT,
  fence_value TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  closed_at INTEGER,
  CHECK ((fence_epoch IS NULL) = (fence_value IS NULL))
) STRICT;
CREATE INDEX slot_of_layout ON slot (layout_id);

CREATE TABLE managed_pane (
  ordinal INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  slot_id TEXT NOT NULL REFERENCES slot (id),
  layout_id TEXT NOT NULL REFERENCES managed_layout (id),
  container TEXT NOT NULL,
  session TEXT NOT NULL,
  label TEXT NOT NULL,
  position INTEGER NOT NULL,
  state TEXT NOT NULL,
  failed_stage TEXT,
  spec_json TEXT NOT NULL,
  replace_hash TEXT NOT NULL,
  marker_token TEXT,
  epoch TEXT,
  tmux_pane_id TEXT,
  pid INTEGER,
  agent_id TEXT NOT NULL,
  log_path TEXT,
  replaces_pane_id TEXT REFERENCES managed_pane (id),
  predecessor_id TEXT REFERENCES managed_pane (id),
  chain_depth INTEGER NOT NULL DEFAULT 0 CHECK (chain_depth >= 0),
  idempotency_key TEXT,
  attempts INTEGER NOT NULL CHECK (attempts >= 0),
  retry_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  started_at INTEGER,
  ready_at INTEGER,
  ended_at INTEGER,
  exit_code INTEGER,
  exit_signal TEXT,
  problem TEXT
) STRICT;
CREATE INDEX pane_of_slot ON managed_pane (slot_id);

CREATE TABLE agents (
  agent_id TEXT PRIMARY KEY,
  managed_pane_id TEXT UNIQUE REFERENCES managed_pane (id),
  container TEXT NOT NULL,
  label TEXT NOT NULL,
  role TEXT NOT NULL,
  capability TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('managed', 'adopted')),
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK ((origin = 'managed') = (managed_pane_id IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE log_attachments (
  agent_id TEXT PRIMARY KEY REFERENCES agents (agent_id),
  path TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'detached')),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  actor TEXT NOT NULL CHECK (actor IN ('operator', 'daemon')),
  layout_id TEXT,
  pane_id TEXT,
  sequence INTEGER NOT NULL CHECK (sequence >= 0),
  payload_json TEXT NOT NULL CHECK (json_valid(payload_json)),
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE source (
  name TEXT PRIMARY KEY,
  config_json TEXT NOT NULL,
  status_json TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE declared_object (
  kind TEXT NOT NULL CHECK (kind IN ('LayoutTemplate', 'LaunchProfile')),
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  path TEXT NOT NULL,
  content_json TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE spent_plan (
  plan_id TEXT PRIMARY KEY,
  spent_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
