import { startDelivery } from '../agents/delivery-worker.ts';
import { textOf } from '../agents/envelope.ts';
import type { AttachDeps } from '../agents/logs/attach.ts';
import { type RegisteredLogged, registerLogged } from '../agents/logs/register-logged.ts';
import type { PaneFinder, PaneInput } from '../agents/ports.ts';
import type { RegistryDeps } from '../agents/registry.ts';
import type { RouteDeps } from '../agents/routes/routes.ts';
import { type RoutesWorker, startRoutes } from '../agents/routes/worker.ts';
import { isReceiptOf } from '../agents/state/prompt-mark.ts';
import { watchAdopted } from '../agents/watch-adopted.ts';
import type { ContainerRecord } from '../domain/containers.ts';
import type { Observation } from '../domain/observed.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { randomIds } from '../drivers/system/ids.ts';
import type { Services } from '../surfaces/api/methods/services.ts';
import type { Parts, Setting } from './daemon-parts.ts';
import { toFields } from './log-fields.ts';
import type { Servers } from './tmux-servers.ts';

/** What the methods about agents call, and what runs in the background. */
export interface Agents {
  readonly registry: RegistryDeps;
  /** Registers a pane and has it copied, both or neither. */
  readonly registerLogged: (
    logs: AttachDeps,
    ...request: Parameters<Services['registerLogged']>
  ) => Promise<RegisteredLogged>;
  readonly queue: Services['queue'];
  readonly routes: RouteDeps & Pick<RoutesWorker, 'runtime' | 'status'>;
  stop(): Promise<void>;
}

/** Starts following adopted panes and delivering prompts. */
export function startAgents(
  { containers, servers, controller }: Parts,
  { store, log, wrap }: Setting,
): Agents {
  const clock = systemClock;
  const panes = paneFinder(servers);
  const input = paneInput(servers);
  const queue: Services['queue'] = {
    store,
    clearLine: (target) => input.clearLine(target),
    clock,
    uuid: () => randomIds.uuid(),
    isContainerActive: (container) =>
      isActive(containers.record(container), controller.lastObservation(container)),
  };
  const warn = (what: string) => (error: unknown) =>
    log('error', what, toFields({ error: error instanceof Error ? error.stack : String(error) }));
  const watching = watchAdopted({ store, panes, clock, onProblem: warn('adopted_watch_failed') });
  const delivery = startDelivery({
    ...queue,
    input,
    isReceived: (message, startedAt) => {
      const receipt = store.states.lastPrompt(message.target.id);
      const prompt = { id: message.id, text: textOf(message), startedAt };
      return receipt !== undefined && isReceiptOf(receipt, prompt);
    },
    pass: wrap.queue,
    onProblem: warn('delivery_failed'),
  });
  const routes = startRoutes({ ...queue, reach: wrap.routes, onProblem: warn('route_failed') });
  const registry: RegistryDeps = {
    store,
    panes,
    newAgentId: () => randomIds.agentId(),
    resolveContainer: containers.resolve,
  };
  return {
    registry,
    registerLogged: (logs, address, said) =>
      registerLogged(address, said, { registry, logs, transact: (write) => store.transact(write) }),
    queue,
    routes: {
      store,
      uuid: queue.uuid,
      runtime: (id) => routes.runtime(id),
      status: () => routes.status(),
    },
    stop: async () => {
      routes.stop();
      await delivery.stop();
      await watching.stop();
    },
  };
}

/** As far as is known: an engine that does not answer says nothing of its containers. */
function isActive(
  record: ContainerRecord | undefined,
  observation: Observation | undefined,
): boolean {
  const state = record?.state ?? 'running';
  return observation?.kind !== 'stopped' && (state === 'running' || state === 'unknown');
}

function paneFinder(servers: Servers): PaneFinder {
  return {
    ownSocket: (container) => servers.panes.ownSocket(container),
    benchUser: (container) => servers.panes.benchUser(container),
    find: async (container, sockets) =>
      (await servers.access(container)?.find(sockets)) ??
      [undefined, ...(sockets ?? [])].map((socket) => ({
        kind: 'unknown',
        ...(socket !== undefined && { socket }),
        reason: 'EngineUnreachable',
        message: unreachable(container),
      })),
  };
}

function paneInput(servers: Servers): PaneInput {
  return {
    paste: async (target, message) =>
      (await servers.access(target.container)?.paste(target, message)) ?? {
        kind: 'error',
        message: unreachable(target.container),
      },
    enter: async (target, name) =>
      (await servers.access(target.container)?.enter(target, name)) ?? {
        kind: 'error',
        message: unreachable(target.container),
      },
    trace: async (target, name) =>
      (await servers.access(target.container)?.trace(target, name)) ?? 'unknown',
    clearLine: async (target) =>
      (await servers.access(target.container)?.clearLine(target)) ?? false,
    screen: async (target) => await servers.access(target.container)?.screen(target),
  };
}

function unreachable(container: string): string {
  return `container ${container} belongs to an engine this daemon does not have`;
}
