import { expect, test } from 'vitest';
import { warmContainers } from '../../src/compose/warm-containers.ts';
import type { ContainerRecord } from '../../src/domain/containers.ts';
import type { ContainerId } from '../../src/domain/ids.ts';
import { aContainer } from '../support/containers.ts';
import { until } from '../support/until.ts';

function makeWorld(...records: readonly ContainerRecord[]) {
  const known = new Map(records.map((record) => [record.key, record]));
  const listeners = new Set<(container: ContainerId) => void>();
  const warmed: string[] = [];
  const stop = warmContainers(
    {
      list: () => [...known.values()],
      get: (container) => known.get(container),
      watch: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    {
      warm: async (container) => {
        warmed.push(container);
      },
    },
  );
  const change = (record: ContainerRecord): void => {
    known.set(record.key, record);
    for (const listener of listeners) listener(record.key);
  };
  return { warmed, change, stop, listeners };
}

test('every container that runs is looked into once in each of its lives', async () => {
  const { warmed, change } = makeWorld(
    aContainer('first'),
    aContainer('stopped', { state: 'exited' }),
  );
  change(aContainer('later'));
  await until(() => warmed.length === 2);
  change(aContainer('first', { status: 'Up 4 minutes' }));
  change(aContainer('later', { state: 'paused' }));
  change(aContainer('later'));
  change(aContainer('first', { startedAt: '2026-01-02T00:00:00Z' }));
  await until(() => warmed.length === 3);
  expect(warmed).toEqual(['first', 'later', 'first']);
});

test('after its stop nothing is looked into', async () => {
  const { warmed, change, stop, listeners } = makeWorld();
  stop();
  change(aContainer('a'));
  expect(listeners.size).toBe(0);
  expect(warmed).toEqual([]);
});
