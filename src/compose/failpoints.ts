import { refuse } from '../domain/errors.ts';
import type { OpenStore } from '../drivers/store/open-store.ts';
import { armFailpoints, parseFailpoints } from '../lib/failpoint.ts';
import { FAILPOINTS, withStoreFailpoints, withTmuxFailpoints } from '../reconcile/failpoints.ts';
import type { TmuxServers } from '../reconcile/ports.ts';

const VARIABLE = 'AGENTTOWER_FAILPOINTS';

/** How the effects are wrapped before anything uses them. */
export interface Wrap {
  readonly store: (store: OpenStore) => OpenStore;
  readonly tmux: (tmux: TmuxServers) => TmuxServers;
}

/** Wraps nothing, unless AGENTTOWER_FAILPOINTS names places to fail at. Throws `validation_failed`. */
export function openFailpoints(env: Readonly<Record<string, string | undefined>>): Wrap {
  const asked = env[VARIABLE];
  if (asked === undefined || asked === '') {
    return { store: (store) => store, tmux: (tmux) => tmux };
  }
  const points = armFailpoints(parse(asked), () => process.kill(process.pid, 'SIGKILL'));
  return {
    store: (store) => withStoreFailpoints(store, points),
    tmux: (tmux) => withTmuxFailpoints(tmux, points),
  };
}

function parse(text: string): ReturnType<typeof parseFailpoints<(typeof FAILPOINTS)[number]>> {
  try {
    return parseFailpoints(text, FAILPOINTS);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw refuse('validation_failed', `${VARIABLE}: ${reason}`, { field: VARIABLE, reason });
  }
}
