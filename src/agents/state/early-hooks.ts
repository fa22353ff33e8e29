import type { AgentId } from '../../domain/ids.ts';
import type { HookReport } from './hook-rules.ts';

/** A hook of a pane that is no agent yet: managed panes become agents once they have settled. */
interface EarlyHook {
  readonly find: () => AgentId | undefined;
  readonly report: HookReport;
  readonly at: number;
}

/** So long after its first hook a pane may still become an agent. */
const KEEP_MS = 60_000;
const MAX_KEPT = 100;

/** Hooks that came too early, for those who become agents soon. Panes that never do are forgotten. */
export interface EarlyHooks {
  keep(hook: EarlyHook): void;
  /** Gives those whose pane has become an agent, in the order they came in, and forgets them. */
  take(now: number): readonly (Omit<EarlyHook, 'find'> & { readonly agent: AgentId })[];
}

export function openEarlyHooks(): EarlyHooks {
  let kept: readonly EarlyHook[] = [];
  return {
    keep: (hook) => {
      kept = [...kept, hook].slice(-MAX_KEPT);
    },
    take: (now) => {
      const found = kept
        .filter(({ at }) => now - at < KEEP_MS)
        .map((hook) => ({ hook, agent: hook.find() }));
      kept = found.filter(({ agent }) => agent === undefined).map(({ hook }) => hook);
      return found.flatMap(({ hook: { report, at }, agent }) =>
        agent === undefined ? [] : [{ agent, report, at }],
      );
    },
  };
}
