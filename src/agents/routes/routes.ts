import { refuse } from '../../domain/errors.ts';
import { isLogEventType, LOG_EVENT_TYPES } from '../../domain/log-events.ts';
import { templateProblem } from '../../domain/route-template.ts';
import {
  MASTER_RULES,
  parseRolePattern,
  type RouteRecord,
  type RouteSpec,
  SCOPE_KINDS,
  TARGET_RULES,
} from '../../domain/routes.ts';
import type { AgentStore } from '../ports.ts';

/** A route as somebody writes it: words that are not checked yet. */
export interface RouteDraft {
  readonly eventType: string;
  readonly scopeKind: string;
  readonly scopeValue?: string | undefined;
  readonly targetRule: string;
  readonly targetValue?: string | undefined;
  readonly masterRule: string;
  readonly masterValue?: string | undefined;
  readonly template: string;
}

export interface RouteDeps {
  readonly store: AgentStore & { lastSeq(): number };
  readonly uuid: () => string;
}

/**
 * Makes a route for events that are yet to come.
 * @throws `route_event_type_invalid`, `route_master_rule_invalid`, `route_target_rule_invalid`,
 * `route_source_scope_invalid`, `route_template_invalid`; checked in this order.
 */
export function addRoute(draft: RouteDraft, { store, uuid }: RouteDeps): RouteRecord {
  const spec = toRouteSpec(draft);
  const id = uuid();
  store.transact((tx) => {
    tx.insertRoute({ ...spec, id, cursor: store.lastSeq() });
    tx.emit({
      type: 'route_created',
      actor: 'operator',
      payload: { route_id: id, event_type: spec.eventType },
    });
  });
  return requireRoute(id, store);
}

/** Switches a route on or off; switched on again it goes on where it was. Throws `route_id_not_found`. */
export function enableRoute(id: string, enabled: boolean, { store }: RouteDeps): RouteRecord {
  const route = requireRoute(id, store);
  if (route.enabled === enabled) return route;
  store.transact((tx) => {
    tx.updateRoute(route.id, { enabled });
    tx.emit({ type: 'route_updated', actor: 'operator', payload: { route_id: route.id, enabled } });
  });
  return requireRoute(id, store);
}

/** Throws `route_id_not_found`. Prompts it has made already stay in the queue. */
export function removeRoute(id: string, { store }: RouteDeps): RouteRecord {
  const route = requireRoute(id, store);
  store.transact((tx) => {
    tx.deleteRoute(route.id);
    tx.emit({ type: 'route_deleted', actor: 'operator', payload: { route_id: route.id } });
  });
  return route;
}

/** Throws `route_id_not_found`. */
export function requireRoute(id: string, { routes }: Pick<AgentStore, 'routes'>): RouteRecord {
  const route = routes.route(id);
  if (route !== undefined) return route;
  throw refuse('route_id_not_found', `there is no route ${id}; see: agenttower route list`, {
    route_id: id,
  });
}

function toRouteSpec(draft: RouteDraft): RouteSpec {
  const { eventType, template } = draft;
  if (!isLogEventType(eventType)) {
    const message = `there is no event type "${eventType}"; choose one of ${LOG_EVENT_TYPES.join(', ')}`;
    const details = { event_type: eventType, allowed: LOG_EVENT_TYPES };
    throw refuse('route_event_type_invalid', message, details);
  }
  const master = toMaster(draft);
  const target = toTarget(draft);
  const scope = toScope(draft);
  checkTargetRole(target);
  const problem = templateProblem(template);
  if (problem !== undefined) {
    throw refuse('route_template_invalid', `the template is no good: ${problem}`, {
      reason: problem,
    });
  }
  return { eventType, scope, target, master, template };
}

function toMaster({ masterRule, masterValue }: RouteDraft): RouteSpec['master'] {
  const rule = MASTER_RULES.find((each) => each === masterRule);
  const reason = wordProblem(masterRule, masterValue, { words: MASTER_RULES, alone: 'auto' });
  if (rule !== undefined && reason === undefined) return { rule, ...valueOf(masterValue) };
  throw refuse('route_master_rule_invalid', `the master: ${reason}`, { reason: reason ?? '' });
}

function toTarget({ targetRule, targetValue }: RouteDraft): RouteSpec['target'] {
  const rule = TARGET_RULES.find((each) => each === targetRule);
  const reason = wordProblem(targetRule, targetValue, { words: TARGET_RULES, alone: 'source' });
  if (rule !== undefined && reason === undefined) return { rule, ...valueOf(targetValue) };
  throw refuse('route_target_rule_invalid', `the target: ${reason}`, { reason: reason ?? '' });
}

function toScope({ scopeKind, scopeValue }: RouteDraft): RouteSpec['scope'] {
  const kind = SCOPE_KINDS.find((each) => each === scopeKind);
  const isRoleWrong = kind === 'role' && parseRolePattern(scopeValue ?? '') === undefined;
  const reason =
    wordProblem(scopeKind, scopeValue, { words: SCOPE_KINDS, alone: 'any' }) ??
    (isRoleWrong ? 'write role:slave or role:slave,capability:codex' : undefined);
  if (kind !== undefined && reason === undefined) return { kind, ...valueOf(scopeValue) };
  throw refuse('route_source_scope_invalid', `the scope: ${reason}`, { reason: reason ?? '' });
}

function checkTargetRole({ rule, value = '' }: RouteSpec['target']): void {
  if (rule !== 'role') return;
  const pattern = parseRolePattern(value);
  if (pattern?.role === 'slave' || pattern?.role === 'swarm') return;
  const reason = 'only slave and swarm receive prompts: write role:slave or role:swarm';
  throw refuse('route_target_rule_invalid', `the target: ${reason}`, { reason });
}

function valueOf(value: string | undefined): { readonly value?: string } {
  return value === undefined ? {} : { value };
}

/** What is wrong with a word, or with the value that goes with it or must not. */
function wordProblem(
  word: string,
  value: string | undefined,
  { words, alone }: { readonly words: readonly string[]; readonly alone: string },
): string | undefined {
  if (!words.includes(word)) return `"${word}" is none of ${words.join(', ')}`;
  if (word === alone) return value === undefined ? undefined : `${word} takes no value`;
  return value === undefined || value === '' ? `${word} needs a value` : undefined;
}
