import { toBody } from '../../../agents/envelope.ts';
import { approveConfirmed, cancel, delay } from '../../../agents/operate-queue.ts';
import { enqueue, type Sender } from '../../../agents/queue.ts';
import type { Scope } from '../../../declare/managed/scope.ts';
import { HOST_OPERATOR } from '../../../domain/agents.ts';
import { refuse } from '../../../domain/errors.ts';
import { isSettled, MESSAGE_STATES, type MessageState } from '../../../domain/messages.ts';
import type { CallerPaneView, MessageView, SentView } from '../agent-protocol.ts';
import type { CallContext, Method } from '../method.ts';
import { defineAgentMethod } from '../params.ts';
import { MAX_PROMPT_REQUEST_BYTES } from '../protocol.ts';
import { targetWithin } from './find-agent.ts';
import { toMessageView } from './message-views.ts';
import { CALLER_SCHEMA, findCaller } from './pane-key.ts';
import type { Services } from './services.ts';

const TEXT = { type: 'string', minLength: 1 } as const;
const DEFAULT_WAIT_SECONDS = 10;

interface SendParams {
  readonly target: string;
  readonly body_bytes: string;
  readonly wait?: boolean;
  readonly wait_timeout_seconds?: number;
  readonly caller_pane?: CallerPaneView | null;
  readonly as_operator?: boolean;
  readonly raw?: boolean;
}

const SEND_SCHEMA = {
  type: 'object',
  required: ['target', 'body_bytes'],
  additionalProperties: false,
  properties: {
    target: TEXT,
    body_bytes: { type: 'string' },
    wait: { type: 'boolean' },
    wait_timeout_seconds: { type: 'number', minimum: 0, maximum: 300 },
    caller_pane: CALLER_SCHEMA,
    as_operator: { type: 'boolean' },
    raw: { type: 'boolean' },
  },
} as const;

interface ListParams {
  readonly state?: MessageState;
  readonly target?: string;
  readonly sender?: string;
  readonly since?: string;
  readonly origin?: string;
  readonly limit?: number;
}

const LIST_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    state: { enum: MESSAGE_STATES },
    target: TEXT,
    sender: TEXT,
    since: TEXT,
    origin: TEXT,
    limit: { type: 'integer', minimum: 1, maximum: 1_000 },
  },
} as const;

interface OperateParams {
  readonly message_id: string;
  readonly caller_pane?: CallerPaneView | null;
}

const OPERATE_SCHEMA = {
  type: 'object',
  required: ['message_id'],
  additionalProperties: false,
  properties: { message_id: TEXT, caller_pane: CALLER_SCHEMA },
} as const;

/** Prompts: sending them, seeing what became of them, holding them back. */
export function queueMethods(services: Services): ReadonlyMap<string, Method> {
  const operate = (act: typeof approveConfirmed | typeof delay): Method =>
    defineAgentMethod<OperateParams>({
      access: 'host',
      schema: OPERATE_SCHEMA,
      run: async (params, { scope }) => {
        const by = operatorOf(params, scope, services);
        return toMessageView(await act(params.message_id, by, services.queue));
      },
    });
  return new Map<string, Method>([
    [
      'queue.send_input',
      defineAgentMethod<SendParams>({
        access: 'own-container',
        schema: SEND_SCHEMA,
        maxBytes: MAX_PROMPT_REQUEST_BYTES,
        run: (params, context) => send(params, context, services),
      }),
    ],
    [
      'queue.list',
      defineAgentMethod<ListParams>({
        access: 'host',
        schema: LIST_SCHEMA,
        run: (params, { scope }) => list(params, scope, services),
      }),
    ],
    ['queue.approve', operate(approveConfirmed)],
    ['queue.delay', operate(delay)],
    ['queue.cancel', operate(cancel)],
  ]);
}

async function send(
  params: SendParams,
  context: CallContext,
  services: Services,
): Promise<SentView> {
  const { queue } = services;
  const sender = senderOf(params, context.scope, services);
  const target = targetWithin(context.scope, params.target, services);
  const body = toBody(fromBase64(params.body_bytes));
  const { id } = enqueue({ sender, target, body, raw: params.raw === true }, queue);
  const { wait = true, wait_timeout_seconds: seconds = DEFAULT_WAIT_SECONDS } = params;
  const waited = wait && (await waitUntilSettled(id, seconds * 1_000, context.signal, services));
  const message = queue.store.messages.message(id);
  if (message === undefined) throw new Error(`message ${id} has vanished`);
  return { ...toMessageView(message), waited_to_terminal: waited };
}

/** Whatever is no base64 would be left out silently. Throws `bad_request`. */
function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '')) return bytes;
  const [field, reason] = ['body_bytes', 'is not base64'];
  throw refuse('bad_request', `params: ${field} ${reason}`, { field, reason });
}

/** Resolves true once nothing more will become of the message by itself, false when the time is up. */
async function waitUntilSettled(
  id: string,
  timeoutMs: number,
  clientGone: AbortSignal,
  { queue, nextCommit }: Services,
): Promise<boolean> {
  const isOver = (): boolean => {
    const message = queue.store.messages.message(id);
    return message === undefined || message.state === 'blocked' || isSettled(message);
  };
  const timeUp = new AbortController();
  const signal = AbortSignal.any([clientGone, timeUp.signal]);
  const timer = queue.clock.sleep(timeoutMs, signal).then(() => timeUp.abort());
  while (!signal.aborted && !isOver()) await nextCommit(signal);
  timeUp.abort();
  await timer;
  return isOver();
}

function senderOf(params: SendParams, scope: Scope, services: Services): Sender {
  const caller = params.caller_pane ?? undefined;
  if (caller === undefined) {
    if (params.as_operator === true && scope.kind === 'host') return HOST_OPERATOR;
    throw refuse(
      'sender_not_in_pane',
      'prompts are sent from the pane of a master; on the host, add --operator to send one as its operator',
      {},
    );
  }
  const agent = findCaller(caller, scope, services);
  if (agent !== undefined) return agent;
  throw refuse(
    'sender_role_not_permitted',
    'the pane this was sent from has no active agent; register it: agenttower register-self',
    { agent_id: caller.agent_id ?? '' },
  );
}

function operatorOf(
  { caller_pane: caller }: OperateParams,
  scope: Scope,
  services: Services,
): string {
  if (caller === undefined || caller === null) return HOST_OPERATOR;
  const agent = findCaller(caller, scope, services);
  if (agent !== undefined) return agent.agentId;
  throw refuse('operator_pane_inactive', 'the pane this was asked from has no active agent', {
    agent_id: caller.agent_id ?? '',
  });
}

function list(
  params: ListParams,
  scope: Scope,
  services: Services,
): { readonly rows: readonly MessageView[]; readonly next_cursor: null } {
  const { state, origin, since, limit = 100 } = params;
  if (origin !== undefined && origin !== 'direct' && origin !== 'route') {
    throw refuse('queue_origin_invalid', `there is no origin "${origin}": use direct or route`, {
      origin,
    });
  }
  const idOf = (target: string): string =>
    target === HOST_OPERATOR ? target : targetWithin(scope, target, services).agentId;
  const rows = services.queue.store.messages.list({
    state,
    origin,
    limit,
    target: params.target === undefined ? undefined : idOf(params.target),
    sender: params.sender === undefined ? undefined : idOf(params.sender),
    since: since === undefined ? undefined : parseTime(since),
  });
  return { rows: rows.map(toMessageView), next_cursor: null };
}

function parseTime(since: string): number {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(since);
  const at = isTime ? Date.parse(since) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw refuse('since_invalid_format', `"${since}" is no time; write it as 2026-01-31T08:00:00Z`, {
    since,
  });
}
