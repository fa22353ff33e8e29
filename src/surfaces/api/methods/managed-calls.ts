import { createLayout } from '../../../declare/managed/create.ts';
import type { PageQuery } from '../../../declare/managed/ports.ts';
import { recreatePane } from '../../../declare/managed/recreate.ts';
import { layoutNotFound, removeLayout, removePane } from '../../../declare/managed/remove.ts';
import { requireScope, type Scope } from '../../../declare/managed/scope.ts';
import { refuse } from '../../../domain/errors.ts';
import type { PaneState } from '../../../domain/states.ts';
import type { Params } from '../method.ts';
import {
  readFlag,
  readLimit,
  readOptionalObject,
  readOptionalText,
  readState,
  readStates,
  readText,
} from './managed-params.ts';
import {
  toChain,
  toCreatedView,
  toLayoutDetail,
  toLayoutItem,
  toPaneItem,
  toRecreatedView,
} from './managed-views.ts';
import { withNewestContainers } from './newest-containers.ts';
import type { Services } from './services.ts';

/** One call, whichever namespace it came through: shape first, then whom the caller may ask about, then the rest. */
export type ManagedCall = (params: Params, scope: Scope, services: Services) => unknown;

/** By the word each namespace puts its own prefix to. */
export const MANAGED_CALLS: Readonly<Record<string, ManagedCall>> = {
  'layout.create': async (params, scope, services) => {
    const container = readText(params, 'container_id');
    const template = readText(params, 'template_name');
    const session = readText(params, 'tmux_session_name');
    const overrides = readOptionalObject(params, 'launch_command_overrides');
    const key = readOptionalText(params, 'idempotency_key');
    const request = { container, template, session, overrides, ...(key !== undefined && { key }) };
    const create = () => createLayout(request, scope, services);
    return toCreatedView(await withNewestContainers(services, create));
  },

  'layout.list': (params, scope, services) => {
    const named = params['container_id'];
    if (typeof named === 'string') requireScope(scope, toKey(named, services));
    const state = readState(params);
    const container = readContainer(params, services);
    const query = readPage(params, { container, states: state && [state], scope });
    if (query === undefined) return NOTHING;
    const { items, next } = services.managed.layouts(query);
    return {
      items: items.map((item) => toLayoutItem(item, services.wireContainerId)),
      next: next ?? null,
    };
  },

  'layout.detail': (params, scope, { managed, wireContainerId }) => {
    const id = readText(params, 'layout_id');
    const layout = managed.layout(id);
    if (layout === undefined) throw layoutNotFound(id);
    requireScope(scope, layout.container);
    const isComplete = readFlag(params, 'include_terminal_panes');
    const panes = managed.panesOf(layout.id);
    return toLayoutDetail(
      layout,
      panes.filter(({ state }) => isComplete || state !== 'removed'),
      wireContainerId,
    );
  },

  'layout.remove': async (params, scope, services) => {
    const { layout, state } = await removeLayout(readText(params, 'layout_id'), scope, services);
    return { layout_id: layout, state };
  },

  'pane.list': (params, scope, services) => {
    const container = readContainer(params, services);
    // A caller in a container learns first that it may not ask, and then how it should.
    if (container !== undefined) requireScope(scope, container);
    const layout = readOptionalText(params, 'layout_id');
    const query = readPage(params, { container, states: readStates(params), scope });
    if (query === undefined) return NOTHING;
    const { items, next } = services.managed.panes({ ...query, ...(layout && { layout }) });
    return {
      items: items.map((item) => toPaneItem(item, services.wireContainerId)),
      next: next ?? null,
    };
  },

  'pane.detail': (params, scope, services) => {
    const { managed } = services;
    const id = readText(params, 'pane_id');
    const pane = managed.pane(id);
    if (pane === undefined) throw paneUnknown(id);
    requireScope(scope, pane.container);
    const withChain =
      readFlag(params, 'include_predecessor_chain') && pane.predecessorId !== undefined;
    return {
      ...toPaneItem(pane, services.wireContainerId),
      ...(withChain && { predecessor_chain: toChain(pane, managed) }),
    };
  },

  'pane.remove': async (params, scope, services) => {
    const id = await removePane(readText(params, 'pane_id'), scope, services);
    return { pane_id: id, state: 'removed' };
  },

  'pane.recreate': (params, scope, services) => {
    const predecessor = readText(params, 'predecessor_pane_id');
    const profile = readOptionalText(params, 'launch_command_override');
    const key = readOptionalText(params, 'idempotency_key');
    const request = {
      predecessor,
      ...(profile !== undefined && { profile }),
      ...(key !== undefined && { key }),
    };
    return toRecreatedView(recreatePane(request, scope, services));
  },

  'pane.promote_from_adopted': () => {
    const message = 'making a managed pane of an adopted one is reserved and not offered yet';
    throw refuse('not_implemented', message, { reserved_since: 'FEAT-013' });
  },
};

function readContainer(params: Params, services: Services): string | undefined {
  const named = readOptionalText(params, 'container_id');
  return named === undefined ? undefined : toKey(named, services);
}

/** By whatever name a container was meant. One that nobody knows stays as it was written, and fits nothing. */
function toKey(named: string, { resolveContainer }: Services): string {
  return resolveContainer(named) ?? named;
}

const NOTHING = { items: [], next: null };

interface Narrowed {
  readonly container: string | undefined;
  readonly states: readonly PaneState[] | undefined;
  readonly scope: Scope;
}

/** `undefined` for a caller whose container cannot be told: for it there is nothing. */
function readPage(params: Params, { container, states, scope }: Narrowed): PageQuery | undefined {
  const after = readOptionalText(params, 'after');
  const limit = readLimit(params);
  const own = scope.kind === 'host' ? undefined : scope.container;
  if (scope.kind === 'container' && own === undefined) return undefined;
  const within = container ?? own;
  return {
    limit,
    ...(within !== undefined && { container: within }),
    ...(states && { states }),
    ...(after !== undefined && { after }),
  };
}

/** Looking at an agent's pane is no danger to it, so that this answer makes no difference. */
function paneUnknown(id: string): Error {
  return refuse(
    'managed_pane_not_found',
    `there is no managed pane ${id}; \`agenttower managed pane list\` shows those there are`,
    { pane_id: id },
  );
}
