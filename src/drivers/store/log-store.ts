import type Database from 'better-sqlite3';
import type { Progress } from '../../agents/events/ports.ts';
import type { LogStore, LogTransaction, Reached, ReadableLog } from '../../agents/logs/ports.ts';
import type { NewEvent } from '../../domain/events.ts';
import type { AgentId, ContainerId } from '../../domain/ids.ts';
import {
  type AttachmentPorts,
  type AttachmentRow,
  currentAttachment,
  openAttachmentWriter,
  toAttachment,
} from './attachment-writer.ts';
import { type Columns, optional } from './columns.ts';
import { toNewEvent } from './log-event.ts';

interface OffsetRow {
  readonly byte_offset: number;
  readonly line_offset: number;
  readonly is_inside_line: number;
  readonly is_silence_news: number;
  readonly window_json: string | null;
  readonly last_event_seq: number;
  readonly file_identity: string | null;
  readonly file_start: number;
  readonly file_size: number | null;
  readonly file_modified_at: number | null;
  readonly last_output_at: number | null;
}

interface ReadableRow extends OffsetRow, AttachmentRow {
  readonly container: ContainerId;
  readonly active: number;
}

export interface LogTables {
  readonly reads: LogStore['logs'];
  readonly writes: Omit<LogTransaction, 'emit'>;
}

interface LogPorts extends AttachmentPorts {
  readonly emit: (event: NewEvent) => void;
  readonly lastSeq: () => number;
}

/** The tables `log_attachments` and `log_offsets`. */
export function openLogTables(db: Database.Database, ports: LogPorts): LogTables {
  return {
    reads: openReads(db),
    writes: {
      ...openAttachmentWriter(db, ports),
      recordReading: openReadingWriter(db, ports),
    },
  };
}

function openReads(db: Database.Database): LogStore['logs'] {
  const writer = db
    .prepare<[string], AgentId>(
      `SELECT agent_id FROM log_attachments WHERE path = ? AND state = 'active'`,
    )
    .pluck();
  const offset = db.prepare<[string, string], OffsetRow>(
    'SELECT * FROM log_offsets WHERE agent_id = ? AND path = ?',
  );
  const readable = db.prepare<[], ReadableRow>(`
    SELECT log_offsets.*, log_attachments.*, agents.container, agents.active
    FROM log_attachments JOIN agents USING (agent_id) JOIN log_offsets USING (agent_id, path)
    WHERE log_attachments.state = 'active' OR (log_attachments.state = 'stale' AND exit_told = 0)
    ORDER BY attachment_id`);
  return {
    attachmentOf: currentAttachment(db),
    writerOf: (path) => writer.get(path),
    reached: (agent, path) => {
      const row = offset.get(agent, path);
      return row === undefined ? undefined : toReached(row);
    },
    readable: () => readable.all().map(toReadable),
  };
}

function openReadingWriter(
  db: Database.Database,
  { clock, emit, lastSeq }: LogPorts,
): LogTransaction['recordReading'] {
  const update = db.prepare<[Columns]>(`
    UPDATE log_offsets SET byte_offset = @offset, line_offset = @line, is_inside_line = @isInsideLine,
      is_silence_news = @isSilenceNews, window_json = @window, file_identity = @identity, file_start = @start, file_size = @size,
      file_modified_at = @modifiedAt, last_output_at = @lastOutputAt, updated_at = @now,
      last_event_seq = coalesce(@seq, last_event_seq)
    WHERE agent_id = @agent AND path = @path`);
  return ({ attachment }, { progress, file }, findings) => {
    for (const finding of findings) emit(toNewEvent(attachment, finding));
    const { offset, line, window, lastOutputAt } = progress;
    update.run({
      agent: attachment.agentId,
      path: attachment.path,
      offset,
      line,
      isInsideLine: Number(progress.isInsideLine),
      isSilenceNews: Number(progress.isSilenceNews),
      window: window === undefined ? null : JSON.stringify(window),
      identity: file.identity ?? null,
      start: file.start,
      size: file.size ?? null,
      modifiedAt: file.modifiedAt ?? null,
      lastOutputAt: lastOutputAt ?? null,
      seq: findings.length > 0 ? lastSeq() : null,
      now: clock.now(),
    });
  };
}

function toReadable(row: ReadableRow): ReadableLog {
  return {
    attachment: toAttachment(row),
    container: row.container,
    isOver: row.active === 0,
    ...toReached(row),
  };
}

function toReached(row: OffsetRow): Reached {
  return {
    progress: {
      offset: row.byte_offset,
      line: row.line_offset,
      isInsideLine: row.is_inside_line === 1,
      isSilenceNews: row.is_silence_news === 1,
      ...optional('lastOutputAt', row.last_output_at),
      ...(row.window_json !== null && {
        window: JSON.parse(row.window_json) as NonNullable<Progress['window']>,
      }),
    },
    file: {
      start: row.file_start,
      ...optional('size', row.file_size),
      ...optional('identity', row.file_identity),
      ...optional('modifiedAt', row.file_modified_at),
    },
    lastEventSeq: row.last_event_seq,
  };
}
