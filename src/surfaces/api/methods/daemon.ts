import type { Scope } from '../../../declare/managed/scope.ts';
import { isLive } from '../../../domain/states.ts';
import type { EngineStatus } from '../../../reconcile/registry.ts';
import type { Method } from '../method.ts';
import { defineMethod } from '../params.ts';
import type { EngineView, StatusResult } from '../protocol.ts';
import { layoutsWithin } from './own-container.ts';
import type { Services } from './services.ts';

const NO_PARAMS = { type: 'object' } as const;

export function daemonMethods(services: Services): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    ['ping', defineMethod({ access: 'any', schema: NO_PARAMS, run: () => ({}) })],
    [
      'status',
      defineMethod({
        access: 'any',
        schema: NO_PARAMS,
        run: (_params, { scope }) => status(scope, services),
      }),
    ],
    [
      'shutdown',
      defineMethod({
        access: 'host',
        schema: NO_PARAMS,
        run: () => {
          services.shutdown();
          return { shutting_down: true };
        },
      }),
    ],
    [
      'engine.list',
      defineMethod({
        access: 'host',
        schema: NO_PARAMS,
        run: () => ({ items: services.registry.engines().map(toEngineView) }),
      }),
    ],
    [
      'container.list',
      defineMethod({
        access: 'own-container',
        schema: NO_PARAMS,
        run: (_params, { scope }) => ({ items: listContainers(scope, services) }),
      }),
    ],
  ]);
}

/** A caller in a container learns how the daemon is, and of the layouts those of its own. */
function status(scope: Scope, { store, daemonStatus }: Services): StatusResult {
  const layouts = layoutsWithin(scope, store.layouts());
  const panes = layouts
    .flatMap(({ slots }) => slots)
    .filter(({ pane }) => pane !== undefined && isLive(pane.state));
  return {
    ...daemonStatus(),
    layouts: layouts.length,
    panes: panes.length,
    caller:
      scope.kind === 'host'
        ? { kind: 'host', container: null }
        : { kind: 'container', container: scope.container ?? null },
  };
}

function listContainers(scope: Scope, { store, containers }: Services): readonly unknown[] {
  return containers()
    .filter(({ name }) => scope.kind === 'host' || scope.container === name)
    .map((container) => ({
      ...container,
      layouts: store.layouts().filter((layout) => layout.container === container.name).length,
    }))
    .filter(({ state, layouts }) => state !== 'missing' || layouts > 0);
}

function toEngineView({ name, isImplicit, answer, hasAnswered }: EngineStatus): EngineView {
  const unused = isImplicit && !hasAnswered;
  switch (answer.kind) {
    case 'good':
      return { name, state: 'ok', code: null, message: '', unused };
    case 'none':
      return { name, state: 'unknown', code: null, message: 'it has not answered yet', unused };
    case 'failed': {
      const { code, message } = answer.problem;
      return { name, state: 'failed', code, message, unused };
    }
  }
}
