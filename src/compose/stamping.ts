import type { DeclarationsDeps } from '../declare/declarations.ts';
import { stampContainers, type Unstamped } from '../declare/stamp.ts';
import type { Log } from '../lib/log.ts';
import type { Registry } from '../reconcile/registry.ts';

export interface Stamping {
  /** Containers that were chosen and could not get their layouts, when it was tried last. */
  readonly unstamped: () => readonly Unstamped[];
  stop(): void;
}

/**
 * Gives containers the layouts that selectors choose them for: now, and whenever an engine says something new. What
 * stands in the way is logged once, and told to who asks.
 */
export function startStamping(
  declarations: DeclarationsDeps,
  { registry, log }: { readonly registry: Pick<Registry, 'watch'>; readonly log: Log },
): Stamping {
  let told = new Set<string>();
  let unstamped: readonly Unstamped[] = [];
  let scheduled: NodeJS.Immediate | undefined;
  const stamp = (): void => {
    scheduled = undefined;
    try {
      unstamped = stampContainers(declarations);
      const known = told;
      told = new Set(unstamped.map((one) => JSON.stringify(one)));
      for (const one of unstamped) {
        if (!known.has(JSON.stringify(one))) log('warn', 'layout_left_out', leftOutFields(one));
      }
    } catch (error) {
      // The store could not commit; the next change in an engine, or the next start, tries again.
      log('error', 'stamping_failed', { error: String(error) });
    }
  };
  // One listing tells of many containers, one by one.
  const unwatch = registry.watch(() => {
    scheduled ??= setImmediate(stamp);
  });
  stamp();
  return {
    unstamped: () => unstamped,
    stop: () => {
      unwatch();
      clearImmediate(scheduled);
    },
  };
}

function leftOutFields({ layout, container, message }: Unstamped) {
  return { layout, container, message };
}
