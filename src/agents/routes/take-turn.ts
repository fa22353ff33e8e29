import type { StoredEvent } from '../../domain/events.ts';
import type { LogEventType } from '../../domain/log-events.ts';
import type { RouteRecord, SkipReason } from '../../domain/routes.ts';
import type { Result } from '../../lib/result.ts';
import type { RouteFailpoint } from '../failpoints.ts';
import type { AgentTransaction, NewMessage } from '../ports.ts';
import { insert, type QueueDeps } from '../queue.ts';
import { isInScope, type Roster, toRoster } from './arbitrate.ts';
import { makePrompt, type Skip } from './make-prompt.ts';

export interface TurnDeps extends QueueDeps {
  /** For tests: stops or ends the program at a place. */
  readonly reach: (name: RouteFailpoint) => void;
}

/** Prompts and skips of one transaction, about: it never stops within an event. */
const MAX_OUTCOMES = 500;
/** Events of one type that are read at once. */
const MAX_EVENTS = 200;

/** What one turn did. */
export interface Turn {
  readonly hasMore: boolean;
  /** Events each route is done with now, by its id. */
  readonly consumed: ReadonlyMap<string, number>;
  readonly skipped: readonly { readonly route: string; readonly reason: SkipReason }[];
}

/**
 * Takes the next events of all routes, oldest first, so that each target gets its prompts in the order of the events
 * whichever routes made them. Prompts and cursors are on disk together, or not at all.
 */
export function takeTurn(deps: TurnDeps): Turn {
  const { store, reach } = deps;
  const routes = store.routes.list().filter(({ enabled }) => enabled);
  const { events, hasMore } = readEvents(routes, deps);
  if (events.length === 0) return { hasMore: false, consumed: new Map(), skipped: [] };
  const work = computeWork({ routes, events }, deps);
  reach('routes.commit.before');
  store.transact((tx) => {
    for (const outcome of work.outcomes) record(tx, outcome);
    for (const [id, cursor] of work.cursors) tx.updateRoute(id, { cursor });
  });
  reach('routes.commit.after');
  const skipped = work.outcomes.flatMap(({ route, made }) =>
    made.ok ? [] : [{ route: route.id, reason: made.error.reason }],
  );
  return { hasMore: hasMore || work.left, consumed: work.consumed, skipped };
}

/** The next events that any route waits for, in order. */
function readEvents(
  routes: readonly RouteRecord[],
  { store }: TurnDeps,
): { readonly events: readonly StoredEvent[]; readonly hasMore: boolean } {
  const after = new Map<LogEventType, number>();
  for (const { eventType, cursor } of routes) {
    after.set(eventType, Math.min(after.get(eventType) ?? cursor, cursor));
  }
  const found = [...after].map(([type, seq]) => store.routes.eventsOf(type, seq, MAX_EVENTS));
  const events = found.flat().toSorted((a, b) => a.seq - b.seq);
  // Of a type that was not read to its end, later events than these are unknown: the order ends with the first of them.
  const known = events.slice(0, MAX_EVENTS);
  const hasMore = events.length > MAX_EVENTS || found.some((list) => list.length === MAX_EVENTS);
  return { events: known, hasMore };
}

interface Outcome {
  readonly route: RouteRecord;
  readonly event: StoredEvent;
  readonly made: Result<NewMessage, Skip>;
}

interface Work {
  readonly outcomes: readonly Outcome[];
  readonly cursors: ReadonlyMap<string, number>;
  readonly consumed: ReadonlyMap<string, number>;
  /** Events were left for another turn. */
  readonly left: boolean;
}

function computeWork(
  {
    routes,
    events,
  }: { readonly routes: readonly RouteRecord[]; readonly events: readonly StoredEvent[] },
  deps: TurnDeps,
): Work {
  const roster = toRoster(deps.store.registry);
  const outcomes: Outcome[] = [];
  const cursors = new Map<string, number>();
  const consumed = new Map<string, number>();
  for (const event of events) {
    if (outcomes.length >= MAX_OUTCOMES) return { outcomes, cursors, consumed, left: true };
    for (const route of routes) {
      if (route.eventType !== event.type || route.cursor >= event.seq) continue;
      cursors.set(route.id, event.seq);
      consumed.set(route.id, (consumed.get(route.id) ?? 0) + 1);
      const made = consider(route, event, { roster, deps });
      if (made !== undefined) outcomes.push({ route, event, made });
    }
  }
  return { outcomes, cursors, consumed, left: false };
}

/** `undefined` for events of others, and for one that has its prompt already, whatever the cursor says. */
function consider(
  route: RouteRecord,
  event: StoredEvent,
  { roster, deps }: { readonly roster: Roster; readonly deps: TurnDeps },
): Outcome['made'] | undefined {
  const source = roster.agent(event.agentId ?? '');
  if (source === undefined || !isInScope(route, source)) return undefined;
  if (deps.store.routes.hasPrompt(route.id, event.seq)) return undefined;
  return makePrompt(route, { event, source }, { roster, queue: deps });
}

function record(tx: AgentTransaction, { route, event, made }: Outcome): void {
  const about = { route_id: route.id, event_id: event.seq };
  if (!made.ok) {
    tx.emit({ type: 'route_skipped', actor: 'daemon', payload: { ...about, ...made.error } });
    return;
  }
  insert(made.value, tx);
  const payload = { ...about, message_id: made.value.id };
  tx.emit({ type: 'route_matched', actor: 'daemon', payload });
}
