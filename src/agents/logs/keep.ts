import type { Clock } from '../../lib/clock.ts';
import type { RegisteredAgent } from '../ports.ts';
import { type AttachDeps, keepCopying } from './attach.ts';

export interface KeeperDeps extends AttachDeps {
  readonly clock: Clock;
  /** Whether the agent's pane was last seen standing, and copied by nobody. */
  readonly isSeenUncopied: (agent: RegisteredAgent) => boolean;
  readonly onProblem: (agent: RegisteredAgent, error: unknown) => void;
}

/** Who waits for the daemon to start comes first. */
const FIRST_PAUSE_MS = 500;
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
  const attached = followAttached(deps, signal);
  await deps.clock.sleep(FIRST_PAUSE_MS, signal);
  // Nobody looks at adopted panes: each is asked once.
  await keepAll(attached(), deps, {
    signal,
    isWanted: (agent) => agent.origin === 'adopted' || deps.isSeenUncopied(agent),
  });
  while (!signal.aborted) {
    await deps.clock.sleep(PAUSE_MS, signal);
    await keepAll(attached(), deps, { signal, isWanted: deps.isSeenUncopied });
  }
}

async function keepAll(
  agents: readonly RegisteredAgent[],
  deps: KeeperDeps,
  {
    signal,
    isWanted,
  }: {
    readonly signal: AbortSignal;
    readonly isWanted: (agent: RegisteredAgent) => boolean;
  },
): Promise<void> {
  for (const agent of agents) {
    if (signal.aborted) return;
    if (!isWanted(agent)) continue;
    try {
      await keepCopying(deps, agent);
    } catch (error) {
      deps.onProblem(agent, error);
    }
  }
}

/** The agents with an attached log, read anew only when something was written since. */
function followAttached(
  { store }: KeeperDeps,
  signal: AbortSignal,
): () => readonly RegisteredAgent[] {
  let known: readonly RegisteredAgent[] | undefined;
  const unwatch = store.watchCommits(() => {
    known = undefined;
  });
  signal.addEventListener('abort', unwatch, { once: true });
  return () => {
    known ??= readAttached(store);
    return known ?? [];
  };
}

/** A store that cannot be read now will be the next time. */
function readAttached(store: KeeperDeps['store']): readonly RegisteredAgent[] | undefined {
  try {
    return store.logs
      .readable()
      .filter(({ attachment }) => attachment.state === 'active')
      .flatMap(({ attachment }) => store.registry.agent(attachment.agentId) ?? []);
  } catch {
    return undefined;
  }
}
