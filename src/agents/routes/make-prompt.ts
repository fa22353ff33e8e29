import { AgentTowerError } from '../../domain/errors.ts';
import type { StoredEvent } from '../../domain/events.ts';
import { renderTemplate } from '../../domain/route-template.ts';
import type { RouteRecord, SkipReason } from '../../domain/routes.ts';
import { toTimestamp } from '../../lib/clock.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { toBody } from '../envelope.ts';
import { redactLine } from '../logs/redact.ts';
import type { NewMessage, RegisteredAgent } from '../ports.ts';
import { prepare, type QueueDeps } from '../queue.ts';
import { chooseMaster, chooseTarget, type Roster } from './arbitrate.ts';

/** Why an event became no prompt; `detail` says more where there is more to say. */
export interface Skip {
  readonly reason: SkipReason;
  readonly detail: string;
}

/** An event with the agent it is of. */
export interface Occasion {
  readonly event: StoredEvent;
  readonly source: RegisteredAgent;
}

/** The prompt a route makes of an event, held back by the queue's gate like any other; or why there is none. */
export function makePrompt(
  route: RouteRecord,
  { event, source }: Occasion,
  { roster, queue }: { readonly roster: Roster; readonly queue: QueueDeps },
): Result<NewMessage, Skip> {
  const master = chooseMaster(route, roster);
  if (!master.ok) return err({ reason: master.error, detail: '' });
  const target = chooseTarget(route, source, roster);
  if (!target.ok) return err({ reason: target.error, detail: '' });
  const text = renderTemplate(route.template, valuesOf(event, source));
  if (!text.ok) return err({ reason: 'template_render_error', detail: text.error });
  try {
    const body = toBody(Buffer.from(text.value));
    const ends = { sender: master.value, target: target.value };
    const origin = { id: route.id, eventId: event.seq };
    return ok(prepare({ ...ends, body, raw: false, route: origin }, queue));
  } catch (error) {
    if (!(error instanceof AgentTowerError)) throw error;
    return err({ reason: 'template_render_error', detail: error.code });
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
