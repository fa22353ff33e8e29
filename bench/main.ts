import { benchCreateLayout } from './create-layout.ts';
import { benchManagedRequests } from './managed-requests.ts';
import { benchNoChangePass } from './no-change-pass.ts';
import { renderReport } from './report.ts';
import { benchWholeDaemon } from './whole-daemon.ts';

const parts = [
  await benchCreateLayout(),
  await benchNoChangePass(),
  await benchManagedRequests(),
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
