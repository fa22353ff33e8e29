import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerView, LayoutView } from '../../src/surfaces/api/protocol.ts';
import { describeWithEngine, type TestContainer } from '../support/docker.ts';
import { until } from '../support/until.ts';
import {
  type Benches,
  findTwins,
  openForeign,
  panesIn,
  quietPane,
  startBenches,
  untilCondition,
  untilHealthy,
} from './support/benches.ts';
import { layoutText, writeIn } from './support/manifests.ts';

/** More often than a process may end before it counts as a crash loop. */
const ROUNDS = 7;

describeWithEngine('docker', 'containers that come and go', () => {
  let benches: Benches;
  beforeAll(async () => {
    benches = await startBenches();
  });
  afterAll(() => benches?.stop());

  const docker = (...args: readonly string[]): Promise<string> => benches.containers.cli(...args);

  /** The container as the daemon sees it, once it sees it so. */
  function untilState({ name }: TestContainer, state: string): Promise<ContainerView> {
    return until(
      async () => {
        const list = await benches.tower.call<{ items: readonly ContainerView[] }>(
          'container.list',
        );
        return list.items.find((each) => each.name === name && each.state === state);
      },
      { timeoutMs: 20_000, label: `${name} is ${state}` },
    );
  }

  /** Healthy, and every pane another one than before. */
  function untilRebuilt(before: LayoutView): Promise<LayoutView> {
    const old = before.panes.map(({ pane_id }) => pane_id);
    return until(
      async () => {
        const [layout] = await untilHealthy(benches.tower, before.name);
        return layout?.panes.every(({ pane_id }) => !old.includes(pane_id)) && layout;
      },
      { timeoutMs: 60_000, label: `${before.name} is rebuilt` },
    );
  }

  test('a layout of a stopped container waits, and comes by itself once it is started', async () => {
    const container = await benches.start({ name: 'later', isStopped: true });
    await untilState(container, 'exited');
    const text = layoutText('patient', [quietPane('a')], { container: container.name });
    const file = writeIn(benches.tower.directory, 'patient.yaml', text);
    await benches.tower.done('apply', '-f', file);
    const waiting = await untilCondition(benches.tower, 'patient', {
      type: 'Ready',
      status: 'False',
      reason: /^ContainerNotRunning$/,
    });
    expect(waiting.message).toContain(container.name);
    expect((await benches.tower.slot('patient/a')).restarts).toBe(0);
    await docker('start', container.id);
    const [layout] = await untilHealthy(benches.tower, 'patient');
    expect(layout?.panes[0]).toMatchObject({ restarts: 0, exit_code: null });
    await expectExactly(container, layout);
  });

  test(`a container stopped and started ${ROUNDS} times in a row counts no crash`, async () => {
    const container = await benches.start({ name: 'again' });
    let layout = await benches.apply(container, 'steady');
    for (let round = 0; round < ROUNDS; round += 1) {
      await docker('stop', '-t', '1', container.id);
      await untilCondition(benches.tower, 'steady', {
        type: 'Ready',
        status: 'False',
        reason: /^ContainerNotRunning$/,
      });
      const stopped = await benches.tower.layout('steady');
      expect(stopped.health).toBe('Missing');
      expect(stopped.panes.map(({ next_attempt_at }) => next_attempt_at)).toEqual([null, null]);
      await docker('start', container.id);
      layout = await untilRebuilt(layout);
      expect(layout.conditions.map(({ type }) => type)).toEqual(['Ready', 'Observed']);
    }
    await expectExactly(container, layout);
  });

  test.each([
    ['restart', '-t', '1'],
    ['restart', '-t', '0'],
  ])('after docker %s %s %s everything is back, once', async (...verb) => {
    const container = await benches.start({ name: 'restarted' });
    const before = await benches.apply(container, 'restarted');
    await docker(...verb, container.id);
    await expectExactly(container, await untilRebuilt(before));
  });

  test('a paused container is not touched, and its panes are the same afterwards', async () => {
    const container = await benches.start({ name: 'paused' });
    const before = await benches.apply(container, 'paused');
    await docker('pause', container.id);
    await untilState(container, 'paused');
    await untilCondition(benches.tower, 'paused', {
      type: 'Ready',
      reason: /Paused|NotRunning/,
    });
    await docker('unpause', container.id);
    const [after] = await untilHealthy(benches.tower, 'paused');
    expect(after?.panes.map(({ pane_id, pid }) => [pane_id, pid])).toEqual(
      before.panes.map(({ pane_id, pid }) => [pane_id, pid]),
    );
    await expectExactly(container, after);
  });

  test('a renamed container is another target, and the same one under its name again', async () => {
    const container = await benches.start({ name: 'before' });
    const before = await benches.apply(container, 'named');
    const nameNow = `${benches.containers.prefix}after`;
    await docker('rename', container.name, nameNow);
    await untilState({ ...container, name: nameNow }, 'running');
    const { message } = await untilCondition(benches.tower, 'named', {
      type: 'Ready',
      status: 'False',
      reason: /^ContainerNotRunning$/,
    });
    expect(message).toContain(`docker rename ${nameNow} ${container.name}`);
    const { items } = await benches.tower.call<{ items: readonly ContainerView[] }>(
      'container.list',
    );
    expect(items.find(({ name }) => name === nameNow)?.layouts).toBe(0);
    // Its panes go on in there, and a daemon that was away concludes nothing else.
    await benches.tower.restartDaemon();
    expect((await panesIn(container)).map(({ pid }) => pid)).toEqual(
      expect.arrayContaining(before.panes.map(({ pid }) => pid)),
    );
    await docker('rename', nameNow, container.name);
    const [after] = await untilHealthy(benches.tower, 'named');
    expect(after?.panes.map(({ pane_id, pid }) => [pane_id, pid])).toEqual(
      before.panes.map(({ pane_id, pid }) => [pane_id, pid]),
    );
    await expectExactly(container, after);
  });

  test('another container given the name of a renamed one that runs on has the layout', async () => {
    const first = await benches.start({ name: 'replaced' });
    const before = await benches.apply(first, 'replaced');
    await docker('rename', first.name, `${benches.containers.prefix}former`);
    const second = await benches.start({ name: 'replaced' });
    await expectExactly(second, await untilRebuilt(before));
    // Nobody declares anything for its new name: what ran in there goes on.
    const there = (await panesIn(first)).map(({ pid }) => pid);
    expect(there).toEqual(expect.arrayContaining(before.panes.map(({ pid }) => pid)));
  });

  test('a container killed and started again has its layout back', async () => {
    const container = await benches.start({ name: 'killed' });
    const before = await benches.apply(container, 'killed');
    await docker('kill', container.id);
    await untilState(container, 'exited');
    await docker('start', container.id);
    await expectExactly(container, await untilRebuilt(before));
  });

  test('a new container under the old name gets the layout, and its own sessions stay', async () => {
    const first = await benches.start({ name: 'remade' });
    const before = await benches.apply(first, 'remade');
    await docker('rm', '-f', first.id);
    await untilState(first, 'missing');
    await untilCondition(benches.tower, 'remade', {
      type: 'Ready',
      status: 'False',
      reason: /^Container(NotRunning|NotFound|Missing)$/,
    });
    const second = await benches.start({ name: 'remade', user: 'bench' });
    const foreign = await openForeign(second);
    const sessions = await foreign();
    await expectExactly(second, await untilRebuilt(before));
    expect(await foreign()).toBe(sessions);
  });

  test('a daemon that was away while its container was restarted finds out', async () => {
    const container = await benches.start({ name: 'away' });
    const before = await benches.apply(container, 'away');
    await benches.tower.killDaemon('SIGKILL');
    await docker('restart', '-t', '0', container.id);
    await benches.tower.startDaemon();
    await expectExactly(container, await untilRebuilt(before));
  });

  test('no process of the daemon is left in a container when it has stopped', async () => {
    const container = await benches.start({ name: 'tidy' });
    await benches.apply(container, 'tidy');
    await benches.tower.killDaemon('SIGTERM');
    const clients = await until(async () => {
      const listing = await container.exec('ps', '-e', '-o', 'args', '--no-headers');
      // The server and its panes live on; clients do not.
      return !/tmux .*-C|timeout/.test(listing) && listing;
    });
    expect(clients).toContain('tmux');
    await benches.tower.startDaemon();
    await untilHealthy(benches.tower, 'tidy');
  });
});

async function expectExactly(
  container: TestContainer,
  layout: LayoutView | undefined,
): Promise<void> {
  expect(await findTwins(container)).toEqual([]);
  const seen = (await panesIn(container)).filter(({ tag }) => tag !== '');
  expect(seen.map(({ id, pid }) => `${id} ${pid}`).toSorted()).toEqual(
    layout?.panes.map((one) => `${one.tmux_pane_id} ${one.pid}`).toSorted(),
  );
}
