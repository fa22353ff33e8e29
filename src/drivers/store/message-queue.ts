import type Database from 'better-sqlite3';
import type {
  AgentStore,
  AgentTransaction,
  MessageFilter,
  MessagePatch,
  NewMessage,
  RoutingSwitch,
} from '../../agents/ports.ts';
import { isTerminal, type MessageRecord } from '../../domain/messages.ts';
import type { Clock } from '../../lib/clock.ts';
import { sha256 } from '../../lib/hash.ts';
import { type Columns, type Encoders, openUpdate, plain, toColumns } from './columns.ts';
import { type MessageRow, toMessage } from './message-rows.ts';

type MessageWrites = Pick<AgentTransaction, 'insertMessage' | 'updateMessage' | 'setRouting'>;

/** The tables `message_queue` and `daemon_state`. */
export function openMessageQueue(
  db: Database.Database,
  clock: Clock,
): { readonly reads: AgentStore['messages']; readonly writes: MessageWrites } {
  return { reads: openReads(db), writes: openWrites(db, clock) };
}

/** The condition of the index `message_waiting`. */
const WAITING = `state = 'queued' AND attempt_started_at IS NULL`;

function openReads(db: Database.Database): AgentStore['messages'] {
  const one = db.prepare<[string], MessageRow>('SELECT * FROM message_queue WHERE id = ?');
  // From target to target by the index: thousands may wait for each.
  const heads = db.prepare<[], MessageRow>(`
    WITH RECURSIVE targets (id) AS (
      SELECT min(target_agent_id) FROM message_queue WHERE ${WAITING}
      UNION ALL
      SELECT (SELECT min(target_agent_id) FROM message_queue WHERE ${WAITING} AND target_agent_id > targets.id)
      FROM targets WHERE targets.id IS NOT NULL
    )
    SELECT message_queue.* FROM targets JOIN message_queue ON ordinal = (
      SELECT min(ordinal) FROM message_queue WHERE ${WAITING} AND target_agent_id = targets.id
    ) ORDER BY ordinal`);
  const underWay = db.prepare<[], MessageRow>(`
    SELECT * FROM message_queue
    WHERE (state = 'queued' AND attempt_started_at IS NOT NULL) OR (state = 'delivered' AND submission = 'pasted')`);
  const routing = db.prepare<[], { value: RoutingSwitch['value']; at: number; by: string }>(
    'SELECT value, updated_at AS at, updated_by AS by FROM daemon_state',
  );
  const list = db.prepare<[Columns], MessageRow>(`
    SELECT * FROM message_queue
    WHERE (@state IS NULL OR state = @state) AND (@target IS NULL OR target_agent_id = @target)
      AND (@sender IS NULL OR sender_agent_id = @sender) AND (@since IS NULL OR enqueued_at >= @since)
      AND (@origin IS NULL OR origin = @origin)
    ORDER BY ordinal LIMIT @limit`);
  return {
    message: (id) => map(one.get(id)),
    heads: () => heads.all().map(toMessage),
    underWay: () => underWay.all().map(toMessage),
    list: (filter) => list.all(toFilterColumns(filter)).map(toMessage),
    routing: () => {
      const row = routing.get();
      if (row === undefined) return { value: 'enabled', updatedAt: 0, updatedBy: '(daemon-init)' };
      return { value: row.value, updatedAt: row.at, updatedBy: row.by };
    },
  };
}

function openWrites(db: Database.Database, clock: Clock): MessageWrites {
  const insert = db.prepare<[Columns]>(`
    INSERT INTO message_queue (
      id, state, block_reason, sender_agent_id, sender_label, sender_role, sender_capability, target_agent_id,
      target_label, target_role, target_capability, target_container, target_pane, body, body_sha256, raw, size_bytes, excerpt,
      enqueued_at, updated_at, origin, route_id, event_id
    ) VALUES (
      @id, @state, @blockReason, @senderId, @senderLabel, @senderRole, @senderCapability, @targetId,
      @targetLabel, @targetRole, @targetCapability, @targetContainer, @targetPane, @body, @bodySha256, @raw, @sizeBytes, @excerpt,
      @now, @now, @origin, @routeId, @eventId
    )`);
  const update = openUpdate(db, 'message_queue', 'id');
  const setRouting = db.prepare<[Columns]>(`
    INSERT INTO daemon_state (key, value, updated_at, updated_by) VALUES ('routing_enabled', @value, @now, @by)
    ON CONFLICT (key) DO UPDATE SET value = @value, updated_at = @now, updated_by = @by`);
  return {
    insertMessage: (message) => {
      insert.run({ ...toInsertColumns(message), now: clock.now() });
    },
    updateMessage: (id, patch) => {
      const changed = update(id, { ...toColumns(ENCODERS, patch), updated_at: clock.now() });
      if (changed === undefined) throw new Error(`there is no message ${id}`);
    },
    setRouting: (value, by) => {
      setRouting.run({ value, by, now: clock.now() });
    },
  };
}

const ENCODERS: Encoders<MessagePatch> = {
  // What was typed may hold secrets, and nobody needs it any more.
  state: (state) => ({
    state: state ?? null,
    ...(state !== undefined && isTerminal(state) && { body: null }),
  }),
  blockReason: plain('block_reason'),
  failureReason: plain('failure_reason'),
  submission: plain('submission'),
  attemptStartedAt: plain('attempt_started_at'),
  deliveredAt: plain('delivered_at'),
  failedAt: plain('failed_at'),
  canceledAt: plain('canceled_at'),
  operator: (operator) => ({
    operator_action: operator?.action ?? null,
    operator_at: operator?.at ?? null,
    operator_by: operator?.by ?? null,
  }),
};

function toInsertColumns(message: NewMessage): Columns {
  const { sender, target, route } = message;
  return {
    id: message.id,
    state: message.state,
    blockReason: message.blockReason ?? null,
    senderId: sender.id,
    senderLabel: sender.label,
    senderRole: sender.role,
    senderCapability: sender.capability ?? null,
    targetId: target.agentId,
    targetLabel: target.label,
    targetRole: target.role,
    targetCapability: target.capability,
    targetContainer: target.container,
    targetPane: target.tmuxPaneId ?? '',
    body: message.body,
    bodySha256: sha256(message.body),
    raw: Number(message.raw),
    sizeBytes: message.sizeBytes,
    excerpt: message.excerpt,
    origin: route === undefined ? 'direct' : 'route',
    routeId: route?.id ?? null,
    eventId: route?.eventId ?? null,
  };
}

function toFilterColumns(filter: MessageFilter): Columns {
  const { state, target, sender, since, origin, limit } = filter;
  return {
    state: state ?? null,
    target: target ?? null,
    sender: sender ?? null,
    since: since ?? null,
    origin: origin ?? null,
    limit,
  };
}

function map(row: MessageRow | undefined): MessageRecord | undefined {
  return row === undefined ? undefined : toMessage(row);
}
