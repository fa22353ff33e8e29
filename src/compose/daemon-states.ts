import { toTarget } from '../agents/pane-target.ts';
import { openStateKeeper, type StateKeeper } from '../agents/state/keeper.ts';
import type { WatchedAgent } from '../agents/state/ports.ts';
import { watchStates } from '../agents/state/watch-states.ts';
import type { AgentId } from '../domain/ids.ts';
import { systemClock } from '../drivers/system/clock.ts';
import type { Parts, Setting } from './daemon-parts.ts';
import { toFields } from './log-fields.ts';

/** What the methods about states call, and the watch in the background. */
export interface States {
  readonly keeper: StateKeeper;
  stop(): Promise<void>;
}

/** Starts following what agents do. */
export function startStates(
  { servers, controller }: Parts,
  { store, log }: Pick<Setting, 'store' | 'log'>,
): States {
  const keeper = openStateKeeper({
    store,
    clock: systemClock,
    screen: async (id: AgentId) => {
      const agent = store.registry.agent(id);
      const target = agent === undefined ? undefined : toTarget(agent);
      if (target === undefined) return undefined;
      const screen = await servers.access(target.container)?.screen(target);
      // Its first line is not on the screen: it counts what has left it.
      return screen?.text.slice(screen.text.indexOf('\n') + 1);
    },
    hasEnded: ({ container, paneId }: WatchedAgent) => {
      const observation = controller.lastObservation(container);
      if (paneId === undefined || observation?.kind !== 'seen') return false;
      return observation.panes.some((pane) => pane.paneId === paneId && pane.dead);
    },
  });
  const watching = watchStates({
    store,
    keeper,
    clock: systemClock,
    onProblem: (error) =>
      log(
        'error',
        'state_watch_failed',
        toFields({ error: error instanceof Error ? error.stack : String(error) }),
      ),
  });
  return { keeper, stop: () => watching.stop() };
}
