import { CLASSIFIER_RULES, SYNTHETIC_RULES } from '../../../agents/events/rules.ts';
import type { Scope } from '../../../declare/managed/scope.ts';
import { refuse } from '../../../domain/errors.ts';
import type { FollowNext, FollowOpened, LogEventPage } from '../log-protocol.ts';
import type { CallContext, Method } from '../method.ts';
import { defineMethod } from '../params.ts';
import {
  type EventFilter,
  FILTER_PROPERTIES,
  type FilterParams,
  filterInvalid,
  readFilter,
} from './event-filter.ts';
import { type FollowSession, openFollowSessions } from './follow-sessions.ts';
import { toLogEventView } from './log-views.ts';
import type { Services } from './services.ts';

export interface PageParams extends FilterParams {
  readonly limit?: number;
  readonly cursor?: string | null;
  readonly reverse?: boolean;
}

const PAGE = 50;
const MAX_WAIT_SECONDS = 30;

/** One page of what logs told, in the order it was told in; `next_cursor` goes on from there. */
export function listLogEvents(params: PageParams, scope: Scope, services: Services): LogEventPage {
  const filter = readFilter(params, scope, services);
  const limit = Math.min(params.limit ?? PAGE, PAGE);
  const from = readCursor(params.cursor ?? undefined);
  const newestFirst = params.reverse ?? from?.reverse ?? false;
  if (from !== undefined && from.reverse !== newestFirst) throw badCursor();
  const events = services.logs.events.queryEvents({
    ...filter,
    newestFirst,
    limit: limit + 1,
    ...(from !== undefined && { after: from.seq }),
  });
  const page = events.slice(0, limit);
  const last = page.at(-1);
  const isMore = events.length > limit && last !== undefined;
  return {
    events: page.map(toLogEventView),
    next_cursor: isMore ? writeCursor({ seq: last.seq, reverse: newestFirst }) : null,
  };
}

/** Following what logs tell by asking again and again, and the rules by which they are read. */
export function logEventMethods(services: Services): ReadonlyMap<string, Method> {
  const sessions = openFollowSessions(services.clock, () => services.ids.uuid());
  const session = { type: 'string', minLength: 1 } as const;
  const wrongShape = 'events_filter_invalid';
  return new Map<string, Method>([
    [
      'events.follow_open',
      defineMethod<FilterParams>({
        access: 'host',
        wrongShape,
        schema: { type: 'object', properties: FILTER_PROPERTIES },
        run: (params, { scope }) =>
          openFollow(readFilter(params, scope, services), sessions, services),
      }),
    ],
    [
      'events.follow_next',
      defineMethod<{ readonly session_id: string; readonly max_wait_seconds?: number }>({
        access: 'host',
        wrongShape,
        schema: {
          type: 'object',
          required: ['session_id'],
          properties: { session_id: session, max_wait_seconds: { type: 'number' } },
        },
        streams: true,
        run: ({ session_id, max_wait_seconds = MAX_WAIT_SECONDS }, context) => {
          if (!(max_wait_seconds > 0)) {
            throw filterInvalid('max_wait_seconds', 'must be more than 0');
          }
          const waitMs = Math.min(max_wait_seconds, MAX_WAIT_SECONDS) * 1_000;
          return followNext(sessions.use(session_id), { waitMs, context }, services);
        },
      }),
    ],
    [
      'events.follow_close',
      defineMethod<{ readonly session_id: string }>({
        access: 'host',
        wrongShape,
        schema: { type: 'object', required: ['session_id'], properties: { session_id: session } },
        run: ({ session_id }) => {
          sessions.close(session_id);
          return {};
        },
      }),
    ],
    [
      'events.classifier_rules',
      defineMethod({ access: 'host', schema: { type: 'object' }, run: listRules }),
    ],
  ]);
}

function openFollow(
  filter: EventFilter,
  sessions: ReturnType<typeof openFollowSessions>,
  services: Services,
): FollowOpened {
  const { store, logs } = services;
  const backlog =
    filter.since === undefined ? [] : logs.events.queryEvents({ ...filter, limit: PAGE });
  // A longer backlog goes on in the next answers: nothing in its middle is left out.
  const isCut = backlog.length === PAGE;
  const after = isCut ? (backlog.at(-1)?.seq ?? 0) : store.lastSeq();
  return {
    session_id: sessions.open({ filter, after }),
    backlog_events: backlog.map(toLogEventView),
    live_starting_event_id: after + 1,
  };
}

async function followNext(
  session: FollowSession,
  { waitMs, context }: { readonly waitMs: number; readonly context: CallContext },
  { logs, clock, nextCommit }: Services,
): Promise<FollowNext> {
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  void clock.sleep(waitMs, signal).then(() => over.abort());
  try {
    for (;;) {
      const committed = nextCommit(signal);
      const { filter, after } = session;
      const events = logs.events.queryEvents({ ...filter, after, limit: PAGE });
      const last = events.at(-1);
      if (last !== undefined) session.after = last.seq;
      if (last !== undefined || signal.aborted) {
        return { events: events.map(toLogEventView), session_open: true };
      }
      await committed;
    }
  } finally {
    over.abort();
  }
}

function listRules() {
  return {
    rules: CLASSIFIER_RULES.map(({ id, type, priority }) => ({
      rule_id: id,
      event_type: type,
      priority,
    })),
    synthetic_rule_ids: Object.values(SYNTHETIC_RULES),
  };
}

interface Cursor {
  readonly seq: number;
  readonly reverse: boolean;
}

function writeCursor({ seq, reverse }: Cursor): string {
  return Buffer.from(JSON.stringify({ e: seq, r: reverse })).toString('base64url');
}

function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const { e, r } = value as { readonly e?: unknown; readonly r?: unknown };
    if (Number.isSafeInteger(e) && typeof r === 'boolean') return { seq: e as number, reverse: r };
  } catch {
    // Not JSON: not ours.
  }
  throw badCursor();
}

function badCursor() {
  return refuse(
    'events_invalid_cursor',
    'the cursor is not one of an earlier page in this direction; ask again without it',
    {},
  );
}
