import type { ContainerRecord } from '../../../domain/containers.ts';
import { type AgentTowerError, type ErrorCode, refuse } from '../../../domain/errors.ts';
import { toTimestamp } from '../../../lib/clock.ts';
import type { Method } from '../method.ts';
import { defineMethod } from '../params.ts';
import type { ContainerScanView, ListedContainerView } from '../protocol.ts';
import { awaitedEngines } from './awaited-engines.ts';
import type { Services } from './services.ts';

/** Containers as earlier clients ask for them. The registry follows the engines by itself; a scan only hurries it. */
export function containerMethods(services: Services): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    [
      'scan_containers',
      defineMethod({ access: 'host', schema: { type: 'object' }, run: () => scan(services) }),
    ],
    [
      'list_containers',
      defineMethod<{ active_only?: boolean }>({
        access: 'own-container',
        schema: { type: 'object', properties: { active_only: { type: 'boolean' } } },
        run: ({ active_only: activeOnly = false }, { scope }) => ({
          filter: activeOnly ? 'active_only' : 'all',
          containers: services.registry
            .list()
            .filter(({ key }) => scope.kind === 'host' || scope.container === key)
            .map(toListed)
            .filter(({ active }) => active || !activeOnly)
            .toSorted(byActivity),
        }),
      }),
    ],
  ]);
}

/** Asks every engine anew. Fails only when none of them answers. */
async function scan({ registry, ids, clock }: Services): Promise<ContainerScanView> {
  const startedAt = clock.now();
  const before = registry.list().filter(isActive);
  await registry.refresh();
  const engines = awaitedEngines(registry.engines());
  const failed = engines.flatMap(({ answer }) =>
    answer.kind === 'failed' ? [answer.problem] : [],
  );
  const [first] = failed;
  if (first !== undefined && failed.length === engines.length) throw toError(first);
  const { leftOut, problems } = registry.remarks();
  const after = registry.list();
  const active = new Set(after.filter(isActive).map(({ key }) => key));
  const [problem] = [...failed, ...problems.values()];
  return {
    scan_id: ids.uuid(),
    started_at: toTimestamp(startedAt),
    completed_at: toTimestamp(clock.now()),
    status: problem === undefined ? 'ok' : 'degraded',
    matched_count: after.filter(({ state }) => state !== 'missing').length,
    inactive_reconciled_count: before.filter(({ key }) => !active.has(key)).length,
    ignored_count: leftOut,
    error_code: problem?.code ?? null,
    error_message: problem?.message ?? null,
    error_details: [...problems].map(([id, { code, message }]) => ({
      container_id: id,
      error_code: code,
      error_message: message,
    })),
  };
}

const ENGINE_CODES = [
  'docker_unavailable',
  'docker_permission_denied',
  'docker_timeout',
  'docker_failed',
  'docker_malformed',
] as const satisfies readonly ErrorCode[];

function toError({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): AgentTowerError {
  return refuse(ENGINE_CODES.find((known) => known === code) ?? 'docker_failed', message, {});
}

function isActive({ state }: ContainerRecord): boolean {
  return state === 'running' || state === 'paused';
}

function toListed(record: ContainerRecord): ListedContainerView {
  return {
    id: record.id,
    name: record.name,
    image: record.image,
    status: record.status,
    labels: record.labels,
    mounts: record.mounts.map(({ source, target, type, isWritable }) => ({
      source,
      target,
      type,
      mode: isWritable ? 'rw' : 'ro',
      rw: isWritable,
    })),
    active: isActive(record),
    first_seen_at: toTimestamp(record.firstSeenAt),
    last_scanned_at: toTimestamp(record.lastScannedAt),
    config_user: record.user === '' ? null : record.user,
    working_dir: record.workingDir === '' ? null : record.workingDir,
  };
}

function byActivity(a: ListedContainerView, b: ListedContainerView): number {
  if (a.active !== b.active) return a.active ? -1 : 1;
  if (a.last_scanned_at !== b.last_scanned_at)
    return a.last_scanned_at > b.last_scanned_at ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
