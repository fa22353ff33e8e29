import type { ContainerRecord } from '../../src/domain/containers.ts';
import type { ContainerId } from '../../src/domain/ids.ts';

/** 64 hexadecimal digits, all the same. */
export function idOf(digit: string): string {
  return digit.repeat(64);
}

/** A container that runs in Docker, recorded under its name. */
export function aContainer(
  name: string,
  changes: Partial<Omit<ContainerRecord, 'key'>> & { readonly key?: string } = {},
): ContainerRecord {
  const { key = name, ...rest } = changes;
  return {
    engine: 'docker',
    id: idOf('a'),
    name,
    image: 'bench:1',
    labels: {},
    mounts: [],
    user: '',
    workingDir: '',
    state: 'running',
    status: 'Up 3 minutes',
    startedAt: '2026-01-01T00:00:00Z',
    firstSeenAt: 1,
    lastScannedAt: 1,
    ...rest,
    key: key as ContainerId,
  };
}
