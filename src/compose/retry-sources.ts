import type { SourceController } from '../declare/source-controller.ts';
import type { Registry } from '../reconcile/registry.ts';

/**
 * Has sources that were refused tried again as soon as a container comes that nobody knew: it may be the one they
 * name. Returns its stop.
 */
export function retrySources(
  sources: Pick<SourceController, 'retryRefused'>,
  registry: Pick<Registry, 'list' | 'watch'>,
): () => void {
  const known = new Set(registry.list().map(({ key }) => key));
  let scheduled: NodeJS.Immediate | undefined;
  // One listing tells of many containers, one by one.
  const retry = (): void => {
    scheduled = undefined;
    sources.retryRefused();
  };
  const unwatch = registry.watch((container) => {
    if (known.has(container)) return;
    known.add(container);
    scheduled ??= setImmediate(retry);
  });
  return () => {
    unwatch();
    clearImmediate(scheduled);
  };
}
