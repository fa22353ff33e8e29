import type Database from 'better-sqlite3';
import type {
  Attachment,
  AttachmentSource,
  AttachmentState,
  LogTransaction,
} from '../../agents/logs/ports.ts';
import type { AgentId } from '../../domain/ids.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Columns } from './columns.ts';

export interface AttachmentRow {
  readonly attachment_id: string;
  readonly agent_id: AgentId;
  readonly path: string;
  readonly state: AttachmentState;
  readonly source: AttachmentSource;
  readonly created_at: number;
  readonly updated_at: number;
}

export function toAttachment(row: AttachmentRow): Attachment {
  return {
    attachmentId: row.attachment_id,
    agentId: row.agent_id,
    path: row.path,
    state: row.state,
    source: row.source,
    attachedAt: row.created_at,
    statusAt: row.updated_at,
  };
}

/** Reads the one attachment of an agent that is not superseded. */
export function currentAttachment(
  db: Database.Database,
): (agent: AgentId) => Attachment | undefined {
  const current = db.prepare<[AgentId], AttachmentRow>(
    `SELECT * FROM log_attachments WHERE agent_id = ? AND state <> 'superseded'`,
  );
  return (agent) => {
    const row = current.get(agent);
    return row === undefined ? undefined : toAttachment(row);
  };
}

type AttachmentWriter = Pick<LogTransaction, 'attachLog' | 'setAttachmentState' | 'closeReading'>;
export interface AttachmentPorts {
  readonly clock: Clock;
  readonly uuid: () => string;
}

/** Writes of the table `log_attachments`. An agent that has ended already gets an attachment that is `stale`. */
export function openAttachmentWriter(
  db: Database.Database,
  { clock, uuid }: AttachmentPorts,
): AttachmentWriter {
  const current = currentAttachment(db);
  const byId = db.prepare<[string], AttachmentRow>(
    'SELECT * FROM log_attachments WHERE attachment_id = ?',
  );
  const insert = db.prepare<[Columns]>(`
    INSERT INTO log_attachments (attachment_id, agent_id, path, state, source, created_at, updated_at)
    SELECT @id, agent_id, @path, CASE active WHEN 1 THEN 'active' ELSE 'stale' END, @source, @now, @now
    FROM agents WHERE agent_id = @agent`);
  const reopen = db.prepare<[Columns]>(`
    UPDATE log_attachments SET updated_at = @now, exit_told = 0,
      state = (SELECT CASE active WHEN 1 THEN 'active' ELSE 'stale' END FROM agents WHERE agent_id = @agent)
    WHERE attachment_id = @id`);
  const supersede = db.prepare<[Columns]>(`
    UPDATE log_attachments
    SET state = 'superseded', superseded_at = @now, superseded_by = @by, updated_at = @now
    WHERE attachment_id = @id`);
  const setState = db.prepare<[Columns]>(
    'UPDATE log_attachments SET state = @state, updated_at = @now WHERE attachment_id = @id',
  );
  const close = db.prepare<[string]>(
    'UPDATE log_attachments SET exit_told = 1 WHERE attachment_id = ?',
  );
  const unread = db.prepare<[Columns]>(`
    INSERT OR REPLACE INTO log_offsets (
      agent_id, path, byte_offset, line_offset, is_inside_line, is_silence_news, last_event_seq, updated_at
    ) VALUES (@agent, @path, 0, 0, 0, 0, 0, @now)`);

  return {
    attachLog: (agent, path, source) => {
      const now = clock.now();
      const before = current(agent);
      const id = before?.path === path ? before.attachmentId : newId(uuid());
      if (before?.path === path) reopen.run({ id, agent, now });
      else {
        if (before !== undefined) supersede.run({ id: before.attachmentId, by: id, now });
        insert.run({ id, agent, path, source, now });
        unread.run({ agent, path, now });
      }
      const row = byId.get(id);
      if (row === undefined) throw new Error(`there is no agent ${agent} to attach a log to`);
      return toAttachment(row);
    },
    setAttachmentState: (id, state) => {
      setState.run({ id, state, now: clock.now() });
    },
    closeReading: (id) => {
      close.run(id);
    },
  };
}

/** Twelve hexadecimal digits of chance. */
function newId(uuid: string): string {
  return `lat_${uuid.replaceAll('-', '').slice(-12)}`;
}
