import type { StoredEvent } from '../../domain/events.ts';
import { renderTemplate } from '../../domain/route-template.ts';
import type { RouteRecord, SkipReason } from '../../domain/routes.ts';
import { toTimestamp } from '../../lib/clock.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { toBody } from '../envelope.ts';
import type { EventReader } from '../events/ports.ts';
import { redactLine } from '../logs/redact.ts';
import type { AgentTransaction, NewMessage, RegisteredAgent } from '../ports.ts';
import { insert, prepare, type QueueDeps } from '../queue.ts';
import { chooseMaster, chooseTarget, isInScope } from './arbitrate.ts';

export interface ConsumeDeps extends QueueDeps {
  readonly events: EventReader;
}

/** Events of one route that are taken in one transaction. */
export const BATCH = 100;

/** What one turn of a route did. */
export interface Turn {
  /** Events it looked at; `BATCH` of them mean that there may be more. */
  readonly taken: number;
  readonly lastSkip?: SkipReason;
}

interface Skip {
  readonly reason: SkipReason;
  readonly detail: string;
}

/** Takes the next events of a route: their prompts and the new cursor are on disk together, or not at all. */
export function consume(route: RouteRecord, deps: ConsumeDeps): Turn {
  const { store, events } = deps;
  const batch = events.queryEvents({
    types: [route.eventType],
    after: route.cursor,
    limit: BATCH,
  });
  const last = batch.at(-1);
  if (last === undefined) return { taken: 0 };
  let lastSkip: SkipReason | undefined;
  store.transact((tx) => {
    for (const event of batch) lastSkip = take(route, event, { tx, deps }) ?? lastSkip;
    tx.updateRoute(route.id, { cursor: last.seq });
  });
  return { taken: batch.length, ...(lastSkip !== undefined && { lastSkip }) };
}

/** Turns one event into a prompt; answers why not when it was skipped. Events of others pass without a word. */
function take(
  route: RouteRecord,
  event: StoredEvent,
  { tx, deps }: { readonly tx: AgentTransaction; readonly deps: ConsumeDeps },
): SkipReason | undefined {
  const source = deps.store.registry.agent(event.agentId ?? '');
  if (source === undefined || !isInScope(route, source)) return undefined;
  const made = makeMessage(route, { event, source }, deps);
  const about = { route_id: route.id, event_id: event.seq };
  if (made.ok) {
    insert(made.value, tx);
    const payload = { ...about, message_id: made.value.id };
    tx.emit({ type: 'route_matched', actor: 'daemon', payload });
    return undefined;
  }
  tx.emit({ type: 'route_skipped', actor: 'daemon', payload: { ...about, ...made.error } });
  return made.error.reason;
}

function makeMessage(
  route: RouteRecord,
  { event, source }: { readonly event: StoredEvent; readonly source: RegisteredAgent },
  deps: ConsumeDeps,
): Result<NewMessage, Skip> {
  const { registry } = deps.store;
  const master = chooseMaster(route, registry);
  if (!master.ok) return err({ reason: master.error, detail: '' });
  const target = chooseTarget(route, source, registry);
  if (!target.ok) return err({ reason: target.error, detail: '' });
  const text = renderTemplate(route.template, valuesOf(event, source));
  if (!text.ok) return err({ reason: 'template_render_error', detail: text.error });
  try {
    const body = toBody(Buffer.from(text.value));
    const ends = { sender: master.value, target: target.value };
    const origin = { id: route.id, eventId: event.seq };
    return ok(prepare({ ...ends, body, raw: false, route: origin }, deps));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return err({ reason: 'template_render_error', detail });
  }
}

function valuesOf(event: StoredEvent, source: RegisteredAgent) {
  const { excerpt } = event.payload;
  return {
    event_id: String(event.seq),
    event_type: event.type,
    source_agent_id: source.agentId,
    source_label: source.label,
    source_role: source.role,
    source_capability: source.capability,
    event_excerpt: typeof excerpt === 'string' ? redactLine(excerpt) : '',
    observed_at: toTimestamp(event.at),
  };
}
