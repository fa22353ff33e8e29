import type { SourceController } from '../declare/source-controller.ts';
import type { OpenStore } from '../drivers/store/open-store.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { randomIds } from '../drivers/system/ids.ts';
import { planFor } from '../reconcile/pass.ts';
import { openPaneScanner } from '../reconcile/scan-panes.ts';
import type { LogServices, Services } from '../surfaces/api/methods/services.ts';
import type { Agents } from './daemon-agents.ts';
import type { Parts, Setting } from './daemon-parts.ts';
import type { States } from './daemon-states.ts';
import { daemonStatus } from './daemon-status.ts';
import type { Stamping } from './stamping.ts';

/** What the socket's methods may call. */
export function toServices(
  { registry, containers, servers, tmux, controller, declarations }: Parts,
  {
    options,
    store,
    policy,
    sources,
    config,
    agents,
    logs,
    states,
    stamping,
  }: Omit<Setting, 'log' | 'wrap'> & {
    readonly agents: Agents;
    readonly logs: LogServices;
    readonly states: States;
    readonly sources: SourceController;
    readonly stamping: Pick<Stamping, 'unstamped'>;
  },
): Services {
  const startedAt = systemClock.now();
  return {
    ...declarations,
    store,
    policy,
    sources,
    ids: randomIds,
    agents: agents.registry,
    registerLogged: (address, said) => agents.registerLogged(logs, address, said),
    queue: agents.queue,
    routes: agents.routes,
    logs,
    states: { keeper: states.keeper, reader: store.states },
    managed: store.managed,
    maxLayouts: config.limits.managedLayouts,
    registry,
    unstamped: stamping.unstamped,
    paneScanner: openPaneScanner({
      store,
      finder: servers.panes,
      clock: systemClock,
      containers: registry.list,
    }),
    turns: controller.turns,
    seenBeforeWork: tmux.seenBeforeWork,
    runTmux: (container, ops) => tmux.of(container).run(ops),
    observe: (container) => tmux.of(container).look(),
    containerProblem: containers.problem,
    planFor: (observation, layouts) =>
      planFor(observation, layouts, { store, clock: systemClock, policy }),
    lastObservation: controller.lastObservation,
    lastFailure: controller.lastFailure,
    attachArgv: servers.attachArgv,
    containers: () => containers.views(controller),
    daemonStatus: () => daemonStatus(options, store, startedAt),
    shutdown: options.onShutdown,
    nextCommit: (signal) => nextCommit(store, signal),
  };
}

function nextCommit(store: OpenStore, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      stop();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const stop = store.watchCommits(finish);
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
  });
}
