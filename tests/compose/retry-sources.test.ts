import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { retrySources } from '../../src/compose/retry-sources.ts';
import type { ContainerId } from '../../src/domain/ids.ts';
import { aContainer } from '../support/containers.ts';

function makeWorld() {
  let retries = 0;
  const listeners = new Set<(container: ContainerId) => void>();
  const stop = retrySources(
    {
      retryRefused: () => {
        retries += 1;
      },
    },
    {
      list: () => [aContainer('known')],
      watch: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  );
  const change = (name: string): void => {
    for (const listener of listeners) listener(name as ContainerId);
  };
  return { stop, change, retries: () => retries };
}

test('sources are tried again when a container comes that nobody knew, once for a whole listing', async () => {
  const { change, retries } = makeWorld();
  change('known');
  await nextTurn();
  expect(retries()).toBe(0);
  change('new');
  change('newer');
  await nextTurn();
  expect(retries()).toBe(1);
  change('new');
  await nextTurn();
  expect(retries()).toBe(1);
});

test('after its stop nothing is tried', async () => {
  const { change, retries, stop } = makeWorld();
  change('new');
  stop();
  change('newer');
  await nextTurn();
  expect(retries()).toBe(0);
});
