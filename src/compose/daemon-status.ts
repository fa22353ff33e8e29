import type { OpenStore } from '../drivers/store/open-store.ts';
import { systemClock } from '../drivers/system/clock.ts';
import type { Paths } from '../drivers/system/paths.ts';
import { toTimestamp } from '../lib/clock.ts';
import type { OwnStatus } from '../surfaces/api/methods/services.ts';

/** What `status` says of the process itself. */
export function daemonStatus(
  { paths, version }: { readonly paths: Paths; readonly version: string },
  { schemaVersion }: OpenStore,
  startedAt: number,
): OwnStatus {
  return {
    alive: true,
    pid: process.pid,
    start_time_utc: toTimestamp(startedAt),
    uptime_seconds: Math.max(0, (systemClock.now() - startedAt) / 1_000),
    socket_path: paths.socket,
    state_path: paths.stateDir,
    schema_version: schemaVersion,
    daemon_version: version,
  };
}
