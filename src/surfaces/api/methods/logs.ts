import { attachLog, detachLog } from '../../../agents/logs/attach.ts';
import { followLog } from '../../../agents/logs/follow.ts';
import { openLineView, tailPlace } from '../../../agents/logs/tail.ts';
import type { RegisteredAgent } from '../../../agents/ports.ts';
import { refuse } from '../../../domain/errors.ts';
import type { LogPieceView } from '../log-protocol.ts';
import type { CallContext, Method } from '../method.ts';
import { defineAgentMethod } from '../params.ts';
import { targetWithin } from './find-agent.ts';
import { toAttachedView, toAttachmentView, toStatusView } from './log-views.ts';
import type { LogServices, Services } from './services.ts';
import { defineVersionedMethod, SCHEMA_VERSION } from './versioned-method.ts';

interface AgentParams {
  /** Or the label of an active agent, or a place. */
  readonly agent_id: string;
}

interface AttachParams extends AgentParams {
  readonly log_path?: string | null;
}

interface PreviewParams extends AgentParams {
  readonly lines: number;
}

interface StreamParams {
  readonly target: string;
  readonly tail?: number;
  readonly raw?: boolean;
  readonly follow?: boolean;
}

const TEXT = { type: 'string', minLength: 1 } as const;
const PREVIEW_MAX = 200;
const DEFAULT_TAIL = 100;

const agentSchema = (more: object = {}, required: readonly string[] = []) => ({
  type: 'object',
  required: ['agent_id', ...required],
  additionalProperties: false,
  properties: { agent_id: TEXT, ...SCHEMA_VERSION, ...more },
});

const STREAM_SCHEMA = {
  type: 'object',
  required: ['target'],
  additionalProperties: false,
  properties: {
    target: TEXT,
    tail: { type: 'integer', minimum: 0, maximum: 1_000_000 },
    raw: { type: 'boolean' },
    follow: { type: 'boolean' },
  },
} as const;

/** Logs of agents: attached, looked at, followed. */
export function logMethods(services: Services): ReadonlyMap<string, Method> {
  const { logs } = services;
  const preview = agentSchema({ lines: { type: 'integer', minimum: 1, maximum: PREVIEW_MAX } }, [
    'lines',
  ]);
  return new Map<string, Method>([
    [
      'attach_log',
      defineVersionedMethod<AttachParams>(services, {
        access: 'host',
        schema: agentSchema({ log_path: { type: ['string', 'null'] } }),
        run: (params, context) => attach(params, context, services),
      }),
    ],
    [
      'detach_log',
      defineVersionedMethod<AgentParams>(services, {
        access: 'host',
        schema: agentSchema(),
        run: async ({ agent_id }, { peer, scope }) => {
          const agent = targetWithin(scope, agent_id, services);
          const attachment = await detachLog({ agent, uid: peer.uid }, logs);
          return toAttachmentView(attachment, reachedOf(attachment, logs));
        },
      }),
    ],
    [
      'attach_log_status',
      defineVersionedMethod<AgentParams>(services, {
        access: 'host',
        schema: agentSchema(),
        run: ({ agent_id }, { scope }) => {
          const { agentId } = targetWithin(scope, agent_id, services);
          const attachment = logs.store.logs.attachmentOf(agentId);
          return toStatusView(agentId, attachment, attachment && reachedOf(attachment, logs));
        },
      }),
    ],
    [
      'attach_log_preview',
      defineVersionedMethod<PreviewParams>(services, {
        access: 'host',
        schema: preview,
        run: (params, context) => showPreview(params, context, services),
      }),
    ],
    [
      'log.stream',
      defineAgentMethod<StreamParams>({
        access: 'host',
        schema: STREAM_SCHEMA,
        streams: true,
        run: (params, context) => streamLog(params, context, services),
      }),
    ],
  ]);
}

async function attach(
  { agent_id, log_path }: AttachParams,
  { peer, scope }: CallContext,
  services: Services,
) {
  const { logs } = services;
  const agent = targetWithin(scope, agent_id, services);
  const path = log_path ?? undefined;
  const request = {
    agent,
    uid: peer.uid,
    source: 'explicit',
    ...(path !== undefined && { path }),
  } as const;
  const attached = await attachLog(request, logs);
  return toAttachedView(attached, reachedOf(attached.attachment, logs));
}

async function showPreview(
  { agent_id, lines }: PreviewParams,
  { signal, scope }: CallContext,
  services: Services,
): Promise<{ readonly lines: readonly string[] }> {
  const path = pathOf(targetWithin(scope, agent_id, services), services.logs);
  const shown: string[] = [];
  const view = openLineView((line) => shown.push(line));
  for await (const piece of follow(path, { tail: lines, isEndless: false, signal }, services)) {
    view.write(piece);
    // More may have come since the end was looked for.
    shown.splice(0, shown.length - lines);
  }
  const rest = view.rest();
  return { lines: (rest === '' ? shown : [...shown, rest]).slice(-lines) };
}

/** Sends a log's last lines and, if asked, every one that follows. */
async function streamLog(
  params: StreamParams,
  context: CallContext,
  services: Services,
): Promise<{ readonly log_path: string }> {
  const path = pathOf(targetWithin(context.scope, params.target, services), services.logs);
  const { tail = DEFAULT_TAIL, follow: isEndless = false } = params;
  const pieces = follow(path, { tail, isEndless, signal: context.signal }, services);
  const events = params.raw === true ? toRaw(pieces) : toLines(pieces, isEndless);
  for await (const event of events) {
    if (!(await context.stream(event))) break;
  }
  return { log_path: path };
}

async function* toRaw(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<LogPieceView> {
  for await (const piece of pieces) yield { raw: Buffer.from(piece).toString('base64') };
}

/** Of a log that is followed, a line that is not ended yet is never shown: the rest of it may make it a secret. */
async function* toLines(
  pieces: AsyncIterable<Uint8Array>,
  isEndless: boolean,
): AsyncGenerator<LogPieceView> {
  const lines: string[] = [];
  const view = openLineView((line) => lines.push(line));
  for await (const piece of pieces) {
    view.write(piece);
    if (lines.length > 0) yield { lines: lines.splice(0) };
  }
  const rest = isEndless ? '' : view.rest();
  if (rest !== '') yield { lines: [rest] };
}

function follow(
  path: string,
  wanted: { readonly tail: number; readonly isEndless: boolean; readonly signal: AbortSignal },
  { logs, clock }: Services,
) {
  const { tail, isEndless, signal } = wanted;
  const place = tailPlace(logs.files, path, tail);
  if (place !== undefined) {
    return followLog(place, { files: logs.files, clock, isEndless, signal });
  }
  throw refuse('log_file_missing', `the log ${path} is not there; attach it again to begin anew`, {
    path,
  });
}

function pathOf({ agentId }: RegisteredAgent, { store }: LogServices): string {
  const attachment = store.logs.attachmentOf(agentId);
  if (attachment !== undefined) return attachment.path;
  throw refuse(
    'attachment_not_found',
    `${agentId} has no log; attach one with: agenttower attach-log --target ${agentId}`,
    { agent_id: agentId },
  );
}

function reachedOf(
  { agentId, path }: { readonly agentId: RegisteredAgent['agentId']; readonly path: string },
  { store }: LogServices,
) {
  return store.logs.reached(agentId, path);
}
