import { type AgentTowerError, refuse } from '../../domain/errors.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Ids } from '../../reconcile/ports.ts';

interface AppSession {
  readonly token: string;
  /** Counts from 1 in the life of one daemon. */
  readonly id: number;
}

export interface AppSessions {
  /** Makes room for itself: the session that was opened first goes when there are too many. */
  open(): AppSession;
  /** Keeps the session alive. Throws `app_session_required`, `app_session_expired`. */
  require(token: unknown): void;
}

const MAX_SESSIONS = 8;
const UNUSED_MS = 24 * 60 * 60 * 1_000;

/** Sessions of app clients; they live in memory and end with the daemon. */
export function openAppSessions({
  clock,
  ids,
}: {
  readonly clock: Clock;
  readonly ids: Ids;
}): AppSessions {
  /** Last use by token, in the order they were opened. */
  const usedAt = new Map<string, number>();
  let opened = 0;
  return {
    open: () => {
      const oldest = usedAt.keys().next();
      if (usedAt.size >= MAX_SESSIONS && oldest.done !== true) usedAt.delete(oldest.value);
      const token = ids.uuid();
      usedAt.set(token, clock.monotonic());
      opened += 1;
      return { token, id: opened };
    },
    require: (token) => {
      if (typeof token !== 'string' || token === '') throw sessionRequired();
      const last = usedAt.get(token);
      const now = clock.monotonic();
      if (last === undefined || now - last > UNUSED_MS) {
        usedAt.delete(token);
        throw sessionExpired();
      }
      usedAt.set(token, now);
    },
  };
}

function sessionRequired(): AgentTowerError {
  return refuse(
    'app_session_required',
    'this method needs params.app_session_token; app.hello gives one',
    {},
  );
}

function sessionExpired(): AgentTowerError {
  return refuse(
    'app_session_expired',
    'this session is not known, or has not been used for a day; open a new one with app.hello',
    {},
  );
}
