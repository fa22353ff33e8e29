import { expect, test } from 'vitest';
import { readContainers } from '../../src/compose/containers.ts';
import type { ContainerId } from '../../src/domain/ids.ts';
import type { Registry } from '../../src/reconcile/registry.ts';
import { aContainer } from '../support/containers.ts';

const BENCH = 'bench-1' as ContainerId;

test.each([
  [{ state: 'paused', status: 'Up 2 minutes (Paused)' }, '`docker unpause bench-1`'],
  [{ state: 'exited', status: 'Exited (137) 2 seconds ago' }, '`docker start bench-1`'],
  [{ state: 'missing', status: 'renamed to bench-2' }, '`docker rename bench-2 bench-1`'],
] as const)(
  'a container in which nothing can be started is refused with the command that helps: %o',
  (changes, command) => {
    const record = aContainer(BENCH, changes);
    const registry = {
      get: () => record,
      engineOf: () => ({
        name: 'docker',
        isImplicit: false,
        answer: { kind: 'good' },
        hasAnswered: true,
      }),
    } as unknown as Registry;
    const problem = readContainers(registry).problem(BENCH);
    expect(problem).toMatchObject({
      code: 'container_inactive',
      message: expect.stringContaining(command),
      details: { container_id: record.id },
    });
  },
);
