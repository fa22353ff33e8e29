import type { AgentId } from '../domain/ids.ts';
import type { MessageRecord } from '../domain/messages.ts';
import { type DeliveryDeps, deliver, giveUp, settleInterrupted } from './deliver.ts';

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
  let isStopped = false;
  let isWoken = false;

  const wake = (): void => {
    if (isWoken || isStopped) return;
    isWoken = true;
    // After the commit's own work, and once for all commits of one turn.
    setImmediate(() => {
      isWoken = false;
      if (!isStopped) pump();
    });
  };
  const pump = (): void => {
    if (store.messages.routing().value === 'disabled') return;
    for (const message of store.messages.heads()) {
      const target = message.target.id;
      if (busy.has(target)) continue;
      busy.set(target, run(message));
    }
  };

  const run = async (message: MessageRecord): Promise<void> => {
    try {
      await deliver(message, deps);
      wake();
    } catch (error) {
      deps.onProblem(error);
      // Its attempt may be on record: it is settled like one of a daemon that ended.
      giveUp(message.id, deps);
    } finally {
      busy.delete(message.target.id);
    }
  };

  settleInterrupted(deps);
  const unwatch = store.watchCommits(wake);
  wake();
  return {
    stop: async () => {
      isStopped = true;
      unwatch();
      await Promise.all(busy.values());
    },
  };
}
