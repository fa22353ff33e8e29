import type { Scope } from '../../../declare/managed/scope.ts';
import { isLive } from '../../../domain/states.ts';
import { toTimestamp } from '../../../lib/clock.ts';
import type { EngineStatus } from '../../../reconcile/registry.ts';
import type { Method } from '../method.ts';
import { defineMethod } from '../params.ts';
import type { EngineView, StatusResult } from '../protocol.ts';
import { toLeftOutView } from './left-out.ts';
import { layoutsWithin } from './own-container.ts';
import { toQueueAudit, toRoutingStatus } from './route-views.ts';
import type { Services } from './services.ts';

export function daemonMethods(services: Services): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    ['ping', defineMethod({ access: 'any', run: () => ({}) })],
    [
      'status',
      defineMethod({
        access: 'any',
        run: (_params, { scope }) => status(scope, services),
      }),
    ],
    [
      'shutdown',
      defineMethod({
        access: 'host',
        run: () => {
          services.shutdown();
          return { shutting_down: true };
        },
      }),
    ],
    [
      'engine.list',
      defineMethod({
        access: 'host',
        run: () => ({ items: services.registry.engines().map(toEngineView) }),
      }),
    ],
    [
      'container.list',
      defineMethod({
        access: 'own-container',
        run: (_params, { scope }) => ({ items: listContainers(scope, services) }),
      }),
    ],
  ]);
}

/** A caller in a container learns how the daemon is, and of the layouts those of its own. */
function status(scope: Scope, services: Services): StatusResult {
  const { store, daemonStatus, logs } = services;
  const reader = readerStatus(scope, logs);
  const layouts = layoutsWithin(scope, store.layouts());
  const panes = layouts
    .flatMap(({ slots }) => slots)
    .filter(({ pane }) => pane !== undefined && isLive(pane.state));
  return {
    ...daemonStatus(),
    layouts: layouts.length,
    panes: panes.length,
    left_out: services
      .unstamped()
      .filter(({ container }) => scope.kind === 'host' || scope.container === container)
      .map(toLeftOutView),
    caller:
      scope.kind === 'host'
        ? { kind: 'host', container: null }
        : { kind: 'container', container: scope.container ?? null },
    ...toReaderView(reader, logs.exportStatus().isFailing),
    // Routes and everybody's events are the host's.
    routing: scope.kind === 'host' ? toRoutingStatus(services) : null,
    queue_audit: scope.kind === 'host' ? toQueueAudit(services) : null,
  };
}

function listContainers(scope: Scope, { store, containers }: Services): readonly unknown[] {
  return containers()
    .filter(({ name }) => scope.kind === 'host' || scope.container === name)
    .map((container) => ({
      ...container,
      layouts: store.layouts().filter((layout) => layout.container === container.name).length,
    }))
    .filter(({ state, layouts }) => state !== 'missing' || layouts > 0);
}

/** Of the logs of other containers, one is not even told that they fail. */
function readerStatus(
  scope: Scope,
  { store, readerStatus: statusOfAll }: Services['logs'],
): ReturnType<Services['logs']['readerStatus']> {
  const status = statusOfAll();
  if (scope.kind === 'host') return status;
  const own = store.logs.readable().filter(({ container }) => container === scope.container);
  const ids = new Set(own.map(({ attachment }) => attachment.attachmentId));
  return {
    ...status,
    activeAttachments: own.filter(({ attachment }) => attachment.state === 'active').length,
    failing: new Map([...status.failing].filter(([id]) => ids.has(id))),
  };
}

function toReaderView(
  reader: ReturnType<Services['logs']['readerStatus']>,
  isExportFailing: boolean,
): Pick<StatusResult, 'events_reader' | 'events_persistence'> {
  const { lastCycleStartedAt, lastCycleMs } = reader;
  return {
    events_reader: {
      running: reader.running,
      last_cycle_started_at:
        lastCycleStartedAt === undefined ? null : toTimestamp(lastCycleStartedAt),
      last_cycle_duration_ms: lastCycleMs ?? null,
      active_attachments: reader.activeAttachments,
      attachments_in_failure: Array.from(reader.failing, ([attachment_id, problem]) => ({
        attachment_id,
        problem,
      })),
    },
    events_persistence: {
      degraded_sqlite: reader.isStoreFailing,
      degraded_jsonl: isExportFailing,
    },
  };
}

function toEngineView({ name, isImplicit, answer, hasAnswered }: EngineStatus): EngineView {
  const unused = isImplicit && !hasAnswered;
  switch (answer.kind) {
    case 'good':
      return { name, state: 'ok', code: null, message: '', unused };
    case 'none':
      return { name, state: 'unknown', code: null, message: 'it has not answered yet', unused };
    case 'failed': {
      const { code, message } = answer.problem;
      return { name, state: 'failed', code, message, unused };
    }
  }
}
