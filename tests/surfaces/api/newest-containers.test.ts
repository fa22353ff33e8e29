import { expect, test } from 'vitest';
import { refuse } from '../../../src/domain/errors.ts';
import { withNewestContainers } from '../../../src/surfaces/api/methods/newest-containers.ts';
import type { Services } from '../../../src/surfaces/api/methods/services.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const DOCKER = {
  name: 'docker',
  isImplicit: true,
  hasAnswered: false,
  answer: { kind: 'failed', problem: { code: 'docker_failed', message: 'docker refused us' } },
};

const PODMAN = { name: 'podman', isImplicit: true, hasAnswered: false, answer: { kind: 'none' } };

function engines(answer: () => Promise<void>) {
  const clock = virtualClock();
  let asked = 0;
  const refresh = (): Promise<void> => {
    asked += 1;
    return answer();
  };
  const registry = { refresh, engines: () => [DOCKER, PODMAN] } as unknown as Services['registry'];
  return { services: { registry, clock }, clock, asked: () => asked };
}

const unknownContainer = () => refuse('container_not_found', 'no', { container_id: 'bench' });

test('a container that was started a moment ago is found by asking the engines anew', async () => {
  let isKnown = false;
  const { services, asked } = engines(async () => {
    isKnown = true;
  });
  const run = () => {
    if (!isKnown) throw unknownContainer();
    return 'applied';
  };
  expect(await withNewestContainers(services, run)).toBe('applied');
  expect(asked()).toBe(1);
});

test('so is one that was known to be stopped', async () => {
  let isStopped = true;
  const { services } = engines(async () => {
    isStopped = false;
  });
  const run = () => {
    if (isStopped) throw refuse('container_inactive', 'no', { container_id: 'bench' });
    return 'made';
  };
  expect(await withNewestContainers(services, run)).toBe('made');
});

test('one that nobody has is refused after all, also when an engine never answers', async () => {
  const { services, clock } = engines(() => new Promise(() => {}));
  const refused = withNewestContainers(services, () => {
    throw unknownContainer();
  }).catch((error: unknown) => error);
  await clock.advance(2_000);
  expect(await refused).toMatchObject({
    code: 'container_not_found',
    message: expect.stringContaining('docker refused us; podman has not answered yet'),
    details: { container_id: 'bench' },
  });
});

test('whatever else goes wrong asks nobody', async () => {
  const { services, asked } = engines(async () => {});
  const refused = withNewestContainers(services, () => {
    throw refuse('validation_failed', 'no', { field: 'files', reason: 'missing' });
  });
  await expect(refused).rejects.toMatchObject({ code: 'validation_failed' });
  expect(asked()).toBe(0);
});
