import { expect, onTestFinished, test } from 'vitest';
import { startStamping } from '../../src/compose/stamping.ts';
import { deleteLayouts } from '../../src/declare/delete-layouts.ts';
import type { ContainerId } from '../../src/domain/ids.ts';
import { manifest, openDeclared } from '../declare/fixture.ts';
import { settle } from '../support/virtual-clock.ts';

const choosing = (glob: string) => [`containerSelector: {nameGlob: "${glob}"}`, 'session: shared'];
const A = 'bench-a' as ContainerId;

function start() {
  const declared = openDeclared();
  const listeners = new Set<(container: ContainerId) => void>();
  const logged: string[] = [];
  declared.apply({
    'one.yaml': manifest('one', ['m1'], choosing('bench-*')),
    'two.yaml': manifest('two', ['s1'], choosing('*-a')),
  });
  const registry = {
    watch: (listener: (container: ContainerId) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const log = (_level: string, event: string): void => void logged.push(event);
  const stamping = startStamping(declared.deps, { registry, log });
  onTestFinished(() => stamping.stop());
  const come = async (key: ContainerId): Promise<void> => {
    declared.containers = [
      ...declared.containers,
      { key, name: key, labels: {}, state: 'running' },
    ];
    for (const listener of listeners) listener(key);
    await settle();
  };
  return { declared, stamping, logged, come };
}

test('a container left out gets its layout once nothing stands in the way, though no engine says anything', async () => {
  const { declared, stamping, logged, come } = start();
  await come(A);
  expect(declared.names()).toEqual(['one']);
  expect(stamping.unstamped()).toMatchObject([{ layout: 'two', container: A }]);
  await declared.clock.advance(60_000);
  expect(logged).toEqual(['layout_left_out']);

  const [one] = declared.store.layouts();
  deleteLayouts([{ name: 'one', isSelecting: true }], declared.deps);
  if (one !== undefined) declared.store.transact((tx) => tx.closeLayout(one.id));
  await declared.clock.advance(2_000);
  expect(declared.names()).toEqual(['two']);
  expect(stamping.unstamped()).toEqual([]);
  expect(declared.clock.sleepers()).toBe(0);
});

test('nothing is tried again once it has stopped', async () => {
  const { declared, stamping, come } = start();
  await come(A);
  stamping.stop();
  await settle();
  expect(declared.clock.sleepers()).toBe(0);
});
