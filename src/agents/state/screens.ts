import type { AgentId } from '../../domain/ids.ts';
import type { Clock } from '../../lib/clock.ts';
import type { WatchedAgent } from './ports.ts';
import { readScreen } from './screen-rules.ts';

export interface ScreensDeps {
  readonly clock: Clock;
  /** The text of an agent's screen; `undefined` when it cannot be seen. Never rejects. */
  readonly screen: (agent: AgentId) => Promise<string | undefined>;
}

/** What screens show, each looked at no more often than it is worth. */
export interface Screens {
  /** Looks at one; `undefined` when it tells nothing, was looked at within a second, or is being looked at. Never rejects. */
  see(agent: WatchedAgent): Promise<ReturnType<typeof readScreen>>;
  /** When the last look began, in milliseconds since 1970; 0 before the first. */
  lookedAt(agent: AgentId): number;
  forget(agent: AgentId): void;
}

const LOOK_EVERY_MS = 1_000;

export function openScreens({ clock, screen }: ScreensDeps): Screens {
  const lookedAt = new Map<AgentId, number>();
  const looking = new Set<AgentId>();
  return {
    see: async ({ agentId, capability, active }) => {
      const isRecent = clock.now() - (lookedAt.get(agentId) ?? 0) < LOOK_EVERY_MS;
      if (!active || isRecent || looking.has(agentId)) return undefined;
      lookedAt.set(agentId, clock.now());
      looking.add(agentId);
      const text = await screen(agentId);
      looking.delete(agentId);
      return text === undefined ? undefined : readScreen(capability, text);
    },
    lookedAt: (agent) => lookedAt.get(agent) ?? 0,
    forget: (agent) => void lookedAt.delete(agent),
  };
}
