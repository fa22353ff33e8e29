import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SourceView } from '../../src/surfaces/api/protocol.ts';
import { describeWithEngine } from '../support/docker.ts';
import { until } from '../support/until.ts';
import { type Benches, quietPane, startBenches } from './support/benches.ts';
import { layoutText, writeIn } from './support/manifests.ts';

describeWithEngine('docker', 'a container that comes after what is declared for it', () => {
  let benches: Benches;
  beforeAll(async () => {
    benches = await startBenches();
  });
  afterAll(() => benches?.stop());

  const sourceNamed = async (name: string): Promise<SourceView | undefined> =>
    (await benches.tower.call<{ items: readonly SourceView[] }>('source.list')).items.find(
      (one) => one.name === name,
    );

  test('gets what a directory declares for it at once, long before the next reading', async () => {
    const { tower, containers } = benches;
    const directory = join(tower.directory, 'desk');
    mkdirSync(directory);
    const name = `${containers.prefix}late`;
    writeIn(directory, 'web.yaml', layoutText('web', [quietPane('a')], { container: name }));
    await tower.done('source', 'add', 'dir', directory, '--interval', '1h');
    await until(async () => (await sourceNamed('desk'))?.last_error?.includes(name) === true);
    await benches.start({ name: 'late' });
    await until(async () => (await tower.layout('web')).state === 'ready', { timeoutMs: 60_000 });
    expect((await sourceNamed('desk'))?.last_error).toBeNull();
  });

  test('that cannot get its layout is told of where one looks for it', async () => {
    const { tower, containers } = benches;
    const directory = join(tower.directory, 'sel');
    mkdirSync(directory);
    const first = await benches.start({ name: 'sel-a', labels: { team: 'sel' } });
    writeIn(
      directory,
      'sel.yaml',
      layoutText('sel', [quietPane('a')], { containerSelector: { matchLabels: { team: 'sel' } } }),
    );
    await tower.done('source', 'add', 'dir', directory, '--interval', '1h');
    await until(async () => (await tower.layout('sel')).state === 'ready', { timeoutMs: 60_000 });
    // Somebody else has the name in the next one already.
    const name = `${containers.prefix}sel-b`;
    const other = layoutText('sel', [quietPane('b')], { container: name });
    const second = await benches.start({ name: 'sel-b' });
    await tower.done('apply', '-f', writeIn(tower.directory, 'other.yaml', other));
    await containers.cli('rm', '-f', second.name);
    await benches.start({ name: 'sel-b', labels: { team: 'sel' } });
    const leftOut = `LeftOut: sel in container ${name}`;
    await until(async () => (await tower.done('describe', 'source/sel')).includes(leftOut));
    const page = await tower.done('describe', 'layout/sel', '--container', first.name);
    expect(page).toContain(leftOut);
  });
});
