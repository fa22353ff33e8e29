import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAILPOINTS } from '../../src/reconcile/failpoints.ts';
import { until } from '../support/until.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { isAlive } from './support/processes.ts';
import { startTower, type Tower } from './support/tower.ts';

/** How many times each point is passed before the daemon dies there; more with E2E_FAILPOINTS. */
const TIMES = Number(process.env['E2E_FAILPOINTS'] ?? '2');

let tower: Tower;
let round = 0;
beforeAll(async () => {
  tower = await startTower();
});
afterAll(() => tower.stop());

test.each(FAILPOINTS)(
  'a daemon that dies at %s leaves what it answered, and nothing twice',
  async (name) => {
    for (let nth = 1; nth <= TIMES; nth += 1) {
      round += 1;
      const label = `${name}, time ${nth}`;
      // One pane is replaced, one is made or removed: every kind of effect has its turn.
      const second = round % 2 === 0 ? [] : [pane('b')];
      const text = layoutText('team', [pane('a', { env: { ROUND: String(round) } }), ...second]);
      const file = writeIn(tower.directory, 'team.yaml', text);
      await tower.killDaemon('SIGTERM');
      const acknowledged = await applyUntilDeath(file, `${name}=kill:${nth}`);
      await tower.startDaemon();
      if (!acknowledged) await tower.done('apply', '-f', file);
      await until(async () => await isExactly(['team-a', ...second.map(() => 'team-b')]), {
        timeoutMs: 30_000,
        label,
      });
      expect(
        (await tower.layout('team')).panes.every(({ state }) => state === 'ready'),
        label,
      ).toBe(true);
    }
  },
  180_000,
);

/** Whether the daemon answered the apply before it died at the point, at the latest while the panes settled. */
async function applyUntilDeath(file: string, failpoint: string): Promise<boolean> {
  tower.env['AGENTTOWER_FAILPOINTS'] = `on-signal:${failpoint}`;
  await tower.startDaemon();
  delete tower.env['AGENTTOWER_FAILPOINTS'];
  const { pid } = await tower.call<{ pid: number }>('status');
  process.kill(pid, 'SIGUSR2');
  await tower.call('ping');
  const applied = await tower.cli(['apply', '-f', file]);
  expect([0, 7], applied.stderr).toContain(applied.code);
  await until(() => !isAlive(pid), { label: `it dies at ${failpoint}` });
  return applied.code === 0;
}

/** The layout is healthy, and tmux shows one live pane for each label and no other of ours. */
async function isExactly(labels: readonly string[]): Promise<boolean> {
  const titles = (await tower.panes()).filter(({ tag }) => tag !== '').map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
  const { health, sync } = await tower.layout('team');
  return health === 'Healthy' && sync === 'Synced' && titles.toSorted().join() === labels.join();
}
