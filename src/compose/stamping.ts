import type { DeclarationsDeps } from '../declare/declarations.ts';
import { stampContainers, type Unstamped } from '../declare/stamp.ts';
import type { Log } from '../lib/log.ts';
import type { Registry } from '../reconcile/registry.ts';

export interface Stamping {
  /** Containers that were chosen and could not get their layouts, when it was tried last. */
  readonly unstamped: () => readonly Unstamped[];
  stop(): void;
}

/** What stood in the way may be gone: a layout deleted, a session renamed, a full disk. */
const RETRY_MS = 2_000;

/**
 * Gives containers the layouts that selectors choose them for: now, whenever an engine says something new, and every
 * so often while something stands in the way. What that is is logged once, and told to who asks.
 */
export function startStamping(
  declarations: DeclarationsDeps,
  { registry, log }: { readonly registry: Pick<Registry, 'watch'>; readonly log: Log },
): Stamping {
  let told = new Set<string>();
  let unstamped: readonly Unstamped[] = [];
  let scheduled: NodeJS.Immediate | undefined;
  let retrying: AbortController | undefined;
  const retry = async (signal: AbortSignal): Promise<void> => {
    await declarations.clock.sleep(RETRY_MS, signal);
    if (!signal.aborted) stamp();
  };
  const stamp = (): void => {
    scheduled = undefined;
    retrying?.abort();
    retrying = undefined;
    let isDone = false;
    try {
      unstamped = stampContainers(declarations);
      isDone = unstamped.length === 0;
      const known = told;
      told = new Set(unstamped.map((one) => JSON.stringify(one)));
      for (const one of unstamped) {
        if (!known.has(JSON.stringify(one))) log('warn', 'layout_left_out', leftOutFields(one));
      }
    } catch (error) {
      log('error', 'stamping_failed', { error: String(error) });
    }
    if (isDone) return;
    retrying = new AbortController();
    void retry(retrying.signal);
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
      retrying?.abort();
    },
  };
}

function leftOutFields({ layout, container, message }: Unstamped) {
  return { layout, container, message };
}
