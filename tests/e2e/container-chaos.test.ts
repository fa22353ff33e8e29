import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeRandom, type Random } from '../simulator/random.ts';
import { describeWithEngine, type TestContainer } from '../support/docker.ts';
import { until } from '../support/until.ts';
import {
  type Benches,
  findTwins,
  openForeign,
  panesIn,
  quietPane,
  startBenches,
  untilHealthy,
} from './support/benches.ts';
import { layoutText, writeIn } from './support/manifests.ts';

const SEEDS = (process.env['E2E_CHAOS_SEEDS'] ?? '1,2').split(',').map(Number);
const STEPS = Number(process.env['E2E_CHAOS_STEPS'] ?? '14');
const USERS = [undefined, 'bench', undefined, 'bench'] as const;
const KEYS = ['a', 'b', 'c'];

/** A container with a layout, and what a person has open in this life of it. */
interface Bench {
  readonly name: string;
  readonly user: string | undefined;
  readonly layout: string;
  container: TestContainer;
  state: 'running' | 'paused' | 'stopped';
  describeForeign: () => Promise<string>;
  foreign: string;
}

describeWithEngine('docker', 'containers at random', () => {
  let benches: Benches;
  beforeAll(async () => {
    benches = await startBenches();
  });
  afterAll(() => benches?.stop());

  const docker = (...args: readonly string[]): Promise<string> => benches.containers.cli(...args);

  /** A person opens sessions at once, while the daemon rebuilds its own. */
  async function revive(bench: Bench): Promise<void> {
    bench.state = 'running';
    bench.describeForeign = await openForeign(bench.container);
    bench.foreign = await bench.describeForeign();
  }

  async function begin({ name, user }: Pick<Bench, 'name' | 'user'>): Promise<TestContainer> {
    return await benches.start({ name, ...(user !== undefined && { user }) });
  }

  /** Every thing that can happen to a container, by the state it needs. */
  const EVENTS: Readonly<
    Record<string, { from: Bench['state']; run(bench: Bench, random: Random): Promise<void> }>
  > = {
    stop: {
      from: 'running',
      run: async (bench) => {
        bench.state = 'stopped';
        await docker('stop', '-t', '1', bench.container.id);
      },
    },
    kill: {
      from: 'running',
      run: async (bench) => {
        bench.state = 'stopped';
        await docker('kill', bench.container.id);
      },
    },
    start: {
      from: 'stopped',
      run: async (bench) => {
        await docker('start', bench.container.id);
        await revive(bench);
      },
    },
    restart: {
      from: 'running',
      run: async (bench) => {
        await docker('restart', '-t', '0', bench.container.id);
        await revive(bench);
      },
    },
    pause: {
      from: 'running',
      run: async (bench) => {
        bench.state = 'paused';
        await docker('pause', bench.container.id);
      },
    },
    unpause: {
      from: 'paused',
      run: async (bench) => {
        await docker('unpause', bench.container.id);
        bench.state = 'running';
      },
    },
    remake: {
      from: 'running',
      run: async (bench) => {
        await docker('rm', '-f', bench.container.id);
        bench.container = await begin(bench);
        await revive(bench);
      },
    },
    'remake a stopped one': {
      from: 'stopped',
      run: async (bench) => {
        bench.container = await begin(bench);
        await revive(bench);
      },
    },
    'kill a pane': {
      from: 'running',
      run: async ({ container }, random) => {
        const ours = (await panesIn(container)).filter(({ tag }) => tag !== '');
        const victim = random.pick(ours);
        if (victim === undefined) return;
        await container.exec('tmux', 'kill-pane', '-t', victim.id).catch(() => 'it had gone');
      },
    },
    'kill the daemon': {
      from: 'running',
      run: async () => await benches.tower.restartDaemon('SIGKILL'),
    },
  };

  async function expectUnharmed(list: readonly Bench[], label: string): Promise<void> {
    for (const { state, container, describeForeign, foreign } of list) {
      if (state !== 'running') continue;
      expect(await findTwins(container), label).toEqual([]);
      expect(await describeForeign(), label).toBe(foreign);
    }
  }

  /** Exactly what is declared, in every container. */
  async function expectAllBack(list: readonly Bench[], label: string): Promise<void> {
    for (const { container, layout } of list) {
      await until(
        async () => {
          const [seen] = await untilHealthy(benches.tower, layout);
          const ours = (await panesIn(container)).filter(({ tag }) => tag !== '');
          const shown = ours.map(({ id, pid, title }) => `${id} ${pid} ${title}`).toSorted();
          const said = seen?.panes.map((one) => `${one.tmux_pane_id} ${one.pid} ${one.label}`);
          return shown.join('\n') === said?.toSorted().join('\n');
        },
        { timeoutMs: 60_000, label: `${label}: ${layout} is as declared` },
      );
    }
  }

  async function setUp(seed: number): Promise<readonly Bench[]> {
    const list = await Promise.all(
      USERS.map(async (user, index): Promise<Bench> => {
        const bench = { name: `chaos${seed}-${index}`, user, layout: `team${seed}-${index}` };
        const container = await begin(bench);
        const describeForeign = await openForeign(container);
        const foreign = await describeForeign();
        return { ...bench, container, state: 'running', describeForeign, foreign };
      }),
    );
    const texts = list.map(({ layout, container }) => {
      const panes = KEYS.map((key) => quietPane(key));
      return layoutText(layout, panes, { container: container.name });
    });
    const file = writeIn(benches.tower.directory, `chaos${seed}.yaml`, texts.join('\n---\n'));
    await benches.tower.done('apply', '-f', file, '--wait', '--timeout', '60s');
    return list;
  }

  test.each(SEEDS)(
    'with seed %i: nothing is doubled, nothing foreign touched, all is back',
    {
      timeout: 300_000,
    },
    async (seed) => {
      const random = makeRandom(seed);
      const list = await setUp(seed);
      const told: string[] = [];
      for (let step = 0; step < STEPS; step += 1) {
        const bench = random.pick(list);
        if (bench === undefined) throw new Error('no containers');
        const possible = Object.entries(EVENTS).filter(([, { from }]) => from === bench.state);
        const [name, event] = random.pick(possible) ?? [];
        told.push(`${name} ${bench.name}`);
        await event?.run(bench, random);
        await expectUnharmed(list, told.join(', '));
      }
      for (const bench of list) {
        if (bench.state === 'paused') await EVENTS['unpause']?.run(bench, random);
        if (bench.state === 'stopped') await EVENTS['start']?.run(bench, random);
      }
      const label = told.join(', ');
      await expectAllBack(list, label);
      await expectUnharmed(list, label);
      for (const { layout } of list) {
        const { conditions } = await benches.tower.layout(layout);
        expect(
          conditions.map(({ type }) => type),
          label,
        ).not.toContain('CrashLoop');
        await benches.tower.done('delete', `layout/${layout}`, '--wait');
      }
    },
  );
});
