import type { Scope } from '../../../declare/managed/scope.ts';
import { refuse } from '../../../domain/errors.ts';
import type { StoredEvent } from '../../../domain/events.ts';
import type { LayoutId } from '../../../domain/ids.ts';
import { isLogEventType } from '../../../domain/log-events.ts';
import type { CallContext, Method } from '../method.ts';
import { defineMethod } from '../params.ts';
import type { EventView } from '../protocol.ts';
import { toEventView } from '../views.ts';
import { FILTER_PROPERTIES } from './event-filter.ts';
import { targetWithin } from './find-agent.ts';
import { listLogEvents, type PageParams } from './log-events.ts';
import { findWithin, onlyContainer } from './own-container.ts';
import { eventsOf, eventsWithin } from './own-events.ts';
import type { Services } from './services.ts';

interface EventParams extends PageParams {
  /** Events after this one; from the newest on when absent. */
  readonly since_seq?: number;
  readonly layout?: string;
  /** Of the layout, where its name stands in several; without one, only what is about this container. */
  readonly container?: string;
}

const SCHEMA = {
  type: 'object',
  properties: {
    since_seq: { type: 'integer', minimum: 0 },
    layout: { type: 'string', minLength: 1 },
    container: { type: 'string', minLength: 1 },
    limit: { type: 'integer', minimum: 1 },
    cursor: { type: ['string', 'null'] },
    reverse: { type: 'boolean' },
    ...FILTER_PROPERTIES,
  },
} as const;

const BATCH = 500;
/** Who asks for more gets this many. */
const MAX_ITEMS = 1_000;

/** The event log: a page of it, or all of it as it grows, without gaps from a given seq. */
export function eventMethods(services: Services): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    [
      'events.list',
      defineMethod<EventParams>({
        access: 'own-container',
        schema: SCHEMA,
        wrongShape: 'events_filter_invalid',
        run: (params, { scope }) => listEither(params, scope, services),
      }),
    ],
    [
      'events.watch',
      defineMethod<EventParams>({
        access: 'own-container',
        schema: SCHEMA,
        streams: true,
        run: (params, context) => watch(params, context, services),
      }),
    ],
  ]);
}

/** Keys that only a client of the sequence uses, and those that only a client of logs does. */
const SEQUENCE_KEYS = ['since_seq', 'layout', 'container'] as const;
const LOG_KEYS = ['target', 'types', 'since', 'until', 'cursor', 'reverse'] as const;

/** The method has two kinds of clients, told apart by what they say; who says nothing gets both answers in one. */
async function listEither(params: EventParams, scope: Scope, services: Services): Promise<object> {
  if (SEQUENCE_KEYS.some((key) => params[key] !== undefined)) {
    return await list(params, scope, services);
  }
  const page = listLogEvents(params, scope, services);
  if (LOG_KEYS.some((key) => params[key] !== undefined)) return page;
  return { ...(await list(params, scope, services)), ...page };
}

async function list(
  params: EventParams,
  scope: Scope,
  services: Services,
): Promise<{ readonly items: readonly EventView[]; readonly last_seq: number }> {
  const { store } = services;
  const keep = makeFilter(params, scope, services);
  const limit = Math.min(params.limit ?? 200, MAX_ITEMS);
  const from = params.since_seq ?? Math.max(0, store.lastSeq() - limit);
  const items: StoredEvent[] = [];
  for await (const event of eventsSince(services, from)) {
    if (keep(event)) items.push(event);
    if (items.length >= limit) break;
  }
  return { items: items.map(toEventView), last_seq: items.at(-1)?.seq ?? from };
}

async function watch(
  params: EventParams,
  context: CallContext,
  services: Services,
): Promise<{ readonly last_seq: number }> {
  const { store, nextCommit } = services;
  const { signal } = context;
  const keep = makeFilter(params, context.scope, services);
  let seq = params.since_seq ?? store.lastSeq();
  if (seq > store.lastSeq()) throw notThereYet(seq, store.lastSeq());
  while (!signal.aborted) {
    const committed = nextCommit(signal);
    for await (const event of eventsSince(services, seq)) {
      if (signal.aborted) break;
      seq = event.seq;
      if (!keep(event)) continue;
      const isThere = await context.stream(toEventView(event), () => tooSlow(seq));
      if (!isThere) return { last_seq: seq };
    }
    await committed;
  }
  return { last_seq: seq };
}

/** Events after `seq` up to the newest there is; between batches others have their turn. */
async function* eventsSince(
  { store, clock }: Pick<Services, 'store' | 'clock'>,
  seq: number,
): AsyncGenerator<StoredEvent> {
  let after = seq;
  for (;;) {
    const page = store.eventsAfter(after, BATCH);
    yield* page;
    after = page.at(-1)?.seq ?? after;
    if (page.length < BATCH) return;
    await clock.sleep(0);
  }
}

/** Events up to there would be left out without a word. */
function notThereYet(seq: number, last: number): ReturnType<typeof refuse> {
  const reason = `there is no event ${seq} yet, the newest is ${last}; the database must have been replaced since`;
  const message = `since_seq: ${reason}. Watch from ${last} on, or read all there is with since_seq 0`;
  return refuse('validation_failed', message, { field: 'since_seq', reason });
}

function tooSlow(seq: number): ReturnType<typeof refuse> {
  return refuse(
    'bad_request',
    `the watcher does not keep up and was dropped; resume with since_seq ${seq - 1}`,
    {},
  );
}

/** What logs tell is left out, unless it is asked for by type or agent. */
function makeFilter(
  params: EventParams,
  scope: Scope,
  services: Services,
): (event: StoredEvent) => boolean {
  const isSeen = eventsWithin(scope, services);
  const isOfLayout = aboutLayout(params, scope, services);
  const isAbout = (event: StoredEvent) => isOfLayout(event) && isSeen(event);
  const { types, target } = params;
  if (types === undefined && target === undefined) {
    return (event) => !isLogEventType(event.type) && isAbout(event);
  }
  const wanted = types === undefined ? undefined : new Set(types);
  const agent = target === undefined ? undefined : targetWithin(scope, target, services).agentId;
  return (event) =>
    (wanted === undefined || wanted.has(event.type)) &&
    (agent === undefined || event.agentId === agent) &&
    isAbout(event);
}

function aboutLayout(
  { layout, container }: EventParams,
  scope: Scope,
  services: Services,
): (event: StoredEvent) => boolean {
  if (layout === undefined) {
    if (container === undefined) return () => true;
    const only = onlyContainer(scope, container, services);
    return only === undefined ? () => true : eventsOf(only, services);
  }
  const address = { name: layout, ...(container !== undefined && { container }) };
  const { id, slots } = findWithin(scope, address, services);
  const wanted: LayoutId = id;
  const here = slots.flatMap(({ pane }) => (pane === undefined ? [] : [pane]));
  const panes = new Set(here.map((pane) => pane.id));
  const agents = new Set(here.map(({ agentId }) => agentId));
  return ({ layoutId, paneId, agentId }) => {
    if (agentId !== undefined) return agents.has(agentId);
    return (
      layoutId === wanted || (layoutId === undefined && paneId !== undefined && panes.has(paneId))
    );
  };
}
