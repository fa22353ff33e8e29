import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LayoutView, PaneView } from '../../src/surfaces/api/protocol.ts';
import { describeWithEngine, type TestContainer } from '../support/docker.ts';
import { until } from '../support/until.ts';
import { type Benches, startBenches } from './support/benches.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';

describeWithEngine('docker', 'logs of panes in Docker containers', () => {
  let benches: Benches;
  beforeAll(async () => {
    benches = await startBenches();
  });
  afterAll(() => benches?.stop());

  test('without a mount the pane runs, is degraded by its log, and says what to mount', async () => {
    const container = await benches.containers.start({ name: 'bare' });
    const own = join(benches.tower.paths.logsDir, container.name);
    const only = await settled(benches, container, 'bare');
    expect(only).toMatchObject({ state: 'degraded', failed_stage: 'log_attach', log_path: null });
    const [failed] = await benches.tower.events('managed_pane_log_attach_failed');
    expect(failed?.payload).toEqual({
      reason: `log_path_not_host_visible: the panes of container ${container.name} cannot be logged: it mounts nothing; mkdir -m 700 ${own}, then start it with --mount type=bind,source=${own},target=/var/log/agenttower`,
    });
  });

  test('a directory of its own may be mounted anywhere', async () => {
    const own = join(benches.tower.paths.logsDir, `${benches.containers.prefix}own`);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    const container = await benches.containers.start({ name: 'own', mounts: [`${own}:/agents`] });
    const only = await settled(benches, container, 'own');
    expect(only.log_path).toBe(`/agents/${only.agent_id}.log`);
    await untilLogged(join(own, `${only.agent_id}.log`));
  });

  test.runIf(process.geteuid?.() === 0)(
    'the unprivileged user of a container has its own directory, and no other',
    async () => {
      const { logsDir } = benches.tower.paths;
      const shared = await benches.containers.start({
        name: 'shared',
        user: 'bench',
        mounts: [`${logsDir}:${logsDir}`],
      });
      expect(await settled(benches, shared, 'shared')).toMatchObject({
        state: 'degraded',
        failed_stage: 'log_attach',
      });

      const own = join(logsDir, `${benches.containers.prefix}user`);
      mkdirSync(own, { recursive: true, mode: 0o700 });
      const container = await benches.containers.start({
        name: 'user',
        user: 'bench',
        mounts: [`${own}:${own}`],
      });
      const only = await settled(benches, container, 'user');
      expect(only.state).toBe('ready');
      await untilLogged(join(own, `${only.agent_id}.log`));
    },
  );
});

/** The only pane of a new layout, once it stands or has a reason not to. */
async function settled(
  { tower }: Benches,
  { name: container }: TestContainer,
  name: string,
): Promise<PaneView> {
  const text = layoutText(name, [pane('a')], { container });
  await tower.done('apply', '-f', writeIn(tower.directory, `${name}.yaml`, text));
  const layout: LayoutView = await until(
    async () => {
      const seen = await tower.layout(name);
      if (!['ready', 'degraded'].includes(seen.state)) throw new Error(JSON.stringify(seen));
      return seen;
    },
    { timeoutMs: 30_000, label: `${name} settled` },
  );
  const [only] = layout.panes;
  if (only === undefined) throw new Error(`${name} has no pane`);
  return only;
}

function untilLogged(file: string): Promise<boolean> {
  return until(() => readFileSync(file, 'utf8').includes('hello-a'), { label: `hello in ${file}` });
}
