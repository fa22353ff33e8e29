import { toTarget } from '../agents/pane-target.ts';
import { openStateKeeper, type StateKeeper } from '../agents/state/keeper.ts';
import type { WatchedAgent } from '../agents/state/ports.ts';
import { watchStates } from '../agents/state/watch-states.ts';
import type { AgentId, PaneId } from '../domain/ids.ts';
import type { ObservedPane } from '../domain/observed.ts';
import { systemClock } from '../drivers/system/clock.ts';
import type { Parts, Setting } from './daemon-parts.ts';
import { toFields } from './log-fields.ts';

/** What the methods about states call, and the watch in the background. */
export interface States {
  readonly keeper: StateKeeper;
  stop(): Promise<void>;
}

const deadOf = new WeakMap<readonly ObservedPane[], ReadonlySet<PaneId>>();

/** Counted once for each look: every agent asks. */
function deadPanes(panes: readonly ObservedPane[]): ReadonlySet<PaneId> {
  const known = deadOf.get(panes);
  if (known !== undefined) return known;
  const dead = new Set(
    panes.flatMap(({ dead: isDead, paneId }) => (isDead && paneId !== undefined ? [paneId] : [])),
  );
  deadOf.set(panes, dead);
  return dead;
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
      return deadPanes(observation.panes).has(paneId);
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
