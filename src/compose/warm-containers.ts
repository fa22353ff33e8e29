import { incarnationOf } from '../domain/containers.ts';
import type { ContainerId } from '../domain/ids.ts';
import type { Registry } from '../reconcile/registry.ts';
import type { Servers } from './tmux-servers.ts';

/**
 * Looks once into each life of every container, before anybody wants a layout there and would wait for it. Nothing is
 * started in it, nothing is repeated, and one comes after the other: a machine that has just started has better
 * things to do. Returns its stop.
 */
export function warmContainers(
  registry: Pick<Registry, 'list' | 'get' | 'watch'>,
  servers: Pick<Servers, 'warm'>,
): () => void {
  let isStopped = false;
  let last: Promise<void> = Promise.resolve();
  const warmed = new Map<ContainerId, string>();
  const warm = (container: ContainerId): void => {
    const record = registry.get(container);
    if (record?.state !== 'running') return;
    const life = incarnationOf(record);
    if (warmed.get(container) === life) return;
    warmed.set(container, life);
    last = last.then(() => (isStopped ? undefined : servers.warm(container)));
  };
  const stop = registry.watch(warm);
  for (const { key, state } of registry.list()) if (state === 'running') warm(key);
  return () => {
    isStopped = true;
    stop();
  };
}
