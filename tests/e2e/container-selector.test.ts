import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LayoutView } from '../../src/surfaces/api/protocol.ts';
import { describeWithEngine, type TestContainer } from '../support/docker.ts';
import { until } from '../support/until.ts';
import { type Benches, panesIn, quietPane, startBenches } from './support/benches.ts';
import { layoutText, writeIn } from './support/manifests.ts';

const LATE_MS = 60_000;

describeWithEngine('docker', 'one layout for every Docker container that matches', () => {
  let benches: Benches;
  beforeAll(async () => {
    benches = await startBenches();
  });
  afterAll(() => benches?.stop());

  const start = (name: string, team = 'api'): Promise<TestContainer> =>
    benches.start({ name, labels: { team } });
  const apply = (...more: readonly string[]): Promise<string> => {
    const text = layoutText('web', [quietPane('a')], {
      containerSelector: { matchLabels: { team: 'api' } },
    });
    const file = writeIn(benches.tower.directory, 'web.yaml', text);
    return benches.tower.done('apply', '-f', file, ...more);
  };
  const untilIn = (...wanted: readonly TestContainer[]): Promise<readonly LayoutView[]> =>
    until(
      async () => {
        const layouts = await benches.tower.layouts();
        expect(layouts.map(({ container }) => container).toSorted()).toEqual(
          wanted.map(({ name }) => name).toSorted(),
        );
        for (const { state } of layouts) expect(state).toBe('ready');
        return layouts;
      },
      { timeoutMs: LATE_MS, label: `web in ${wanted.length} containers` },
    );

  test('it comes to those there are, those that come later, and again after a restart', async () => {
    expect(await apply()).toContain('0 containers match matchLabels team=api');
    const first = await start('one');
    await start('other', 'web');
    await untilIn(first);
    await benches.tower.restartDaemon();
    const second = await start('two');
    const layouts = await untilIn(first, second);
    expect(layouts.map(({ name }) => name)).toEqual(['web', 'web']);
    for (const container of [first, second]) {
      expect((await panesIn(container)).map(({ title }) => title)).toEqual(['web-a']);
    }
    const listing = await benches.tower.done('get', 'layouts');
    for (const { name } of [first, second]) expect(listing).toContain(name);
    expect(await apply('--wait')).toContain(`layout/web in ${second.name} unchanged`);
  });

  test('it waits where its container is gone, and comes back with the next one of that name', async () => {
    await benches.containers.cli('rm', '-f', `${benches.containers.prefix}two`);
    await until(
      async () => {
        const gone = (await benches.tower.layouts()).find((one) => one.container.endsWith('two'));
        return gone?.conditions.some(({ message }) => message.includes('is gone from'));
      },
      { timeoutMs: LATE_MS, label: 'the layout waits' },
    );
    const next = await start('two');
    await until(async () => (await panesIn(next)).length === 1, { timeoutMs: LATE_MS });
  });

  test('it goes from a container that does not match any more, and from all when deleted', async () => {
    const [first, second] = [await containerOf('one'), await start('two', 'web')];
    await untilIn(first);
    expect(await panesIn(second)).toEqual([]);
    await benches.tower.done('delete', 'layout/web');
    await untilIn();
    await start('three');
    expect(await panesIn(first)).toEqual([]);
    await untilIn();
  });

  const containerOf = async (name: string): Promise<TestContainer> => {
    const full = `${benches.containers.prefix}${name}`;
    return {
      id: full,
      name: full,
      exec: (...argv) => benches.containers.cli('exec', full, ...argv),
      pid: async () => 0,
    };
  };
});
