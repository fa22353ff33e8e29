import {
  type AgentChange,
  setCapability,
  setLabel,
  setRole,
} from '../../../agents/change-agent.ts';
import type { RegisteredAgent } from '../../../agents/ports.ts';
import { register } from '../../../agents/registry.ts';
import { refuse } from '../../../domain/errors.ts';
import type { AgentChangeView, AgentView, PaneKeyView, RegisteredView } from '../agent-protocol.ts';
import type { Method, Params, Peer } from '../method.ts';
import { defineMethod } from '../params.ts';
import { toAgentView, toPermissionsView } from './agent-views.ts';
import { containerOf, PANE_KEY_SCHEMA, toAddress } from './pane-key.ts';
import type { Services } from './services.ts';

interface RegisterParams {
  /** The caller's own container when absent. */
  readonly container_id?: string;
  readonly pane_composite_key: PaneKeyView;
  readonly role?: string;
  readonly capability?: string;
  readonly label?: string;
  readonly project_path?: string;
  readonly parent_agent_id?: string;
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
    schema_version: { type: 'integer' },
  },
} as const;

const changeSchema = (field: string, more: object = {}) => ({
  type: 'object',
  required: ['agent_id', field],
  additionalProperties: false,
  properties: { agent_id: TEXT, [field]: TEXT, schema_version: { type: 'integer' }, ...more },
});

/** The registry: who works where, and what they may do. */
export function agentMethods(services: Services): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    [
      'register_agent',
      defineMethod<RegisterParams>({
        schema: REGISTER_SCHEMA,
        run: (params, { peer }) => registerAgent(params, peer, services),
      }),
    ],
    ['list_agents', { run: (params) => listAgents(params, services) }],
    [
      'set_role',
      defineMethod<{ agent_id: string; role: string; confirm?: boolean }>({
        schema: changeSchema('role', { confirm: { type: 'boolean' } }),
        run: ({ agent_id: agentId, role, confirm = false }, { peer }) =>
          toChangeView(
            setRole({ agentId, role, confirm, peerUid: peer.uid }, services.registry.store),
          ),
      }),
    ],
    [
      'set_label',
      defineMethod<{ agent_id: string; value: string }>({
        schema: changeSchema('value'),
        run: (params) =>
          toChangeView(setLabel(params.agent_id, params.value, services.registry.store)),
      }),
    ],
    [
      'set_capability',
      defineMethod<{ agent_id: string; value: string }>({
        schema: changeSchema('value'),
        run: (params) =>
          toChangeView(setCapability(params.agent_id, params.value, services.registry.store)),
      }),
    ],
  ]);
}

async function registerAgent(
  params: RegisterParams,
  peer: Peer,
  services: Services,
): Promise<RegisteredView> {
  const key = params.pane_composite_key;
  const container = params.container_id ?? key.container_id ?? containerOf(peer, services);
  const address = toAddress(key, container);
  const said = {
    role: params.role,
    capability: params.capability,
    label: params.label,
    projectPath: params.project_path,
    parent: params.parent_agent_id,
  };
  const { agent, outcome } = await register(address, said, services.registry);
  return { ...toView(agent, services), created_or_reactivated: outcome };
}

const FILTERS = ['role', 'container_id', 'active_only', 'parent_agent_id', 'schema_version'];

function listAgents(
  params: Params,
  services: Services,
): { readonly filter: object; readonly agents: readonly AgentView[] } {
  const unknown = Object.keys(params).find((key) => !FILTERS.includes(key));
  if (unknown !== undefined) {
    throw refuse('unknown_filter', `there is no filter "${unknown}"; use ${FILTERS.join(', ')}`, {
      filter: unknown,
    });
  }
  const { schema_version: _version, ...filter } = params;
  const keep = toFilter(filter);
  const agents = services.registry.store.registry.agents().filter(keep).toSorted(byPlace);
  return { filter, agents: agents.map((agent) => toView(agent, services)) };
}

function toFilter(filter: Params): (agent: RegisteredAgent) => boolean {
  const {
    role,
    container_id: container,
    active_only: activeOnly,
    parent_agent_id: parent,
  } = filter;
  const roles = role === undefined || role === null ? undefined : [role].flat();
  return (agent) =>
    (roles === undefined || roles.includes(agent.role)) &&
    (typeof container !== 'string' || agent.container.startsWith(container)) &&
    (activeOnly !== true || agent.active) &&
    (typeof parent !== 'string' || agent.parent === parent);
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
  { registry, containers, states }: Services,
): AgentView {
  return toAgentView(agent, {
    ownSocket: (id) => registry.panes.ownSocket(id),
    stateOf: (id) => states.reader.stateOf(id),
    containerName: (id) => containers().find((each) => each.id === id)?.name ?? id,
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
