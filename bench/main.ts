import { benchCreateLayout } from './create-layout.ts';
import { benchLogReader } from './log-reader.ts';
import { benchNoChangePass } from './no-change-pass.ts';
import { renderReport } from './report.ts';
import { benchRoutes } from './routes.ts';
import { benchWholeDaemon } from './whole-daemon.ts';

const parts = [
  await benchCreateLayout(),
  await benchNoChangePass(),
  await benchLogReader(),
  await benchRoutes(),
  await benchWholeDaemon(),
];
const figures = parts.flatMap((part) => part.figures);
console.log(
  renderReport(
    figures,
    parts.flatMap((part) => part.details),
  ),
);
process.exitCode = figures.every(({ met }) => met) ? 0 : 1;
