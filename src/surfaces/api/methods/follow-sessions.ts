import { refuse } from '../../../domain/errors.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { EventFilter } from './event-filter.ts';

/** What someone who asks again and again wants, and how far they are. */
export interface FollowSession {
  readonly filter: EventFilter;
  after: number;
}

interface Held extends FollowSession {
  usedAt: number;
}

const IDLE_MS = 300_000;
const MAX_SESSIONS = 1_024;

/** Sessions live in memory alone: who loses theirs goes on from the last event they saw. */
export function openFollowSessions(clock: Clock, uuid: () => string) {
  const sessions = new Map<string, Held>();

  const find = (id: string): Held => {
    const session = sessions.get(id);
    if (session === undefined) {
      const message = 'there is no such session; open another with events.follow_open';
      throw refuse('events_session_unknown', message, {});
    }
    if (clock.monotonic() - session.usedAt <= IDLE_MS) return session;
    sessions.delete(id);
    const message = `the session was unused for ${IDLE_MS / 1_000} s; open another with events.follow_open`;
    throw refuse('events_session_expired', message, {});
  };

  return {
    open: (session: FollowSession): string => {
      const [oldest] = sessions.keys();
      if (sessions.size >= MAX_SESSIONS && oldest !== undefined) sessions.delete(oldest);
      const id = `fs_${uuid().replaceAll('-', '').slice(-12)}`;
      sessions.set(id, { ...session, usedAt: clock.monotonic() });
      return id;
    },
    /** Throws `events_session_unknown`, `events_session_expired`. */
    use: (id: string): FollowSession => {
      const session = find(id);
      session.usedAt = clock.monotonic();
      // The one used longest ago comes first.
      sessions.delete(id);
      sessions.set(id, session);
      return session;
    },
    /** Throws `events_session_unknown`, `events_session_expired`. */
    close: (id: string): void => {
      find(id);
      sessions.delete(id);
    },
  };
}
