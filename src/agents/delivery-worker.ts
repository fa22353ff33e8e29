import type { AgentId } from '../domain/ids.ts';
import type { MessageRecord } from '../domain/messages.ts';
import { type DeliveryDeps, deliver } from './deliver.ts';
import { settle } from './settle.ts';

export interface WorkerDeps extends DeliveryDeps {
  /** Called with what no delivery may throw; the worker goes on with the other targets. */
  readonly onProblem: (error: unknown) => void;
}

/**
 * Delivers what is queued: in order for each target, at once for all of them, so that a slow pane holds up nobody
 * else. It is woken by commits and asks nothing in between.
 */
export function startDelivery(deps: WorkerDeps): { stop(): Promise<void> } {
  const { store } = deps;
  const busy = new Map<AgentId, Promise<void>>();
  const stopping = new AbortController();
  const { signal } = stopping;
  let isWoken = false;

  const wake = (): void => {
    if (isWoken || signal.aborted) return;
    isWoken = true;
    // After the commit's own work, and once for all commits of one turn.
    setImmediate(() => {
      isWoken = false;
      if (!signal.aborted) pump();
    });
  };
  const pump = (): void => {
    if (store.messages.routing().value === 'disabled') return;
    for (const message of store.messages.heads()) {
      const target = message.target.id;
      if (busy.has(target)) continue;
      busy.set(target, occupy(target, run(message)));
    }
  };

  /** Does not wake the worker after a failure: it would come again at once. */
  const occupy = async (target: AgentId, work: Promise<void>): Promise<void> => {
    try {
      await work;
      wake();
    } catch (error) {
      deps.onProblem(error);
    } finally {
      busy.delete(target);
    }
  };
  const run = async (message: MessageRecord): Promise<void> => {
    try {
      if ((await deliver(message, { ...deps, signal })) === 'unclear') await resume(message.id);
    } catch (error) {
      // Its attempt may be on record: it is settled like one of a daemon that ended.
      await resume(message.id).catch(deps.onProblem);
      throw error;
    }
  };
  const resume = async (id: string): Promise<void> => {
    const left = store.messages.underWay().find((message) => message.id === id);
    if (left !== undefined) await settle(left, { ...deps, signal });
  };

  // Whoever else waits for such a pane waits until it is known what stands in its line.
  for (const { id, target } of store.messages.underWay()) {
    busy.set(target.id, occupy(target.id, resume(id)));
  }
  const unwatch = store.watchCommits(wake);
  wake();
  return {
    stop: async () => {
      stopping.abort();
      unwatch();
      await Promise.all(busy.values());
    },
  };
}
