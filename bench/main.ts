import { benchContainers } from './containers.ts';
import { benchCreateLayout } from './create-layout.ts';
import { benchLogReader } from './log-reader.ts';
import { benchManagedRequests } from './managed-requests.ts';
import { benchNoChangePass } from './no-change-pass.ts';
import { renderReport } from './report.ts';
import { benchRoutes } from './routes.ts';
import { benchWholeDaemon } from './whole-daemon.ts';

const PARTS = {
  create: benchCreateLayout,
  pass: benchNoChangePass,
  requests: benchManagedRequests,
  logs: benchLogReader,
  routes: benchRoutes,
  daemon: benchWholeDaemon,
  containers: benchContainers,
} as const;
/** Names of parts, or none for all of them. */
const wanted = process.argv.slice(2);
const parts: Awaited<ReturnType<typeof benchLogReader>>[] = [];
for (const [name, measure] of Object.entries(PARTS)) {
  if (wanted.length === 0 || wanted.includes(name)) parts.push(await measure());
}
const figures = parts.flatMap((part) => part.figures);
console.log(
  renderReport(
    figures,
    parts.flatMap((part) => part.details),
  ),
);
process.exitCode = figures.every(({ met }) => met) ? 0 : 1;
