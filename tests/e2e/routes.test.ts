import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROUTE_FAILPOINTS } from '../../src/agents/failpoints.ts';
import type { MessageView, RouteView } from '../../src/surfaces/api/agent-protocol.ts';
import { until } from '../support/until.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

const EVENTS = 12;

let tower: Tower;
beforeAll(async () => {
  tower = await startTower();
});
afterAll(() => tower.stop());

const inbox = (): string => {
  const path = join(tower.directory, 'inbox');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

/** A tester that fails once for every line it is sent, one who gets to hear of it, and two masters. */
function team(): string {
  const tester = 'while read -r line; do echo "FAILED t.py::$line."; done';
  const layout = layoutText('team', [
    pane('m1', { role: 'master' }),
    pane('m2', { role: 'master' }),
    pane('s1', { log: true, command: ['sh', '-c', tester] }),
    pane('s2', { command: ['sh', '-c', `exec cat >> ${join(tower.directory, 'inbox')}`] }),
  ]);
  const spec = {
    eventType: 'test_failed',
    source: { agent: 'team-s1' },
    target: { agent: 'team-s2' },
    template: '{source_label} saw {event_excerpt}',
  };
  const metadata = { name: 'failures' };
  const route = JSON.stringify({ apiVersion: 'agenttower/v1', kind: 'Route', metadata, spec });
  return `${layout}\n---\n${route}\n`;
}

const routed = async (): Promise<readonly MessageView[]> =>
  (await tower.call<{ rows: readonly MessageView[] }>('queue.list', { origin: 'route' })).rows;
const route = async (): Promise<RouteView | undefined> =>
  (await tower.call<{ routes: readonly RouteView[] }>('routes.list')).routes[0];

/** Has the tester fail, straight in its pane, whether a daemon runs or not. */
async function failTest(name: string): Promise<void> {
  const tester = (await tower.panes()).find(({ title }) => title === 'team-s1');
  await tower.tmux('send-keys', '-t', tester?.id ?? '', name, 'Enter');
}

async function startDoomed(failpoint: string): Promise<void> {
  await tower.killDaemon('SIGTERM');
  tower.env['AGENTTOWER_FAILPOINTS'] = `${failpoint}=kill`;
  await tower.startDaemon();
  delete tower.env['AGENTTOWER_FAILPOINTS'];
}

test('a declared route takes every event once, whenever the daemon dies', async () => {
  const file = writeIn(tower.directory, 'team.yaml', team());
  expect(await tower.done('plan', '-f', file)).toContain('+ route/failures  created');
  await tower.done('apply', '-f', file, '--wait');
  expect(await route()).toMatchObject({ name: 'failures', enabled: true });
  const names = Array.from({ length: EVENTS }, (_, index) => `n${index}`);
  const share = EVENTS / (ROUTE_FAILPOINTS.length + 1);
  const portions = [...ROUTE_FAILPOINTS, undefined].map((failpoint, index) => ({
    failpoint,
    part: names.slice(index * share, (index + 1) * share),
  }));
  for (const { failpoint, part } of portions) {
    if (failpoint !== undefined) await startDoomed(failpoint);
    for (const name of part) await failTest(name);
    if (failpoint !== undefined) {
      // It dies in its first turn.
      await until(async () => (await tower.cli(['status'])).code === 7, { timeoutMs: 30_000 });
      await tower.startDaemon();
    }
    // A prompt that is being pasted when a daemon dies is never pasted again: none is under way at the next death.
    await until(
      () => part.every((name) => inbox().includes(`team-s1 saw FAILED t.py::${name}.\n`)),
      {
        timeoutMs: 60_000,
        label: String(failpoint),
      },
    );
    await until(async () => (await routed()).every(({ submission }) => submission !== 'pasted'), {
      timeoutMs: 30_000,
    });
  }
  const rows = await routed();
  expect(rows.map(({ event_id: id }) => id)).toHaveLength(EVENTS);
  expect(new Set(rows.map(({ event_id: id }) => id)).size).toBe(EVENTS);
  expect(rows[0]).toMatchObject({ sender: { role: 'master' }, target: { label: 'team-s2' } });
  expect(inbox().match(/t\.py::n\d+\./g)).toEqual(names.map((name) => `t.py::${name}.`));
}, 300_000);

test('what happened while a route was off is taken when it is on again', async () => {
  await tower.done('route', 'disable', 'failures');
  await failTest('waiting');
  await until(async () => {
    const { events } = await tower.call<{ events: readonly { excerpt: string }[] }>('events.list', {
      types: ['test_failed'],
      reverse: true,
      limit: 1,
    });
    return events[0]?.excerpt.includes('waiting') === true;
  });
  expect(await routed()).toHaveLength(EVENTS);
  await tower.done('route', 'enable', 'failures');
  await until(() => inbox().includes('t.py::waiting.'), { timeoutMs: 30_000 });
  const { routing } = await tower.call<{ routing: object }>('status');
  expect(routing).toMatchObject({ routes_total: 1, routes_enabled: 1, most_stalled_route: null });
});

test('a route goes with its manifest', async () => {
  const file = join(tower.directory, 'team.yaml');
  expect(await tower.done('delete', '-f', file)).toContain('failures');
  expect(await route()).toBeUndefined();
});
