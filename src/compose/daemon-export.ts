import { startEventExporter } from '../drivers/store/event-exporter.ts';
import { eventFile } from '../drivers/store/event-file.ts';
import { systemClock } from '../drivers/system/clock.ts';
import type { ExportStatus } from '../surfaces/api/methods/services.ts';
import type { Setting } from './daemon-parts.ts';
import { toFields } from './log-fields.ts';

/** The copying of events to `events.jsonl`. */
export interface EventExport {
  readonly status: () => ExportStatus;
  readonly stop: () => Promise<void>;
}

/** Starts copying every event to `events.jsonl`, after its commit. */
export function startExport({ options, store, log, config }: Setting): EventExport {
  let isFailing = false;
  let lastFailure: string | undefined;
  const stop = startEventExporter({
    store,
    file: eventFile(options.paths.eventsFile, config.events),
    clock: systemClock,
    log: (message, fields) => {
      isFailing = 'problem' in fields;
      if (typeof fields['kind'] === 'string') lastFailure = fields['kind'];
      log('warn', 'events_export', { message, ...toFields(fields) });
    },
  });
  return {
    status: () => ({ isFailing, lastFailure, pending: store.lastSeq() - store.exportedSeq() }),
    stop,
  };
}
