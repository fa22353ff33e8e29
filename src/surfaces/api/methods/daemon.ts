import { isLive } from '../../../domain/states.ts';
import { toTimestamp } from '../../../lib/clock.ts';
import type { Method } from '../method.ts';
import { defineMethod } from '../params.ts';
import type { StatusResult } from '../protocol.ts';
import { toRoutingStatus } from './route-views.ts';
import type { Services } from './services.ts';

const NO_PARAMS = { type: 'object' } as const;

export function daemonMethods(services: Services): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    ['ping', defineMethod({ schema: NO_PARAMS, run: () => ({}) })],
    ['status', defineMethod({ schema: NO_PARAMS, run: () => status(services) })],
    [
      'shutdown',
      defineMethod({
        schema: NO_PARAMS,
        run: () => {
          services.shutdown();
          return { shutting_down: true };
        },
      }),
    ],
    [
      'container.list',
      defineMethod({ schema: NO_PARAMS, run: () => ({ items: listContainers(services) }) }),
    ],
  ]);
}

function status(services: Services): StatusResult {
  const { store, daemonStatus, logs } = services;
  const reader = logs.readerStatus();
  const layouts = store.layouts();
  const panes = layouts
    .flatMap(({ slots }) => slots)
    .filter(({ pane }) => pane !== undefined && isLive(pane.state));
  return {
    ...daemonStatus(),
    layouts: layouts.length,
    panes: panes.length,
    ...toReaderView(reader),
    routing: toRoutingStatus(services, reader),
  };
}

function listContainers({ store, containers }: Services): readonly unknown[] {
  return containers().map((container) => ({
    ...container,
    layouts: store.layouts().filter((layout) => layout.container === container.id).length,
  }));
}

function toReaderView(
  reader: ReturnType<Services['logs']['readerStatus']>,
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
      degraded_jsonl: reader.isExportFailing,
    },
  };
}
