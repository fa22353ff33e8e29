import type { FoundPane, ServerPanes } from '../domain/found-pane.ts';
import type { ContainerId } from '../domain/ids.ts';
import type { Clock } from '../lib/clock.ts';
import type { AgentStore, PaneFinder, RegisteredAgent } from './ports.ts';

export interface WatchAdoptedDeps {
  readonly store: AgentStore;
  readonly panes: PaneFinder;
  readonly clock: Clock;
  /** Called with what went wrong in a look; the next one comes all the same. */
  readonly onProblem: (error: unknown) => void;
}

const PERIOD_MS = 5_000;

/** Keeps adopted agents in step with their panes, which nobody tells us of. Asks nothing while there are none. */
export function watchAdopted(deps: WatchAdoptedDeps): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await observeAdopted(deps).catch(deps.onProblem);
      await deps.clock.sleep(PERIOD_MS, stopping.signal);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** One look at every server that has an adopted agent: agents whose pane is gone for certain become inactive. */
export async function observeAdopted({
  store,
  panes,
}: Pick<WatchAdoptedDeps, 'store' | 'panes'>): Promise<void> {
  const byContainer = new Map<ContainerId, RegisteredAgent[]>();
  for (const agent of store.registry.activeAdopted()) {
    byContainer.set(agent.container, [...(byContainer.get(agent.container) ?? []), agent]);
  }
  for (const [container, agents] of byContainer) {
    const sockets = agents.flatMap(({ socket }) => (socket === undefined ? [] : [socket]));
    const servers = await panes.find(container, [...new Set(sockets)]);
    for (const agent of agents) follow(agent, servers, store);
  }
}

/** Writes only what is new. */
function follow(agent: RegisteredAgent, servers: readonly ServerPanes[], store: AgentStore): void {
  const server = servers.find(({ socket }) => socket === agent.socket);
  if (server?.kind !== 'seen') return;
  const found = server.panes.find(
    ({ epoch, pane }) => epoch === agent.epoch && pane === agent.tmuxPaneId,
  );
  if (found === undefined || found.dead) {
    const reason = found === undefined ? 'its pane is gone' : 'its program ended';
    store.transact((tx) => {
      tx.updateAgent(agent.agentId, { active: false });
      tx.emit({
        type: 'agent_inactive',
        actor: 'daemon',
        payload: { agent_id: agent.agentId, label: agent.label, reason },
      });
    });
  } else if (hasMoved(agent, found)) {
    store.transact((tx) => tx.updateAgent(agent.agentId, { found }));
  }
}

function hasMoved(agent: RegisteredAgent, found: FoundPane): boolean {
  return (
    agent.pid !== found.pid ||
    agent.session !== found.session ||
    agent.windowIndex !== found.windowIndex ||
    agent.paneIndex !== found.paneIndex ||
    agent.workingDir !== found.workingDir
  );
}
