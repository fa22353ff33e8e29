import { requireAgent } from '../../../agents/registry.ts';
import type { HookReport } from '../../../agents/state/hook-rules.ts';
import type { Scope } from '../../../declare/managed/scope.ts';
import { toTimestamp } from '../../../lib/clock.ts';
import type { AgentDetailView, HeardView, PaneKeyView } from '../agent-protocol.ts';
import type { Method } from '../method.ts';
import { defineAgentMethod } from '../params.ts';
import { toView } from './agents.ts';
import { targetWithin } from './find-agent.ts';
import { findCaller, PANE_KEY_SCHEMA } from './pane-key.ts';
import type { Services } from './services.ts';

interface HookParams extends Omit<HookReport, 'prompt'> {
  /** The pane the hook runs in; whose container that is, the connection says. */
  readonly pane_composite_key: PaneKeyView;
  readonly prompt?: { readonly sha256: string; readonly message_id?: string };
}

interface DescribeParams {
  readonly target: string;
  readonly look?: boolean;
}

const WORD = { type: 'string', minLength: 1, maxLength: 64 } as const;
const { container_id: _container, ...PANE_FIELDS } = PANE_KEY_SCHEMA.properties;
const HOOK_SCHEMA = {
  type: 'object',
  required: ['pane_composite_key', 'event'],
  additionalProperties: false,
  properties: {
    pane_composite_key: {
      ...PANE_KEY_SCHEMA,
      required: ['tmux_socket_path', 'tmux_pane_id'],
      properties: PANE_FIELDS,
    },
    event: WORD,
    notification: WORD,
    reason: WORD,
    tool: WORD,
    session: WORD,
    prompt: {
      type: 'object',
      required: ['sha256'],
      additionalProperties: false,
      properties: {
        sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
        message_id: { type: 'string', pattern: '^[0-9a-f-]{36}$' },
      },
    },
  },
} as const;

/** What agents do: as their own programs tell, and as it is concluded. */
export function agentStateMethods(services: Services): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    [
      'agent.hook',
      defineAgentMethod<HookParams>({
        access: 'own-container',
        schema: HOOK_SCHEMA,
        run: (params, { scope }) => hear(params, scope, services),
      }),
    ],
    [
      'agent.describe',
      defineAgentMethod<DescribeParams>({
        access: 'own-container',
        schema: {
          type: 'object',
          required: ['target'],
          additionalProperties: false,
          properties: { target: { type: 'string', minLength: 1 }, look: { type: 'boolean' } },
        },
        run: (params, { scope }) => describe(params, scope, services),
      }),
    ],
  ]);
}

function hear(params: HookParams, scope: Scope, services: Services): HeardView {
  const { pane_composite_key, ...said } = params;
  const find = () => findCaller({ pane_composite_key }, scope, services)?.agentId;
  const agent = find();
  const { keeper } = services.states;
  if (agent === undefined) {
    keeper.hearEarly(find, toReport(said));
    return { agent_id: null, state: null };
  }
  return { agent_id: agent, state: keeper.hear(agent, toReport(said))?.state ?? null };
}

function toReport({ prompt, ...words }: Omit<HookParams, 'pane_composite_key'>): HookReport {
  if (prompt === undefined) return words;
  return { ...words, prompt: { sha256: prompt.sha256, messageId: prompt.message_id } };
}

/** One agent with all that is said of its state. With `look`, its screen is read first. */
async function describe(
  { target, look = false }: DescribeParams,
  scope: Scope,
  services: Services,
): Promise<AgentDetailView> {
  const { agents, states } = services;
  const { agentId } = targetWithin(scope, target, services);
  if (look) await states.keeper.look(agentId);
  const evidence = states.reader.evidenceOf(agentId).map(({ source, state, at, detail }) => ({
    source,
    state,
    at: toTimestamp(at),
    detail,
  }));
  return { ...toView(requireAgent(agentId, agents.store), services), state_evidence: evidence };
}
