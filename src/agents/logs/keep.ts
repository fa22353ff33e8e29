import type { Clock } from '../../lib/clock.ts';
import type { RegisteredAgent } from '../ports.ts';
import { type AttachDeps, keepCopying } from './attach.ts';

export interface KeeperDeps extends AttachDeps {
  readonly clock: Clock;
  /** Whether the agent's pane was last seen standing, and copied by nobody. */
  readonly isSeenUncopied: (agent: RegisteredAgent) => boolean;
  readonly onProblem: (agent: RegisteredAgent, error: unknown) => void;
}

const PAUSE_MS = 5_000;

/**
 * Has panes copied again whose copy ended without our doing: the daemon died in the middle of attaching, somebody
 * switched the copy off, or its writer was killed. Returns its stop.
 */
export function startKeeper(deps: KeeperDeps): () => Promise<void> {
  const stopping = new AbortController();
  const running = run(deps, stopping.signal);
  return async () => {
    stopping.abort();
    await running;
  };
}

async function run(deps: KeeperDeps, signal: AbortSignal): Promise<void> {
  // Nobody has looked at adopted panes at first: each is asked once.
  await keepAll(deps, signal, () => true);
  while (!signal.aborted) {
    await deps.clock.sleep(PAUSE_MS, signal);
    await keepAll(deps, signal, deps.isSeenUncopied);
  }
}

async function keepAll(
  deps: KeeperDeps,
  signal: AbortSignal,
  isWanted: (agent: RegisteredAgent) => boolean,
): Promise<void> {
  for (const agent of attachedAgents(deps)) {
    if (signal.aborted) return;
    if (!isWanted(agent)) continue;
    try {
      await keepCopying(deps, agent);
    } catch (error) {
      deps.onProblem(agent, error);
    }
  }
}

/** A store that cannot be read now will be the next time. */
function attachedAgents({ store }: KeeperDeps): readonly RegisteredAgent[] {
  try {
    return store.logs
      .readable()
      .filter(({ attachment }) => attachment.state === 'active')
      .flatMap(({ attachment }) => store.registry.agent(attachment.agentId) ?? []);
  } catch {
    return [];
  }
}
