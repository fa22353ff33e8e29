import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LayoutView } from '../../src/surfaces/api/protocol.ts';
import { describeWithEngine, type TestContainer } from '../support/docker.ts';
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
import { type PrivateEngine, startPrivateEngine } from './support/private-engine.ts';

const NAMES = ['first', 'second', 'third'] as const;
const NEEDS_ROOT = process.getuid?.() !== 0;

const pidsOf = (layouts: readonly LayoutView[]): readonly (number | null)[] =>
  layouts.flatMap(({ panes }) => panes.map(({ pid }) => pid));
const idsOf = (layouts: readonly LayoutView[]): readonly (string | null)[] =>
  layouts.flatMap(({ panes }) => panes.map(({ pane_id }) => pane_id));

/** With `--live-restore` containers outlive their dockerd; without it they end with it and are started anew. */
describeWithEngine('docker', 'a Docker engine that is restarted', () => {
  describe.skipIf(NEEDS_ROOT).each([
    { flags: [], outlives: false },
    { flags: ['--live-restore'], outlives: true },
  ])('with flags $flags', ({ flags, outlives }) => {
    let engine: PrivateEngine;
    let benches: Benches;
    let containers: readonly TestContainer[];
    beforeAll(async () => {
      engine = startPrivateEngine(...flags);
      benches = await startBenches({ env: engine.env });
      containers = await Promise.all(
        NAMES.map((name) => benches.start({ name, args: ['--restart=always'] })),
      );
      for (const [index, name] of NAMES.entries()) {
        await benches.apply(containers[index] as TestContainer, name);
      }
    }, 120_000);
    afterAll(async () => {
      await benches?.stop();
      engine?.stop();
    });

    test.each(['SIGTERM', 'SIGKILL'] as const)(
      'by %s has all its layouts back, once',
      async (signal) => {
        const before = await untilHealthy(benches.tower, ...NAMES);
        const foreign = outlives ? await Promise.all(containers.map(openForeign)) : [];
        const sessions = await Promise.all(foreign.map((describe) => describe()));
        await engine.end(signal);
        const { message } = await untilCondition(benches.tower, 'first', {
          type: 'Observed',
          status: 'False',
          reason: /./,
        });
        expect(message).toMatch(/docker/i);
        engine.launch();
        await until(
          async () => {
            const after = await untilHealthy(benches.tower, ...NAMES);
            return outlives || idsOf(after).every((id) => !idsOf(before).includes(id));
          },
          { timeoutMs: 60_000, label: 'everything is back' },
        );
        const after = await untilHealthy(benches.tower, ...NAMES);
        const survivors = pidsOf(after).filter((pid) => pidsOf(before).includes(pid));
        if (outlives && survivors.length < pidsOf(before).length) {
          throw new Error(`${pidsOf(before).join()} became ${pidsOf(after).join()}`);
        }
        for (const [index, container] of containers.entries()) {
          expect(await findTwins(container)).toEqual([]);
          const ours = (await panesIn(container)).filter(({ tag }) => tag !== '');
          expect(ours.map(({ pid }) => pid)).toEqual(after[index]?.panes.map(({ pid }) => pid));
        }
        expect(await Promise.all(foreign.map((describe) => describe()))).toEqual(sessions);
        for (const container of foreign.length > 0 ? containers : []) {
          for (const server of ['default', 'other']) {
            await container.exec('tmux', '-L', server, 'kill-session', '-t', '=mine');
          }
        }
      },
    );
  });
});
