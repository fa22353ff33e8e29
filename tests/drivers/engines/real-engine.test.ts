import { afterAll, beforeAll, expect, test } from 'vitest';
import { incarnationOf } from '../../../src/domain/containers.ts';
import { type CliEngine, openCliEngine } from '../../../src/drivers/engines/cli-engine.ts';
import {
  describeWithEngine,
  type EngineCli,
  openContainers,
  type TestContainers,
} from '../../support/docker.ts';
import { realClock } from '../../support/real-tmux.ts';
import { until } from '../../support/until.ts';

let containers: TestContainers;
let engine: CliEngine;
const LIST_WITHIN_MS = 20_000;

async function describeOne(id: string) {
  const listed = await engine.list(LIST_WITHIN_MS);
  if (!listed.ok) throw new Error(listed.error.message);
  return listed.value.containers.find((one) => one.id === id);
}

describeWithEngine('docker', 'Docker', () => behaves('docker'));
describeWithEngine('podman', 'Podman', () => behaves('podman'));

function behaves(cli: EngineCli): void {
  beforeAll(() => {
    containers = openContainers(cli);
    engine = openCliEngine({ name: cli, kind: cli, env: process.env, clock: realClock });
  });
  afterAll(async () => {
    engine.close();
    await containers.close();
  }, 60_000);

  test('describes its containers, those that do not run too', async () => {
    const running = await containers.start({
      name: 'runs',
      user: 'bench',
      labels: { 'com.example.team': 'a=b, c' },
      mounts: ['/tmp:/logs:ro'],
      args: ['--workdir=/tmp', '--env=TOKEN=hunter2'],
    });
    const stopped = await containers.start({ name: 'stopped', isStopped: true });
    expect(await describeOne(running.id)).toMatchObject({
      name: running.name,
      image: expect.stringContaining('agenttower-bench'),
      labels: { 'com.example.team': 'a=b, c' },
      mounts: [{ type: 'bind', source: '/tmp', target: '/logs', isWritable: false }],
      user: 'bench',
      workingDir: '/tmp',
      state: 'running',
      status: expect.stringMatching(/^Up/),
    });
    expect(JSON.stringify(await describeOne(running.id))).not.toContain('hunter2');
    expect(await describeOne(stopped.id)).toMatchObject({ state: 'exited', startedAt: '' });
  });

  test('tells each life of a container from the next, and whether it is paused', async () => {
    const { id } = await containers.start({ name: 'lives' });
    const first = await describeOne(id);
    await containers.cli('pause', id);
    expect(await describeOne(id)).toMatchObject({ state: 'paused', startedAt: first?.startedAt });
    await containers.cli('unpause', id);
    await containers.cli('restart', '-t', '0', id);
    const second = await describeOne(id);
    expect(first && second && incarnationOf(first) !== incarnationOf(second)).toBe(true);
    await containers.cli('rm', '-f', id);
    expect(await describeOne(id)).toBeUndefined();
    const asked = await engine.list(LIST_WITHIN_MS, { expected: [id] });
    expect(asked.ok && asked.value.problems.has(id)).toBe(false);
  });

  test('tells when a container is paused and removed', async () => {
    const container = await containers.start({ name: 'events' });
    let changes = 0;
    const watch = engine.watch(() => {
      changes += 1;
    });
    // The first one only says that it listens now.
    await until(() => changes > 0);
    const quiet = changes;
    await containers.cli('pause', container.id);
    await until(() => changes > quiet);
    const heard = changes;
    await containers.cli('rm', '-f', container.id);
    await until(() => changes > heard);
    watch.close();
  });
}
