import { auditAttachment } from '../../domain/attachment-events.ts';
import { refuse } from '../../domain/errors.ts';
import { toTarget } from '../pane-target.ts';
import type { AgentStore, InputTarget, RegisteredAgent } from '../ports.ts';
import type {
  Attachment,
  AttachmentSource,
  AttachmentState,
  LogPath,
  LogPaths,
  LogStore,
  PanePipes,
  PipeMode,
} from './ports.ts';

export interface AttachDeps {
  readonly store: LogStore & Pick<AgentStore, 'registry'>;
  readonly pipes: PanePipes;
  readonly paths: LogPaths;
}

export interface AttachRequest {
  readonly agent: RegisteredAgent;
  /** The agent's standard log when absent. */
  readonly path?: string;
  readonly source: AttachmentSource;
  /** Who asks; −1 when the daemon itself does. */
  readonly uid: number;
}

export interface Attached {
  readonly attachment: Attachment;
  /** The attachment did not exist before. */
  readonly isNew: boolean;
  readonly priorState: AttachmentState | undefined;
}

/**
 * Has what the agent prints copied to a file that is read from then on. Asking again changes nothing, and starts a copy
 * anew that had ended.
 * @throws `agent_inactive`, `log_path_invalid`, `log_path_not_host_visible`, `log_path_in_use`, `pipe_pane_failed`.
 */
export async function attachLog(request: AttachRequest, deps: AttachDeps): Promise<Attached> {
  const { agent, source, uid } = request;
  const { store, pipes } = deps;
  const target = requirePane(agent);
  const log = choosePath(request, deps);
  const before = store.logs.attachmentOf(agent.agentId);
  const mode = modeFor(before, log);
  // Recorded first: should we die before the pane is copied, it is copied when we are back.
  const attachment = store.transact((tx) => {
    const made = tx.attachLog(agent.agentId, log.path, source);
    if (mode !== 'keep') tx.emit(auditAttachment({ before, after: made, uid }));
    return made;
  });
  const outcome = await pipes.pipe(target, { path: log.inside, mode });
  if (outcome.kind === 'done') {
    const isNew = attachment.attachmentId !== before?.attachmentId;
    return { attachment, isNew, priorState: before?.state };
  }
  if (outcome.kind !== 'unknown') {
    store.transact((tx) => {
      tx.setAttachmentState(attachment.attachmentId, 'detached');
      tx.emit(
        auditAttachment({ before: attachment, after: { ...attachment, state: 'detached' }, uid }),
      );
    });
  }
  throw pipeFailed(agent, outcome.message);
}

/**
 * Ends the copy. What was copied stays, and so does how far it was read.
 * @throws `attachment_not_found`, `pipe_pane_failed`.
 */
export async function detachLog(
  { agent, uid }: Pick<AttachRequest, 'agent' | 'uid'>,
  { store, pipes }: AttachDeps,
): Promise<Attachment> {
  const before = store.logs.attachmentOf(agent.agentId);
  if (before === undefined || before.state === 'detached') throw noAttachment(agent);
  const target = toTarget(agent);
  if (agent.active && target !== undefined) {
    const outcome = await pipes.pipe(target, { mode: 'replace' });
    if (outcome.kind === 'error' || outcome.kind === 'unknown') {
      throw pipeFailed(agent, outcome.message);
    }
  }
  store.transact((tx) => {
    tx.setAttachmentState(before.attachmentId, 'detached');
    tx.emit(auditAttachment({ before, after: { ...before, state: 'detached' }, uid }));
  });
  return store.logs.attachmentOf(agent.agentId) ?? before;
}

/** Starts copies again that ended without our doing: their panes stand, and nobody copies them. */
export async function keepCopying(deps: AttachDeps, agent: RegisteredAgent): Promise<void> {
  const { store, pipes, paths } = deps;
  const attachment = store.logs.attachmentOf(agent.agentId);
  const target = toTarget(agent);
  if (!agent.active || target === undefined || attachment?.state !== 'active') return;
  const standard = paths.standard(agent.container, agent.agentId);
  const isStandard = 'path' in standard && standard.path === attachment.path;
  const log = isStandard ? standard : paths.chosen(agent.container, attachment.path);
  await pipes.pipe(target, { path: log.inside, mode: 'keep' });
}

/** The file a request means, made if it is missing. Throws `log_path_…`. */
export function choosePath(
  {
    agent,
    path,
  }: { readonly agent: Pick<RegisteredAgent, 'agentId' | 'container'>; readonly path?: string },
  { store, paths }: AttachDeps,
): LogPath {
  const log =
    path === undefined
      ? paths.standard(agent.container, agent.agentId)
      : paths.chosen(agent.container, path);
  if ('problem' in log) {
    const details = { path: '', container: agent.container };
    throw refuse('log_path_not_host_visible', log.problem, details);
  }
  const writer = store.logs.writerOf(log.path);
  if (writer === undefined || writer === agent.agentId) return log;
  throw refuse(
    'log_path_in_use',
    `${log.path} is the log of ${writer}; choose another file, or detach that one first`,
    { path: log.path, agent_id: writer },
  );
}

/** What is done about a copy that the pane may have already. */
export function modeFor(before: Attachment | undefined, log: LogPath): PipeMode {
  if (before === undefined || before.state === 'detached') return 'refuse';
  return before.state === 'active' && before.path === log.path ? 'keep' : 'replace';
}

function requirePane(agent: RegisteredAgent): InputTarget {
  const target = agent.active ? toTarget(agent) : undefined;
  if (target !== undefined) return target;
  const { agentId } = agent;
  throw refuse('agent_inactive', `${agentId} is not active: its pane is gone`, {
    agent_id: agentId,
  });
}

export function pipeFailed({ agentId }: Pick<RegisteredAgent, 'agentId'>, problem: string) {
  return refuse('pipe_pane_failed', `the pane of ${agentId} cannot be copied: ${problem}`, {
    agent_id: agentId,
    problem,
  });
}

function noAttachment({ agentId }: RegisteredAgent) {
  return refuse(
    'attachment_not_found',
    `${agentId} has no log attached; attach one with: agenttower attach-log --target ${agentId}`,
    { agent_id: agentId },
  );
}
