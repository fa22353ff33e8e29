import type { ContainerId } from '../domain/ids.ts';
import type { Observation } from '../domain/observed.ts';
import type { TmuxServer, TmuxServers } from './ports.ts';

export interface AttentiveServers extends TmuxServers {
  /**
   * What was seen last before tmux was given the work it is at now; nothing while it has none. A look would have to
   * wait until that work is done.
   */
  readonly seenBeforeWork: (container: ContainerId) => Observation | undefined;
}

/** The same servers, with what everybody's looks showed kept in mind. */
export function watchServers(tmux: TmuxServers): AttentiveServers {
  const watched = new WeakMap<TmuxServer, TmuxServer>();
  const last = new Map<ContainerId, Observation>();
  const batches = new Map<ContainerId, number>();

  const count = (container: ContainerId, change: number): void => {
    batches.set(container, (batches.get(container) ?? 0) + change);
  };
  const watch = (server: TmuxServer, container: ContainerId): TmuxServer => ({
    look: async () => {
      const observation = await server.look();
      last.set(container, observation);
      return observation;
    },
    run: async (ops) => {
      count(container, 1);
      try {
        return await server.run(ops);
      } finally {
        count(container, -1);
      }
    },
  });

  return {
    of: (container) => {
      const server = tmux.of(container);
      const known = watched.get(server) ?? watch(server, container);
      watched.set(server, known);
      return known;
    },
    seenBeforeWork: (container) =>
      (batches.get(container) ?? 0) > 0 ? last.get(container) : undefined,
  };
}
