import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithEngine, type TestContainer } from '../support/docker.ts';
import { until } from '../support/until.ts';
import {
  type Benches,
  findTwins,
  panesIn,
  startBenches,
  untilCondition,
  untilHealthy,
} from './support/benches.ts';

describeWithEngine('docker', 'a container that hangs', () => {
  let benches: Benches;
  let well: readonly TestContainer[];
  beforeAll(async () => {
    benches = await startBenches();
    well = [await benches.start({ name: 'one' }), await benches.start({ name: 'two' })];
    for (const [index, container] of well.entries()) {
      await benches.apply(container, `team${index}`);
    }
  });
  afterAll(() => benches?.stop());

  /** A pane killed in each of the others is back, as if nothing were wrong elsewhere. */
  async function expectOthersRepaired(): Promise<void> {
    for (const [index, container] of well.entries()) {
      const victim = await benches.tower.slot(`team${index}/a`);
      await container.exec('tmux', 'kill-pane', '-t', victim.tmux_pane_id ?? '');
      await until(
        async () => {
          const now = await benches.tower.slot(`team${index}/a`);
          return now.status === 'Ready' && now.pane_id !== victim.pane_id;
        },
        { timeoutMs: 20_000, label: `team${index} is repaired` },
      );
      expect(await findTwins(container)).toEqual([]);
    }
  }

  test('with a tmux server that does not answer is unknown, not gone, and delays nobody', async () => {
    const container = await benches.start({ name: 'stuck' });
    const before = await benches.apply(container, 'stuck');
    await container.exec('pkill', '-STOP', '-f', '^tmux: server|^tmux .*new-session');
    await untilCondition(benches.tower, 'stuck', {
      type: 'Observed',
      status: 'False',
      reason: /./,
    });
    await expectOthersRepaired();
    expect(await benches.tower.layout('stuck')).toMatchObject({ sync: 'Unknown' });
    await container.exec('pkill', '-CONT', '-f', '^tmux: server|^tmux .*new-session');
    const [after] = await untilHealthy(benches.tower, 'stuck');
    expect(after?.panes.map(({ pid }) => pid)).toEqual(before.panes.map(({ pid }) => pid));
    expect((await panesIn(container)).map(({ tag }) => tag)).toHaveLength(2);
    // What was asked of it while it hung has left no client behind.
    await until(
      async () => {
        const listing = await container.exec('ps', '-e', '-o', 'args', '--no-headers');
        return listing.split('\n').filter((line) => /^tmux .* -C/.test(line)).length <= 1;
      },
      { timeoutMs: 20_000, label: 'one client at most' },
    );
  });

  test('because it is paused delays nobody', async () => {
    const container = await benches.start({ name: 'frozen' });
    const before = await benches.apply(container, 'frozen');
    await benches.containers.cli('pause', container.id);
    await expectOthersRepaired();
    await benches.containers.cli('unpause', container.id);
    const [after] = await untilHealthy(benches.tower, 'frozen');
    expect(after?.panes.map(({ pid }) => pid)).toEqual(before.panes.map(({ pid }) => pid));
  });

  test('as its layout is declared does not hold up the apply of others', async () => {
    const container = await benches.start({ name: 'asleep' });
    // Docker 20.10 never gets over a pause that meets an exec: the daemon has to have looked around in there.
    await benches.apply(container, 'early');
    await benches.containers.cli('pause', container.id);
    const [first] = well;
    if (first === undefined) throw new Error('no container');
    const waiting = benches.apply(container, 'asleep');
    await benches.apply(first, 'quick');
    await benches.containers.cli('unpause', container.id);
    expect((await waiting).panes.map(({ status }) => status)).toEqual(['Ready', 'Ready']);
  });
});
