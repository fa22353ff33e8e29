import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithEngine, type TestContainer } from '../support/docker.ts';
import { until } from '../support/until.ts';
import { type Benches, quietPane, startBenches, untilHealthy } from './support/benches.ts';
import { layoutText, writeIn } from './support/manifests.ts';

const INSIDE = '/opt/old-tmux';
const FOLDER = join(process.env['AGENTTOWER_OLD_TMUX'] ?? '', '2.6');
const isThere = existsSync(join(FOLDER, 'tmux'));

describe.skipIf(!isThere)('with tmux 2.6 (scripts/old-tmux.sh)', () => {
  describeWithEngine('docker', 'a container', () => {
    let benches: Benches;
    let container: TestContainer;
    beforeAll(async () => {
      benches = await startBenches();
      container = await benches.start({
        name: 'old',
        user: 'bench',
        mounts: [`${FOLDER}:${INSIDE}:ro`],
        args: ['--env', `PATH=${INSIDE}:/usr/local/bin:/usr/bin:/bin`],
      });
    });
    afterAll(() => benches?.stop());

    test('runs a layout, gets back what was killed or ended, and keeps it over a restart of the daemon', async () => {
      const { tower } = benches;
      expect(await container.exec('tmux', '-V')).toBe('tmux 2.6');
      const dies = [
        'sh',
        '-c',
        'until test -e /tmp/gate; do sleep 0.05; done; rm /tmp/gate; exit 3',
      ];
      const panes = [quietPane('a'), quietPane('b', { command: dies }), quietPane('c')];
      const text = layoutText('team', panes, { container: container.name });
      const file = writeIn(tower.directory, 'old.yaml', text);
      await tower.done('apply', '-f', file, '--wait', '--timeout', '60s');
      const [a, b, c] = (await tower.layout('team')).panes;

      await container.exec('tmux', 'kill-pane', '-t', String(a?.tmux_pane_id));
      await container.exec('touch', '/tmp/gate');
      await until(
        async () => {
          const now = (await tower.layout('team')).panes;
          return now[0]?.pid !== a?.pid && now[1]?.pid !== b?.pid && now[1]?.status === 'Ready';
        },
        { timeoutMs: 60_000 },
      );
      const [whole] = await untilHealthy(tower, 'team');
      expect(whole?.panes[2]?.pid).toBe(c?.pid);

      await tower.restartDaemon('SIGKILL');
      const [after] = await untilHealthy(tower, 'team');
      expect(after?.panes.map(({ pid }) => pid)).toEqual(whole?.panes.map(({ pid }) => pid));

      await tower.done('delete', 'layout/team', '--wait');
      const left = await container.exec('tmux', 'list-sessions', '-F', '#{session_name}');
      expect(left).toBe('_agenttower');
    });
  });
});
