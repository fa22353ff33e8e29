import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithEngine } from '../support/docker.ts';
import { until } from '../support/until.ts';
import {
  type Benches,
  findTwins,
  openForeign,
  panesIn,
  startBenches,
  untilCondition,
  untilHealthy,
} from './support/benches.ts';

describeWithEngine('podman', 'layouts in Podman containers', () => {
  let benches: Benches;
  beforeAll(async () => {
    benches = await startBenches({ engine: 'podman' });
  });
  afterAll(() => benches?.stop());

  test('become ready, for root and for the user bench, beside sessions of a person', async () => {
    for (const user of ['root', 'bench']) {
      const container = await benches.start({ name: user, user });
      const foreign = await openForeign(container);
      const before = await foreign();
      const layout = await benches.apply(container, `team-${user}`);
      expect(layout).toMatchObject({ container: container.name, state: 'ready' });
      const ours = (await panesIn(container)).filter(({ tag }) => tag !== '');
      expect(ours.map(({ pid }) => pid)).toEqual(layout.panes.map(({ pid }) => pid));
      expect(await foreign()).toBe(before);
    }
  });

  test('come back when their container was stopped and started', async () => {
    const container = await benches.start({ name: 'again' });
    const before = await benches.apply(container, 'again');
    await benches.containers.cli('stop', '-t', '1', container.id);
    await untilCondition(benches.tower, 'again', {
      type: 'Ready',
      status: 'False',
      reason: /^ContainerNotRunning$/,
    });
    await benches.containers.cli('start', container.id);
    const old = before.panes.map(({ pane_id }) => pane_id);
    await until(
      async () => {
        const [layout] = await untilHealthy(benches.tower, 'again');
        return layout?.panes.every(({ pane_id }) => !old.includes(pane_id));
      },
      { timeoutMs: 60_000, label: 'it is rebuilt' },
    );
    expect(await findTwins(container)).toEqual([]);
    expect(await panesIn(container)).toHaveLength(2);
  });

  test('are the same ones after a pause', async () => {
    const container = await benches.start({ name: 'paused' });
    const before = await benches.apply(container, 'paused');
    await benches.containers.cli('pause', container.id);
    await untilCondition(benches.tower, 'paused', {
      type: 'Ready',
      reason: /Paused|NotRunning/,
    });
    await benches.containers.cli('unpause', container.id);
    const [after] = await untilHealthy(benches.tower, 'paused');
    expect(after?.panes.map(({ pid }) => pid)).toEqual(before.panes.map(({ pid }) => pid));
  });
});
