import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithEngine } from '../support/docker.ts';
import { until } from '../support/until.ts';
import { type Benches, quietPane, startBenches } from './support/benches.ts';
import { layoutText, writeIn } from './support/manifests.ts';

describeWithEngine('docker', 'a working directory that is not there in a container', () => {
  let benches: Benches;
  beforeAll(async () => {
    benches = await startBenches();
  });
  afterAll(() => benches?.stop());

  test('is told in words, and once it is made the pane comes up by itself', async () => {
    const { tower } = benches;
    const container = await benches.start({ name: 'dir', user: 'bench' });
    const text = layoutText('lost', [quietPane('a', { workingDir: '/tmp/not yet' })], {
      container: container.name,
    });
    await tower.done('apply', '-f', writeIn(tower.directory, 'lost.yaml', text));
    const problem = `its working directory /tmp/not yet does not exist in container ${container.name}`;
    await until(async () => (await tower.slot('lost/a')).problem?.includes(problem) === true);
    expect((await tower.slot('lost/a')).exit_code).toBe(200);
    expect(await tower.done('describe', 'layout/lost/a')).toContain(problem);
    await container.exec('mkdir', '/tmp/not yet');
    await until(async () => (await tower.slot('lost/a')).state === 'ready', { timeoutMs: 60_000 });
    const { tmux_pane_id: pane } = await tower.slot('lost/a');
    const where = await container.exec(
      'tmux',
      'display-message',
      '-p',
      '-t',
      String(pane),
      '#{pane_current_path}',
    );
    expect(where).toBe('/tmp/not yet');
  });
});
