import { hostOnly, type Scope } from '../../../declare/managed/scope.ts';
import { refuse } from '../../../domain/errors.ts';
import type { AgentId, ContainerId } from '../../../domain/ids.ts';
import { isLogEventType, LOG_EVENT_TYPES, type LogEventType } from '../../../domain/log-events.ts';
import { targetWithin } from './find-agent.ts';
import type { Services } from './services.ts';

/** What a client may say about the events of logs it wants. */
export interface FilterParams {
  readonly target?: string;
  readonly types?: readonly string[];
  readonly since?: string;
  readonly until?: string;
}

export const FILTER_PROPERTIES = {
  target: { type: 'string', minLength: 1 },
  types: { type: 'array', items: { type: 'string' } },
  since: { type: 'string' },
  until: { type: 'string' },
} as const;

export interface EventFilter {
  readonly types: readonly LogEventType[];
  readonly agent?: AgentId;
  /** Of agents in this container alone. */
  readonly container?: ContainerId;
  readonly since?: number;
  readonly until?: number;
}

/** Throws `events_filter_invalid`, and as `targetWithin`. */
export function readFilter(params: FilterParams, scope: Scope, services: Services): EventFilter {
  if (scope.kind === 'container' && scope.container === undefined) throw hostOnly();
  const { target, types } = params;
  const since = readTime(params.since, 'since');
  const until = readTime(params.until, 'until');
  return {
    types: types === undefined || types.length === 0 ? LOG_EVENT_TYPES : types.map(readType),
    ...(target !== undefined && { agent: targetWithin(scope, target, services).agentId }),
    ...(scope.kind === 'container' && scope.container && { container: scope.container }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}

function readType(type: string): LogEventType {
  if (isLogEventType(type)) return type;
  throw filterInvalid('types', `${type} is none of: ${LOG_EVENT_TYPES.join(', ')}`);
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

function readTime(text: string | undefined, field: string): number | undefined {
  if (text === undefined) return undefined;
  const ms = TIME.test(text) ? Date.parse(text.replace(/(\.\d{3})\d+/, '$1')) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  const example = '2026-01-31T08:00:00Z';
  throw filterInvalid(field, `${JSON.stringify(text)} is no time with an offset, like ${example}`);
}

export function filterInvalid(field: string, reason: string) {
  return refuse('events_filter_invalid', `${field}: ${reason}`, { field, reason });
}
