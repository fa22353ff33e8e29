import {
  type AgentChange,
  setCapability,
  setLabel,
  setRole,
} from '../../../agents/change-agent.ts';
import { toRole } from '../../../agents/labels.ts';
import type { RegisteredAgent } from '../../../agents/ports.ts';
import { register } from '../../../agents/registry.ts';
import { requireScope, type Scope } from '../../../declare/managed/scope.ts';
import { refuse } from '../../../domain/errors.ts';
import type { AgentChangeView, AgentView, PaneKeyView, RegisteredView } from '../agent-protocol.ts';
import type { CallContext, Method, Params } from '../method.ts';
import { toAgentView, toPermissionsView } from './agent-views.ts';
import { targetWithin } from './find-agent.ts';
import { toAttachedView } from './log-views.ts';
import { containerWithin, PANE_KEY_SCHEMA, toAddress } from './pane-key.ts';
import type { Services } from './services.ts';
import { defineVersionedMethod, SCHEMA_VERSION } from './versioned-method.ts';

interface RegisterParams {
  /** The caller's own container when absent. */
  readonly container_id?: string;
  readonly pane_composite_key: PaneKeyView;
  readonly role?: string;
  readonly capability?: string;
  readonly label?: string;
  readonly project_path?: string;
  readonly parent_agent_id?: string;
  /** Have what it prints copied to a file too, or register nothing. */
  readonly attach_log?: { readonly log_path?: string | null };
}

const TEXT = { type: 'string' } as const;
const REGISTER_SCHEMA = {
  type: 'object',
  required: ['pane_composite_key'],
  additionalProperties: false,
  properties: {
    container_id: TEXT,
    pane_composite_key: PANE_KEY_SCHEMA,
    role: TEXT,
    capability: TEXT,
    label: TEXT,
    project_path: TEXT,
    parent_agent_id: TEXT,
    attach_log: {
      type: 'object',
      additionalProperties: false,
      properties: { log_path: { type: ['string', 'null'] } },
    },
    ...SCHEMA_VERSION,
  },
} as const;

const changeSchema = (field: string, more: object = {}) => ({
  type: 'object',
  required: ['agent_id', field],
  additionalProperties: false,
  properties: { agent_id: TEXT, [field]: TEXT, ...SCHEMA_VERSION, ...more },
});

/** The registry: who works where, and what they may do. */
export function agentMethods(services: Services): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    [
      'register_agent',
      defineVersionedMethod<RegisterParams>(services, {
        access: 'own-container',
        schema: REGISTER_SCHEMA,
        run: (params, context) => registerAgent(params, context, services),
      }),
    ],
    [
      'list_agents',
      defineVersionedMethod<ListParams>(services, {
        access: 'own-container',
        schema: LIST_SCHEMA,
        run: (params, { scope }) => listAgents(params, scope, services),
      }),
    ],
    [
      'set_role',
      defineVersionedMethod<{ agent_id: string; role: string; confirm?: boolean }>(services, {
        access: 'host',
        schema: changeSchema('role', { confirm: { type: 'boolean' } }),
        run: ({ agent_id: agentId, role, confirm = false }, { peer }) =>
          toChangeView(
            setRole({ agentId, role, confirm, peerUid: peer.uid }, services.agents.store),
          ),
      }),
    ],
    [
      'set_label',
      defineVersionedMethod<{ agent_id: string; value: string }>(services, {
        access: 'host',
        schema: changeSchema('value'),
        run: (params) =>
          toChangeView(setLabel(params.agent_id, params.value, services.agents.store)),
      }),
    ],
    [
      'set_capability',
      defineVersionedMethod<{ agent_id: string; value: string }>(services, {
        access: 'host',
        schema: changeSchema('value'),
        run: (params) =>
          toChangeView(setCapability(params.agent_id, params.value, services.agents.store)),
      }),
    ],
  ]);
}

async function registerAgent(
  params: RegisterParams,
  { scope, peer: { uid } }: CallContext,
  services: Services,
): Promise<RegisteredView> {
  const key = params.pane_composite_key;
  const named = params.container_id ?? key.container_id;
  const container = containerWithin(scope, named, services);
  const parent = params.parent_agent_id;
  if (parent !== undefined && scope.kind !== 'host') targetWithin(scope, parent, services);
  const address = toAddress(key, container);
  const said = {
    role: params.role,
    capability: params.capability,
    label: params.label,
    projectPath: params.project_path,
    parent,
    uid,
  };
  if (params.attach_log === undefined) {
    const { agent, outcome } = await register(address, said, services.agents);
    return { ...toView(agent, services), created_or_reactivated: outcome };
  }
  const logPath = params.attach_log.log_path ?? undefined;
  const logged = { ...said, ...(logPath !== undefined && { logPath }) };
  const { agent, outcome, attached } = await services.registerLogged(address, logged);
  const reached = services.logs.store.logs.reached(agent.agentId, attached.attachment.path);
  return {
    ...toView(agent, services),
    created_or_reactivated: outcome,
    attach_log: toAttachedView(attached, reached),
  };
}

interface ListParams {
  readonly role?: string | readonly string[] | null;
  readonly container_id?: string | null;
  readonly active_only?: boolean | null;
  readonly parent_agent_id?: string | null;
}

const NAME = { type: ['string', 'null'] } as const;
const FILTERS = {
  role: { anyOf: [{ type: ['string', 'null'] }, { type: 'array', items: TEXT }] },
  container_id: NAME,
  active_only: { type: ['boolean', 'null'] },
  parent_agent_id: NAME,
  ...SCHEMA_VERSION,
} as const;
/** Other filters are refused by the method itself, with a code of their own. */
const LIST_SCHEMA = { type: 'object', properties: FILTERS } as const;

function listAgents(
  params: ListParams,
  scope: Scope,
  services: Services,
): { readonly filter: object; readonly agents: readonly AgentView[] } {
  const known = Object.keys(FILTERS);
  const unknown = Object.keys(params).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw refuse('unknown_filter', `there is no filter "${unknown}"; use ${known.join(', ')}`, {
      filter: unknown,
    });
  }
  const { schema_version: _version, ...filter } = params as ListParams & Params;
  const keep = toFilter(filter, scope, services);
  const agents = services.agents.store.registry.agents().filter(keep).toSorted(byPlace);
  return { filter, agents: agents.map((agent) => toView(agent, services)) };
}

/** Throws `value_out_of_set` for a role there is none of. */
function toFilter(
  filter: ListParams,
  scope: Scope,
  services: Services,
): (agent: RegisteredAgent) => boolean {
  const {
    role,
    container_id: container,
    active_only: activeOnly,
    parent_agent_id: parent,
  } = filter;
  const isThere = containerFilter(container ?? undefined, scope, services);
  const roles = role === undefined || role === null ? undefined : [role].flat().map(toRole);
  return (agent) =>
    (roles === undefined || roles.includes(agent.role)) &&
    isThere(agent) &&
    (activeOnly !== true || agent.active) &&
    (parent === undefined || parent === null || agent.parent === parent);
}

/** By any name of a container, else by the beginning of a name or an id. In a container, all there is to ask for is that one. */
function containerFilter(
  named: string | undefined,
  scope: Scope,
  { agents, wireContainerId }: Services,
): (agent: RegisteredAgent) => boolean {
  if (scope.kind === 'container') {
    if (named !== undefined) requireScope(scope, agents.resolveContainer(named) ?? named);
    return ({ container }) => container === scope.container;
  }
  if (named === undefined) return () => true;
  const only = agents.resolveContainer(named);
  if (only !== undefined) return ({ container }) => container === only;
  return ({ container }) =>
    container.startsWith(named) || wireContainerId(container).startsWith(named);
}

function byPlace(a: RegisteredAgent, b: RegisteredAgent): number {
  return (
    Number(b.active) - Number(a.active) ||
    compare(a.container, b.container) ||
    compare(a.parent ?? '', b.parent ?? '') ||
    compare(a.label, b.label) ||
    compare(a.agentId, b.agentId)
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** An agent as the wire has it. */
export function toView(
  agent: RegisteredAgent,
  { agents, wireContainerId, states }: Services,
): AgentView {
  return toAgentView(agent, {
    ownSocket: (id) => agents.panes.ownSocket(id),
    stateOf: (id) => states.reader.stateOf(id),
    containerId: wireContainerId,
    benchUser: (id) => agents.panes.benchUser(id),
  });
}

function toChangeView(change: AgentChange): AgentChangeView {
  return {
    agent_id: change.agentId,
    field: change.field,
    prior_value: change.priorValue,
    new_value: change.newValue,
    effective_permissions: toPermissionsView(change.permissions),
    audit_appended: change.audited,
  };
}
