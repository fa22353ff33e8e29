import type { SourceConfig, SourceStatus } from '../../../declare/ports.ts';
import { refuse } from '../../../domain/errors.ts';
import { identifierProblem, isReservedSourceName } from '../../../domain/ids.ts';
import { toTimestamp } from '../../../lib/clock.ts';
import { redactUrls } from '../../../lib/redact-url.ts';
import type { Method } from '../method.ts';
import { defineMethod } from '../params.ts';
import type { SourceView } from '../protocol.ts';
import { isOfSource, toLeftOutView } from './left-out.ts';
import type { Services, SourceState } from './services.ts';

const NAME = { type: 'string', minLength: 1 } as const;

interface AddParams {
  readonly kind: 'directory' | 'git';
  readonly name?: string;
  readonly path?: string;
  readonly url?: string;
  readonly branch?: string;
  readonly interval_ms?: number;
  readonly prune?: boolean;
  readonly allow_empty?: boolean;
}

const ADD_SCHEMA = {
  type: 'object',
  required: ['kind'],
  properties: {
    kind: { enum: ['directory', 'git'] },
    name: NAME,
    path: { type: 'string' },
    url: NAME,
    branch: NAME,
    interval_ms: { type: 'integer', minimum: 1_000, maximum: 86_400_000 },
    prune: { type: 'boolean' },
    allow_empty: { type: 'boolean' },
  },
} as const;

/** Directory and git sources of declared layouts. */
export function sourceMethods(services: Services): ReadonlyMap<string, Method> {
  const { sources } = services;
  return new Map<string, Method>([
    [
      'source.list',
      defineMethod({
        access: 'host',
        schema: { type: 'object' },
        run: () => ({ items: sources.list().map((state) => toSourceView(state, services)) }),
      }),
    ],
    [
      'source.add',
      defineMethod<AddParams>({
        access: 'host',
        schema: ADD_SCHEMA,
        run: async (params) => {
          const state = await sources.add(toConfig(params));
          return { source: toSourceView(state, services) };
        },
      }),
    ],
    [
      'source.sync',
      defineMethod<{ name: string; confirm_prune?: number }>({
        access: 'host',
        schema: {
          type: 'object',
          required: ['name'],
          properties: { name: NAME, confirm_prune: { type: 'integer', minimum: 0 } },
        },
        run: async ({ name, confirm_prune: confirmPrune }) => {
          const options = confirmPrune === undefined ? {} : { confirmPrune };
          return { source: toSourceView(await sources.sync(name, options), services) };
        },
      }),
    ],
    [
      'source.remove',
      defineMethod<{ name: string }>({
        access: 'host',
        schema: { type: 'object', required: ['name'], properties: { name: NAME } },
        run: async ({ name }) => {
          const layouts = countLayouts(name, services);
          await sources.remove(name);
          return { name, layouts };
        },
      }),
    ],
  ]);
}

function toConfig(params: AddParams): SourceConfig {
  const { kind } = params;
  const location = kind === 'git' ? params.url : params.path;
  if (location === undefined || location === '') {
    const field = kind === 'git' ? 'url' : 'path';
    throw refuse('validation_failed', `params: ${field} is required for a ${kind} source`, {
      field,
      reason: 'missing or empty',
    });
  }
  const { prune = true, allow_empty: allowEmpty = false } = params;
  const name = checkedName(params.name ?? nameOf(location));
  const common = { name, prune, allowEmpty, origin: 'command' } as const;
  return kind === 'directory'
    ? { ...common, kind, path: location, intervalMs: params.interval_ms ?? 30_000 }
    : { ...common, kind, url: location, ...toBranch(params) };
}

function toBranch({ branch = 'main', path = '', interval_ms: intervalMs = 60_000 }: AddParams): {
  readonly branch: string;
  readonly path: string;
  readonly intervalMs: number;
} {
  return { branch, path, intervalMs };
}

function checkedName(name: string): string {
  const reason = isReservedSourceName(name)
    ? 'stands for layouts from elsewhere'
    : identifierProblem(name);
  if (reason === undefined) return name;
  const message = `the source's name ${name}: ${reason}; give one with --name`;
  throw refuse('validation_failed', message, { field: 'name', reason });
}

/** Last component of a path or URL, without `.git`. */
function nameOf(location: string): string {
  const last = location.replace(/\/+$/, '').split(/[/:]/).at(-1) ?? location;
  return last.replace(/\.git$/, '');
}

function toSourceView(state: SourceState, services: Services): SourceView {
  const { config, status, nextCheckAt } = state;
  return {
    ...toConfigView(config),
    ...toStatusView(status),
    last_checked_at: toTime(status.lastCheckedAt),
    next_check_at: toTime(nextCheckAt),
    left_out: services
      .unstamped()
      .filter((one) => isOfSource(one, config))
      .map(toLeftOutView),
    layouts: countLayouts(config.name, services),
  };
}

function toConfigView(
  config: SourceConfig,
): Pick<
  SourceView,
  | 'name'
  | 'kind'
  | 'location'
  | 'branch'
  | 'path'
  | 'interval_seconds'
  | 'prune'
  | 'allow_empty'
  | 'origin'
> {
  const { name, kind, prune, allowEmpty, origin } = config;
  const interval_seconds = config.intervalMs / 1_000;
  const common = { name, kind, interval_seconds, prune, allow_empty: allowEmpty, origin };
  return config.kind === 'git'
    ? { ...common, location: redactUrls(config.url), branch: config.branch, path: config.path }
    : { ...common, location: config.path, branch: null, path: null };
}

function toStatusView(
  status: SourceStatus,
): Pick<
  SourceView,
  | 'ready'
  | 'fetched_revision'
  | 'attempted_revision'
  | 'applied_revision'
  | 'last_error'
  | 'problems'
  | 'prune_blocked'
  | 'consecutive_failures'
> {
  const { lastError, appliedRevision, pruneBlocked } = status;
  const isApplied = lastError === undefined && appliedRevision !== undefined;
  return {
    ready: isApplied && pruneBlocked === undefined,
    fetched_revision: status.fetchedRevision ?? null,
    attempted_revision: status.attemptedRevision ?? null,
    applied_revision: status.appliedRevision ?? null,
    last_error: status.lastError ?? null,
    problems: status.problems,
    prune_blocked: status.pruneBlocked ?? null,
    consecutive_failures: status.consecutiveFailures,
  };
}

function toTime(ms: number | undefined): string | null {
  return ms === undefined ? null : toTimestamp(ms);
}

function countLayouts(name: string, { store }: Services): number {
  const named = store.layouts().filter(({ source }) => source.name === name);
  return named.filter(({ source }) => source.kind === 'directory' || source.kind === 'git').length;
}
